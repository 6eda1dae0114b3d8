"""Secret Manager's operations, once it is known who asks."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from ..common.exchange import Reply, Request
from . import filters
from .accounts import Account
from .crc32c import crc32c
from .replies import reason, refusal, reply
from .secrets import Secrets, Version

LARGEST_PAGE = 25_000
DEFAULT_PAGE = 100
_CHANGES = {"disable": "DISABLED", "enable": "ENABLED", "destroy": "DESTROYED"}


class SecretManager:
    def __init__(self, project: str, number: str):
        self._project = project
        self._number = number
        self._places: dict[str, Secrets] = {}
        #: Pages without entries that come before the first of a list.
        self.empty_pages = 0
        #: How many of the next payloads come with a wrong byte.
        self.corrupted = 0

    def place(self, location: str = "") -> Secrets:
        """The global secrets, or a location's."""
        parent = f"projects/{self._number}" + (f"/locations/{location}" if location else "")
        return self._places.setdefault(location, Secrets(parent, bool(location)))

    def handle(self, request: Request, account: Account) -> Reply:
        version, *segments = request.segments
        if version != "v1" or len(segments) < 3 or segments[0] != "projects":
            raise refusal("NOT_FOUND", "Method not found.")
        location = ""
        rest = segments[2:]
        if rest[0] == "locations" and len(rest) > 2:
            location, rest = rest[1], rest[2:]
        asked = Asked(self, request, account, self.place(location))
        if segments[1] not in (self._project, self._number):
            raise asked.denied("secrets.get")
        return asked.answer(rest)


class Asked:
    """One request for a place's secrets."""

    def __init__(self, manager: SecretManager, request: Request, account: Account, secrets: Secrets):
        self._manager = manager
        self._request = request
        self._account = account
        self._secrets = secrets
        self._numeric_enums = "enum-encoding=int" in request.query.get("$alt", "")

    def answer(self, segments: list[str]) -> Reply:
        """`segments` begin with `secrets`; a verb follows the last one after a colon."""
        *leading, last = segments
        last, _, verb = last.partition(":")
        match [self._request.method, *leading, last, verb]:
            case ["GET", "secrets", ""]:
                return self._list()
            case ["POST", "secrets", ""]:
                return self._create()
            case ["GET", "secrets", id, ""]:
                self._demand("secrets.get", id)
                return reply(self._secrets.get(id).described())
            case ["PATCH", "secrets", id, ""]:
                self._demand("secrets.update", id)
                mask = self._request.query.get("updateMask", "")
                return reply(self._secrets.update(id, mask, self._body()).described())
            case ["DELETE", "secrets", id, ""]:
                self._demand("secrets.delete", id)
                self._secrets.delete(id, self._request.query.get("etag"))
                return reply({})
            case ["POST", "secrets", id, "addVersion"]:
                return self._add_version(id)
            case ["POST", "secrets", id, "testIamPermissions"]:
                wanted = self._body().get("permissions") or []
                held = [each for each in wanted if self._account.allows(each.removeprefix("secretmanager."), id)]
                return reply({"permissions": held} if held else {})
            case ["GET", "secrets", id, "versions", ""]:
                return self._list_versions(id)
            case ["GET", "secrets", id, "versions", version, "access"]:
                return self._access(id, version)
            case ["GET", "secrets", id, "versions", version, ""]:
                self._demand("versions.get", id)
                return self._described(*self._secrets.version(id, version))
            case ["POST", "secrets", id, "versions", version, change] if change in _CHANGES:
                self._demand(f"versions.{change}", id)
                etag = self._body().get("etag")
                return self._described(*self._secrets.change(id, version, _CHANGES[change], etag))
        raise refusal("NOT_FOUND", "Method not found.")

    # MARK: permissions

    def _demand(self, permission: str, id: str | None) -> None:
        if not self._account.allows(permission, id):
            raise self.denied(permission)

    def denied(self, permission: str):
        resource = self._request.path.removeprefix("/v1/").partition(":")[0]
        text = f"Permission 'secretmanager.{permission}' denied for resource '{resource}' (or it may not exist)."
        details = reason("IAM_PERMISSION_DENIED", "iam.googleapis.com", permission=f"secretmanager.{permission}")
        return refusal("PERMISSION_DENIED", text, details)

    # MARK: operations

    def _create(self) -> Reply:
        id = self._request.query.get("secretId", "")
        self._demand("secrets.create", id)
        return reply(self._secrets.create(id, self._body(), self._request.now).described())

    def _add_version(self, id: str) -> Reply:
        self._demand("versions.add", id)
        return self._described(*self._secrets.add_version(id, self._body().get("payload") or {}, self._request.now))

    def _access(self, id: str, asked: str) -> Reply:
        self._demand("versions.access", id)
        secret, version = self._secrets.access(id, asked)
        data = version.payload
        payload: dict[str, str] = {"dataCrc32c": str(crc32c(data))}
        if self._manager.corrupted > 0 and data:
            self._manager.corrupted -= 1
            data = bytes([data[0] ^ 1]) + data[1:]
        if data:
            payload["data"] = base64.b64encode(data).decode()
        return reply({"name": f"{secret.name}/versions/{version.number}", "payload": payload})

    def _described(self, secret, version: Version) -> Reply:
        return reply(secret.version_described(version, self._numeric_enums))

    def _list(self) -> Reply:
        self._demand("secrets.list", None)
        wanted = filters.parse(self._request.query.get("filter", ""))
        found = [secret.described() for secret in self._secrets.all() if wanted(secret.name, secret.labels)]
        return self._page("secrets", found, self._manager.empty_pages)

    def _list_versions(self, id: str) -> Reply:
        self._demand("versions.list", id)
        secret = self._secrets.get(id)
        found = [secret.version_described(version, self._numeric_enums) for version in reversed(secret.versions)]
        return self._page("versions", found, 0)

    def _page(self, name: str, entries: list[dict[str, Any]], empty_pages: int) -> Reply:
        query = self._request.query
        size = query.get("pageSize", "0")
        if not size.isdigit():
            raise refusal("INVALID_ARGUMENT", "The page size must not be negative.")
        count = min(int(size) or DEFAULT_PAGE, LARGEST_PAGE)
        # Counted with the empty pages, which come first.
        place = self._place(query.get("pageToken", ""), -empty_pages)
        after = place + count if place >= 0 else place + 1
        answer: dict[str, Any] = {}
        if place >= 0 and entries[place:after]:
            answer[name] = entries[place:after]
        if after < len(entries) or place < 0:
            answer["nextPageToken"] = self._token(after)
        if not query.get("filter") and entries:
            answer["totalSize"] = len(entries)
        return reply(answer)

    def _token(self, place: int) -> str:
        return base64.urlsafe_b64encode(f"{self._parameters()}:{place}".encode()).decode()

    def _place(self, token: str, first: int) -> int:
        """A token counts only with the parameters that it was given for."""
        if not token:
            return first
        try:
            parameters, _, place = base64.urlsafe_b64decode(token).decode().partition(":")
            if parameters == self._parameters():
                return int(place)
        except ValueError:
            pass
        raise refusal("INVALID_ARGUMENT", "The page token is invalid.")

    def _parameters(self) -> str:
        query = self._request.query
        text = f"{self._request.path} {query.get('filter', '')} {query.get('pageSize', '')}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def _body(self) -> dict[str, Any]:
        try:
            return self._request.json()
        except ValueError as problem:
            raise refusal("INVALID_ARGUMENT", "Invalid JSON payload received.") from problem
