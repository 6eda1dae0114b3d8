"""The key-value engine with versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..common.clock import rfc3339
from ..common.exchange import Reply
from .call import Call
from .key_value import listed
from .replies import empty, envelope, error, errors, number, reply, seconds

NOT_VERSIONED_PATH = (
    "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. "
    "If using the Vault CLI, use 'vault kv get' for this operation."
)
DEFAULT_VERSIONS = 10


@dataclass
class Version:
    data: dict[str, Any] | None
    created: float
    deleted: float | None = None  # when; may lie ahead
    destroyed: bool = False

    def readable(self, now: float) -> bool:
        return not self.destroyed and (self.deleted is None or self.deleted > now)

    def described(self) -> dict[str, Any]:
        return {
            "created_time": rfc3339(self.created, 9),
            "deletion_time": "" if self.deleted is None else rfc3339(self.deleted, 9),
            "destroyed": self.destroyed,
        }


@dataclass
class Secret:
    created: float
    updated: float
    versions: dict[int, Version] = field(default_factory=dict)
    current: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    custom_metadata: dict[str, str] | None = None


class Versioned:
    """KV version 2."""

    version = 2

    def __init__(self, cas_required: bool = False) -> None:
        self._secrets: dict[str, Secret] = {}
        self._settings: dict[str, Any] = {
            "cas_required": cas_required,
            "max_versions": 0,
            "delete_version_after": "0s",
        }

    def has(self, path: str) -> bool:
        kind, _, name = path.partition("/")
        return name in self._secrets if kind in ("data", "metadata") else True

    def handle(self, call: Call, path: str) -> Reply:
        kind, _, name = path.partition("/")
        if kind == "config":
            return self._configure(call)
        if kind == "metadata" and call.operation == "list":
            return listed(name, self._secrets)
        handlers = {
            ("data", "read"): self._read,
            ("data", "write"): self._write,
            ("data", "patch"): self._patch,
            ("data", "delete"): self._delete_newest,
            ("delete", "write"): self._delete,
            ("undelete", "write"): self._undelete,
            ("destroy", "write"): self._destroy,
            ("metadata", "read"): self._read_metadata,
            ("metadata", "write"): self._write_metadata,
            ("metadata", "patch"): self._patch_metadata,
            ("metadata", "delete"): self._remove,
            ("subkeys", "read"): self._subkeys,
        }
        handler = handlers.get((kind, call.operation))
        if handler and name:
            return handler(call, name)
        if any(known == kind for known, _ in handlers):
            raise error(405, "unsupported operation")
        return reply({"errors": [], "warnings": [NOT_VERSIONED_PATH]}, 404)

    # MARK: data

    def _version(self, call: Call, name: str) -> tuple[Secret, int, Version] | None:
        secret = self._secrets.get(name)
        asked = number(call.request.query.get("version", "0"))
        chosen = asked or (secret.current if secret else 0)
        if secret is None or chosen not in secret.versions:
            return None
        return secret, chosen, secret.versions[chosen]

    def _read(self, call: Call, name: str) -> Reply:
        found = self._version(call, name)
        if found is None:
            return errors(404)
        secret, chosen, version = found
        readable = version.readable(call.now)
        data = {
            "data": version.data if readable else None,
            "metadata": {**version.described(), "custom_metadata": secret.custom_metadata, "version": chosen},
        }
        return envelope(data, status=200 if readable else 404)

    def _subkeys(self, call: Call, name: str) -> Reply:
        found = self._version(call, name)
        if found is None:
            return errors(404)
        secret, chosen, version = found
        readable = version.readable(call.now)
        data = {
            "subkeys": _skeleton(version.data) if readable else None,
            "metadata": {**version.described(), "custom_metadata": secret.custom_metadata, "version": chosen},
        }
        return envelope(data, status=200 if readable else 404)

    def _write(self, call: Call, name: str) -> Reply:
        data = call.body.get("data")
        if not isinstance(data, dict):
            raise error(400, "no data provided")
        self._check_and_set(call, name)
        return self._written(name, self.put(name, data, call.now))

    def _patch(self, call: Call, name: str) -> Reply:
        if call.request.headers.get("content-type") != "application/merge-patch+json":
            raise error(415, "PATCH requires Content-Type application/merge-patch+json")
        secret = self._secrets.get(name)
        newest = secret.versions.get(secret.current) if secret else None
        if secret is None or newest is None or not newest.readable(call.now):
            return errors(404)
        self._check_and_set(call, name)
        return self._written(name, self.put(name, _merged(newest.data, call.body.get("data")), call.now))

    def _written(self, name: str, chosen: int) -> Reply:
        secret = self._secrets[name]
        described = secret.versions[chosen].described()
        return envelope({**described, "custom_metadata": secret.custom_metadata, "version": chosen})

    def _check_and_set(self, call: Call, name: str) -> None:
        secret = self._secrets.get(name)
        demanded = self._settings["cas_required"] or (secret and secret.settings.get("cas_required"))
        options = call.body.get("options") or {}
        if "cas" not in options:
            if demanded:
                raise error(400, "check-and-set parameter required for this call")
        elif number(options["cas"], -1) != (secret.current if secret else 0):
            raise error(400, "check-and-set parameter did not match the current version")

    # MARK: deletion

    def _delete_newest(self, call: Call, name: str) -> Reply:
        secret = self._secrets.get(name)
        if secret and (newest := secret.versions.get(secret.current)) and newest.readable(call.now):
            newest.deleted = call.now
        return empty()

    def _named_versions(self, call: Call, name: str) -> list[Version]:
        numbers = call.body.get("versions") or []
        if not numbers:
            raise error(400, "No version number provided")
        versions = self._secrets[name].versions if name in self._secrets else {}
        return [versions[number(each)] for each in numbers if number(each) in versions]

    def _delete(self, call: Call, name: str) -> Reply:
        for version in self._named_versions(call, name):
            if version.readable(call.now):
                version.deleted = call.now
        return empty()

    def _undelete(self, call: Call, name: str) -> Reply:
        for version in self._named_versions(call, name):
            version.deleted = None
        return empty()

    def _destroy(self, call: Call, name: str) -> Reply:
        for version in self._named_versions(call, name):
            version.data, version.destroyed = None, True
        return empty()

    def _remove(self, call: Call, name: str) -> Reply:
        self.remove(name)
        return empty()

    # MARK: metadata

    def _read_metadata(self, call: Call, name: str) -> Reply:
        secret = self._secrets.get(name)
        if secret is None:
            return errors(404)
        return envelope(
            {
                "cas_required": secret.settings.get("cas_required", False),
                "created_time": rfc3339(secret.created, 9),
                "current_version": secret.current,
                "custom_metadata": secret.custom_metadata,
                "delete_version_after": secret.settings.get("delete_version_after", "0s"),
                "max_versions": number(secret.settings.get("max_versions", 0)),
                "oldest_version": min(secret.versions, default=0),
                "updated_time": rfc3339(secret.updated, 9),
                "versions": {str(key): version.described() for key, version in secret.versions.items()},
            }
        )

    def _write_metadata(self, call: Call, name: str) -> Reply:
        custom = call.body.get("custom_metadata")
        _check_custom_metadata(custom)
        secret = self._secrets.setdefault(name, Secret(call.now, call.now))
        if "custom_metadata" in call.body:
            secret.custom_metadata = custom
        self._settings_of(secret, call)
        return empty()

    def _patch_metadata(self, call: Call, name: str) -> Reply:
        secret = self._secrets.get(name)
        if secret is None:
            return errors(404)
        if "custom_metadata" in call.body:
            custom = _merged(secret.custom_metadata or {}, call.body["custom_metadata"])
            _check_custom_metadata(custom)
            secret.custom_metadata = custom
        self._settings_of(secret, call)
        return empty()

    @staticmethod
    def _settings_of(secret: Secret, call: Call) -> None:
        for setting in ("cas_required", "delete_version_after", "max_versions"):
            if setting in call.body:
                secret.settings[setting] = call.body[setting]

    def _configure(self, call: Call) -> Reply:
        if call.operation == "read":
            return envelope(self._settings)
        self._settings |= {key: value for key, value in call.body.items() if key in self._settings}
        return empty()

    # MARK: commands

    def put(self, name: str, data: dict[str, Any], now: float, custom_metadata: dict[str, str] | None = None) -> int:
        secret = self._secrets.setdefault(name, Secret(now, now))
        after = seconds(secret.settings.get("delete_version_after")) or seconds(
            self._settings["delete_version_after"]
        )
        secret.current += 1
        secret.updated = now
        secret.versions[secret.current] = Version(data, now, now + after if after else None)
        if custom_metadata is not None:
            secret.custom_metadata = custom_metadata
        kept = (
            number(secret.settings.get("max_versions")) or number(self._settings["max_versions"]) or DEFAULT_VERSIONS
        )
        for old in sorted(secret.versions)[:-kept]:
            del secret.versions[old]
        return secret.current

    def remove(self, name: str) -> None:
        self._secrets.pop(name, None)

    def stored(self, name: str, now: float) -> dict[str, Any]:
        """What the newest version holds, for tests that look at what was written."""
        secret = self._secrets.get(name)
        if secret is None:
            return {"data": None}
        newest = secret.versions.get(secret.current)
        readable = newest is not None and newest.readable(now)
        return {
            "data": newest.data if newest and readable else None,
            "version": secret.current,
            "custom_metadata": secret.custom_metadata,
        }


def _skeleton(value: Any) -> Any:
    return {name: _skeleton(inner) for name, inner in value.items()} if isinstance(value, dict) else None


def _merged(target: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged


def _check_custom_metadata(custom: Any) -> None:
    if custom is None:
        return
    fits = (
        isinstance(custom, dict)
        and len(custom) <= 64
        and all(isinstance(value, str) and len(key) <= 128 and len(value) <= 512 for key, value in custom.items())
    )
    if not fits:
        raise error(400, "custom_metadata validation failed")
