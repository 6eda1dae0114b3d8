"""Key Vault's operations on secrets, once it is known who asks."""

from __future__ import annotations

import base64
import json
from typing import Any, Callable

from ..common.exchange import Reply, Request
from .replies import refusal, reply
from .vault import RETENTION_DAYS, Secret, Vault, Version

API_VERSIONS = {"7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01", "2026-04-01"}
LARGEST_PAGE = 25
Operation = Callable[[Request], Reply]


class DataPlane:
    def __init__(self, vault: Vault):
        self._vault = vault
        #: Pages without entries that come before the first of a list.
        self.empty_pages = 0
        #: Replaces scheme, host and port of the next page's address.
        self.next_link_base: str | None = None

    def operation(self, request: Request) -> tuple[str, Operation]:
        """The permission that it needs, and what it does."""
        if request.query.get("api-version") not in API_VERSIONS:
            raise refusal(400, "BadParameter", "The specified version is not recognized.")
        segments = request.segments
        if len(segments) > 1 and segments[-1] == "":
            segments = segments[:-1]
        match [request.method, *segments]:
            case ["GET", "secrets"]:
                return "list", self._list
            case ["POST", "secrets", "restore"]:
                return "restore", self._restore
            case ["POST", "secrets", name, "backup"]:
                return "backup", lambda request: reply({"value": self._vault.backup(name, request.now)})
            case ["GET", "secrets", name, "versions"]:
                return "list", lambda request: self._list_versions(request, name)
            case ["GET", "secrets", name]:
                return "get", lambda request: self._get(request, name, "")
            case ["GET", "secrets", name, version]:
                return "get", lambda request: self._get(request, name, version)
            case ["PUT", "secrets", name]:
                return "set", lambda request: self._put(request, name)
            case ["PATCH", "secrets", name, version]:
                return "set", lambda request: self._update(request, name, version)
            case ["PATCH", "secrets", name]:
                return "set", lambda request: self._update(request, name, "")
            case ["DELETE", "secrets", name]:
                return "delete", lambda request: reply(self._deleted(request, self._vault.delete(name, request.now)))
            case ["GET", "deletedsecrets"]:
                return "list", self._list_deleted
            case ["GET", "deletedsecrets", name]:
                found = lambda request: self._vault.get_deleted(name, request.now)
                return "get", lambda request: reply(self._deleted(request, found(request)))
            case ["POST", "deletedsecrets", name, "recover"]:
                return "recover", lambda request: self._recover(request, name)
            case ["DELETE", "deletedsecrets", name]:
                return "purge", lambda request: self._purge(request, name)
        raise refusal(404, "NotFound", "Resource not found")

    # MARK: one secret

    def _get(self, request: Request, name: str, version: str) -> Reply:
        secret, found = self._vault.value(name, version, request.now)
        return reply({"value": found.value, **self._described(request, secret, found)})

    def _put(self, request: Request, name: str) -> Reply:
        secret, version = self._vault.put(name, _body(request), request.now)
        return reply({"value": version.value, **self._described(request, secret, version)})

    def _update(self, request: Request, name: str, version: str) -> Reply:
        secret, found = self._vault.update(name, version, _body(request), request.now)
        return reply(self._described(request, secret, found))

    def _recover(self, request: Request, name: str) -> Reply:
        secret = self._vault.recover(name, request.now)
        return reply(self._described(request, secret, secret.newest))

    def _purge(self, request: Request, name: str) -> Reply:
        self._vault.purge(name, request.now)
        return Reply(204)

    def _restore(self, request: Request) -> Reply:
        secret = self._vault.restore(_body(request).get("value", ""))
        return reply(self._described(request, secret, secret.newest))

    # MARK: lists

    def _list(self, request: Request) -> Reply:
        entries = [
            self._described(request, each, each.newest, with_version=False) for each in self._vault.live(request.now)
        ]
        return self._page(request, entries, self.empty_pages)

    def _list_versions(self, request: Request, name: str) -> Reply:
        secret, _ = self._vault.version(name, "", request.now)
        return self._page(request, [self._described(request, secret, each) for each in secret.versions], 0)

    def _list_deleted(self, request: Request) -> Reply:
        entries = [self._deleted(request, each, with_version=False) for each in self._vault.deleted(request.now)]
        return self._page(request, entries, 0)

    def _page(self, request: Request, entries: list[dict[str, Any]], empty_pages: int) -> Reply:
        query = request.query
        asked = query.get("maxresults", str(LARGEST_PAGE))
        if not asked.isdigit() or not 1 <= int(asked) <= LARGEST_PAGE:
            raise refusal(400, "BadParameter", "invalid maxresults")
        # Counted with the empty pages, which come first.
        place = _place(query["$skiptoken"]) if "$skiptoken" in query else -empty_pages
        page = entries[place : place + int(asked)] if place >= 0 else []
        after = place + int(asked) if place >= 0 else place + 1
        answer: dict[str, Any] = {"value": page, "nextLink": None}
        if after < len(entries) or place < 0:
            base = self.next_link_base or f"https://{request.headers['host']}"
            version = query["api-version"]
            answer["nextLink"] = (
                f"{base}{request.path}?api-version={version}&$skiptoken={_token(after)}&maxresults={asked}"
            )
        return reply(answer)

    # MARK: writing

    def _described(
        self, request: Request, secret: Secret, version: Version, with_version: bool = True
    ) -> dict[str, Any]:
        base = f"https://{request.headers['host']}/secrets/{secret.name}"
        described: dict[str, Any] = {
            "id": f"{base}/{version.id}" if with_version else base,
            "attributes": {
                "enabled": True,
                **version.attributes,
                "created": version.created,
                "updated": version.updated,
                "recoveryLevel": "Recoverable" if self._vault.is_purge_protected else "Recoverable+Purgeable",
                "recoverableDays": RETENTION_DAYS,
            },
        }
        if version.content_type is not None:
            described["contentType"] = version.content_type
        if version.tags:
            described["tags"] = version.tags
        return described

    def _deleted(self, request: Request, secret: Secret, with_version: bool = True) -> dict[str, Any]:
        moment = int(secret.deleted or 0)
        return {
            "recoveryId": f"https://{request.headers['host']}/deletedsecrets/{secret.name}",
            "deletedDate": moment,
            "scheduledPurgeDate": moment + RETENTION_DAYS * 86_400,
            **self._described(request, secret, secret.newest, with_version),
        }


def _body(request: Request) -> dict[str, Any]:
    try:
        return request.json()
    except ValueError:
        raise refusal(400, "BadParameter", "Failed to parse the request body") from None


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"NextMarker": place}).encode()).decode().rstrip("=")


def _place(token: str) -> int:
    try:
        return int(json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))["NextMarker"])
    except (ValueError, KeyError, TypeError):
        raise refusal(400, "BadParameter", "invalid $skiptoken") from None
