"""Secrets with versions, as one project holds them: the global ones, and apart from them those of each location."""

from __future__ import annotations

import base64
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from ..common.clock import rfc3339
from .crc32c import crc32c
from .replies import refusal

SECRET_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
LABEL_KEY = re.compile(r"[^\W\dA-Z_][\w-]{0,62}")
LABEL_VALUE = re.compile(r"[\w-]{0,63}")
LARGEST_PAYLOAD = 65_536
MOST_LABELS = 64
_STATES = {"ENABLED": 1, "DISABLED": 2, "DESTROYED": 3}
_UPDATABLE = {"labels", "annotations", "ttl", "expireTime", "topics", "rotation", "versionAliases", "versionDestroyTtl"}


@dataclass
class Version:
    number: int
    payload: bytes
    created: float
    has_checksum: bool
    state: str = "ENABLED"
    etag: str = field(default_factory=lambda: _etag())


@dataclass
class Secret:
    id: str
    name: str  # projects/NUMBER/...
    created: float
    members: dict[str, Any]  # as they were given: replication, labels, annotations
    versions: list[Version] = field(default_factory=list)
    etag: str = field(default_factory=lambda: _etag())

    @property
    def labels(self) -> dict[str, str]:
        return self.members.get("labels") or {}

    def described(self) -> dict[str, Any]:
        set_members = {name: value for name, value in self.members.items() if value}
        return {"name": self.name, "createTime": rfc3339(self.created), "etag": self.etag, **set_members}

    def version_described(self, version: Version, numeric_enums: bool) -> dict[str, Any]:
        return {
            "name": f"{self.name}/versions/{version.number}",
            "createTime": rfc3339(version.created),
            "state": _STATES[version.state] if numeric_enums else version.state,
            "etag": version.etag,
            "clientSpecifiedPayloadChecksum": version.has_checksum,
        }


class Secrets:
    """Those of one location, or the global ones."""

    def __init__(self, parent: str, is_regional: bool):
        self._parent = parent  # projects/NUMBER, or projects/NUMBER/locations/PLACE
        self._is_regional = is_regional
        self._secrets: dict[str, Secret] = {}

    def all(self) -> list[Secret]:
        """Newest first."""
        return sorted(self._secrets.values(), key=lambda secret: secret.created, reverse=True)

    def get(self, id: str) -> Secret:
        if id not in self._secrets:
            raise refusal("NOT_FOUND", f"Secret [{self._parent}/secrets/{id}] not found or has no versions.")
        return self._secrets[id]

    def has(self, id: str) -> bool:
        return id in self._secrets

    def create(self, id: str, body: dict[str, Any], now: float) -> Secret:
        if not SECRET_ID.fullmatch(id):
            raise refusal("INVALID_ARGUMENT", "The provided Secret ID is invalid.")
        if ("replication" in body) == self._is_regional:
            raise refusal("INVALID_ARGUMENT", "The replication is missing, or must not be there for a regional secret.")
        if id in self._secrets:
            raise refusal("ALREADY_EXISTS", f"Secret [{self._parent}/secrets/{id}] already exists.")
        members = {name: body[name] for name in _UPDATABLE | {"replication"} if name in body}
        _check(members)
        secret = Secret(id, f"{self._parent}/secrets/{id}", now, members)
        self._secrets[id] = secret
        return secret

    def update(self, id: str, mask: str, body: dict[str, Any]) -> Secret:
        secret = self.get(id)
        names = [_camel(name.strip()) for name in mask.split(",") if name.strip()]
        if not names or not set(names) <= _UPDATABLE:
            raise refusal("INVALID_ARGUMENT", "The update mask is missing or names what cannot be updated.")
        _check_etag(body.get("etag"), secret.etag)
        changed = {**secret.members, **{name: body.get(name) for name in names}}
        _check(changed)
        secret.members, secret.etag = changed, _etag()
        return secret

    def delete(self, id: str, etag: str | None) -> None:
        _check_etag(etag, self.get(id).etag)
        del self._secrets[id]

    def add_version(self, id: str, payload: dict[str, Any], now: float) -> tuple[Secret, Version]:
        secret = self.get(id)
        data = _payload(payload)
        checksum = payload.get("dataCrc32c")
        if checksum is not None and str(checksum) != str(crc32c(data)):
            raise refusal("INVALID_ARGUMENT", "The checksum does not match the payload.")
        return secret, self.append(secret, data, now, checksum is not None)

    @staticmethod
    def append(secret: Secret, data: bytes, now: float, has_checksum: bool = True) -> Version:
        version = Version(len(secret.versions) + 1, data, now, has_checksum)
        secret.versions.append(version)
        return version

    def version(self, id: str, asked: str) -> tuple[Secret, Version]:
        """By number, by alias, or the newest, whatever its state."""
        secret = self.get(id)
        if asked == "latest":
            if not secret.versions:
                raise refusal("NOT_FOUND", f"Secret [{secret.name}] not found or has no versions.")
            return secret, secret.versions[-1]
        number = str((secret.members.get("versionAliases") or {}).get(asked, asked))
        if not number.isdigit() or not 1 <= int(number) <= len(secret.versions):
            raise refusal("NOT_FOUND", f"Secret Version [{secret.name}/versions/{asked}] not found.")
        return secret, secret.versions[int(number) - 1]

    def access(self, id: str, asked: str) -> tuple[Secret, Version]:
        secret, version = self.version(id, asked)
        if version.state != "ENABLED":
            text = f"Secret Version [{secret.name}/versions/{version.number}] is in {version.state} state."
            raise refusal("FAILED_PRECONDITION", text)
        return secret, version

    def change(self, id: str, asked: str, state: str, etag: str | None = None) -> tuple[Secret, Version]:
        secret, version = self.version(id, asked)
        _check_etag(etag, version.etag)
        if version.state == "DESTROYED":
            text = f"Secret Version [{secret.name}/versions/{version.number}] is in DESTROYED state."
            raise refusal("FAILED_PRECONDITION", text)
        version.state, version.etag = state, _etag()
        if state == "DESTROYED":
            version.payload = b""
        return secret, version

    def forget(self, id: str) -> None:
        self._secrets.pop(id, None)


def _payload(payload: dict[str, Any]) -> bytes:
    try:
        data = base64.b64decode(payload.get("data") or "", validate=True)
    except ValueError as problem:
        raise refusal("INVALID_ARGUMENT", "Invalid value at 'payload.data' (TYPE_BYTES), Base64 decoding failed") from problem
    if len(data) > LARGEST_PAYLOAD:
        raise refusal("INVALID_ARGUMENT", "The secret payload must be less than or equal to 65536 bytes.")
    return data


def _check(members: dict[str, Any]) -> None:
    labels = members.get("labels") or {}
    fits = all(
        LABEL_KEY.fullmatch(key) and LABEL_VALUE.fullmatch(value) and key == key.lower() and value == value.lower()
        for key, value in labels.items()
    )
    if not fits or len(labels) > MOST_LABELS:
        raise refusal("INVALID_ARGUMENT", "The labels do not conform to the requirements for labels.")
    annotations = members.get("annotations") or {}
    if sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items()) > 16 << 10:
        raise refusal("INVALID_ARGUMENT", "The annotations are larger than 16 KiB.")
    if not all(re.fullmatch(r"[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?", key) for key in annotations):
        raise refusal("INVALID_ARGUMENT", "A key of the annotations is invalid.")


def _check_etag(given: str | None, actual: str) -> None:
    if given and given != actual:
        raise refusal("FAILED_PRECONDITION", "The etag provided does not match the current one.")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _etag() -> str:
    return f'"{uuid.uuid4().hex[:14]}"'
