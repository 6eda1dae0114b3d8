"""One key vault: secrets with versions, and those that are deleted and not yet gone."""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from .replies import not_found, refusal

NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")
LARGEST_VALUE = 25_600
MOST_TAGS = 15
RETENTION_DAYS = 90


@dataclass
class Version:
    id: str
    value: str
    content_type: str | None
    tags: dict[str, str]
    attributes: dict[str, Any]  # enabled, nbf, exp
    created: int
    updated: int


@dataclass
class Secret:
    name: str  # as it was first written
    versions: list[Version] = field(default_factory=list)
    deleted: float | None = None  # when
    ready: float = 0  # until then it is being deleted or recovered

    @property
    def newest(self) -> Version:
        return self.versions[-1]


class Vault:
    def __init__(self) -> None:
        self._secrets: dict[str, Secret] = {}  # names in lower case
        self._backups: dict[str, Secret] = {}
        #: How long deleting and recovering take, in seconds.
        self.transition = 0.0
        self.is_purge_protected = False

    # MARK: finding

    def _live(self, name: str, now: float) -> Secret:
        secret = self._secrets.get(name.lower())
        if secret is None or secret.deleted is not None or secret.ready > now:
            raise not_found(name)
        return secret

    def _deleted(self, name: str, now: float) -> Secret:
        secret = self._secrets.get(name.lower())
        if secret is None or secret.deleted is None or secret.ready > now:
            raise refusal(404, "SecretNotFound", f"Deleted Secret not found: {name}")
        return secret

    def version(self, name: str, version: str, now: float) -> tuple[Secret, Version]:
        secret = self._live(name, now)
        found = [each for each in secret.versions if version in ("", each.id)]
        if not found:
            raise not_found(f"{name}/{version}")
        return secret, found[-1]

    def live(self, now: float) -> list[Secret]:
        found = [each for each in self._secrets.values() if each.deleted is None and each.ready <= now]
        return sorted(found, key=lambda secret: secret.name.lower())

    def deleted(self, now: float) -> list[Secret]:
        found = [each for each in self._secrets.values() if each.deleted is not None and each.ready <= now]
        return sorted(found, key=lambda secret: secret.name.lower())

    # MARK: reading and writing

    def value(self, name: str, version: str, now: float) -> tuple[Secret, Version]:
        secret, found = self.version(name, version, now)
        if not found.attributes.get("enabled", True):
            text = "Operation get is not allowed on a disabled secret."
            raise refusal(403, "Forbidden", text, "SecretDisabled")
        return secret, found

    def put(self, name: str, body: dict[str, Any], now: float) -> tuple[Secret, Version]:
        if not NAME.fullmatch(name):
            raise refusal(400, "BadParameter", f"The request URI contains an invalid name: {name}")
        value = body.get("value")
        if not isinstance(value, str) or len(value.encode()) > LARGEST_VALUE:
            raise refusal(400, "BadParameter", "Property  has invalid value")
        tags, attributes = _checked(body)
        secret = self._secrets.get(name.lower())
        if secret is not None and secret.deleted is not None:
            raise self._in_the_way(secret, now)
        secret = self._secrets.setdefault(name.lower(), Secret(name))
        version = Version(uuid.uuid4().hex, value, body.get("contentType"), tags, attributes, int(now), int(now))
        secret.versions.append(version)
        return secret, version

    def update(self, name: str, version: str, body: dict[str, Any], now: float) -> tuple[Secret, Version]:
        secret, found = self.version(name, version, now)
        tags, attributes = _checked(body)
        if "tags" in body:
            found.tags = tags
        if "contentType" in body:
            found.content_type = body["contentType"]
        found.attributes |= attributes
        found.updated = int(now)
        return secret, found

    # MARK: deletion

    def delete(self, name: str, now: float) -> Secret:
        secret = self._live(name, now)
        secret.deleted, secret.ready = now, now + self.transition
        return secret

    def get_deleted(self, name: str, now: float) -> Secret:
        return self._deleted(name, now)

    def recover(self, name: str, now: float) -> Secret:
        self._check_transition(name, now)
        secret = self._deleted(name, now)
        secret.deleted, secret.ready = None, now + self.transition
        return secret

    def purge(self, name: str, now: float) -> None:
        self._check_transition(name, now)
        secret = self._deleted(name, now)
        if self.is_purge_protected:
            raise refusal(403, "Forbidden", "Operation purge is not allowed because purge protection is enabled.")
        del self._secrets[secret.name.lower()]

    def _check_transition(self, name: str, now: float) -> None:
        secret = self._secrets.get(name.lower())
        if secret is not None and secret.ready > now:
            raise self._in_the_way(secret, now)

    @staticmethod
    def _in_the_way(secret: Secret, now: float):
        if secret.ready <= now:
            text = (
                f"Secret {secret.name} is currently in a deleted but recoverable state, and its name cannot be reused"
            )
            return refusal(409, "Conflict", text, "ObjectIsDeletedButRecoverable")
        state = "Deleted" if secret.deleted is not None else "Recovered"
        return refusal(
            409, "Conflict", f"Secret {secret.name} is currently being {state.lower()}.", f"ObjectIsBeing{state}"
        )

    # MARK: backups

    def backup(self, name: str, now: float) -> str:
        blob = secrets.token_urlsafe(200)
        self._backups[blob] = self._live(name, now)
        return blob

    def restore(self, blob: str) -> Secret:
        secret = self._backups.get(blob)
        if secret is None:
            raise refusal(400, "BadParameter", "Backup blob contains invalid or corrupt version.")
        if secret.name.lower() in self._secrets:
            raise refusal(409, "Conflict", f"A secret with name {secret.name} exists.")
        restored = Secret(secret.name, list(secret.versions))
        self._secrets[secret.name.lower()] = restored
        return restored

    # MARK: commands

    def forget(self, name: str) -> None:
        self._secrets.pop(name.lower(), None)


def _checked(body: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    tags, attributes = body.get("tags") or {}, body.get("attributes") or {}
    if len(tags) > MOST_TAGS or any(len(key) > 256 or len(value) > 256 for key, value in tags.items()):
        raise refusal(400, "BadParameter", "Property tags has invalid value")
    if len(body.get("contentType") or "") > 255:
        raise refusal(400, "BadParameter", "Property contentType has invalid value")
    kept = {name: attributes[name] for name in ("enabled", "nbf", "exp") if attributes.get(name) is not None}
    return dict(tags), kept
