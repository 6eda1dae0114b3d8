"""Tokens, rights, and the part of the REST interface that has to do with secrets."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ..common.clock import Clock
from ..common.credentials import made_up
from ..common.exchange import Refusal, Reply, Request
from ..common.service import Service
from .replies import EXPIRED, access_denied, error, invalid
from .store import Store, StoredSecret, Template, TemplateField, described, summary

#: Secret Server is mostly a virtual folder of its web server.
BASE = "/SecretServer"
FOLDER = 42
TEMPLATE = 6007
USERNAME = "svc-kestra"
PASSWORD = made_up()
JSON = "application/json; charset=utf-8"
LARGEST_PAGE = 1000


@dataclass
class User:
    label: str
    password: str
    domain: str
    #: Folders that it sees; None: all.
    folders: list[int] | None
    may_write: bool


@dataclass
class Grant:
    user: User
    expires: float


class DelineaService(Service):
    def __init__(self, clock: Clock, options: dict[str, str]):
        super().__init__(clock, options)
        self.store = Store()
        self.users: dict[str, User] = {USERNAME: User("agent", PASSWORD, "", None, True)}
        self.grants: dict[str, Grant] = {}
        self.lifetime = 1199
        #: As the interface's description has it; both SDKs read them from the object all the same.
        self.hides_passwords = options.get("passwords") == "hidden"
        self.folder(FOLDER, "kestra")
        self.template(
            TEMPLATE,
            "Kestra",
            [
                {"name": "Value", "is_password": True, "is_required": True},
                {"name": "Notes", "is_notes": True},
            ],
        )
        self.template(
            6008,
            "Password",
            [
                {"name": "Resource", "is_required": True},
                {"name": "Username"},
                {"name": "Password", "is_password": True},
                {"name": "Notes", "is_notes": True},
                {"name": "Attachment", "is_file": True},
            ],
        )

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        return {
            "base-address": addresses["tls"] + BASE,
            "username": USERNAME,
            "password": PASSWORD,
            "folder-id": str(FOLDER),
            "secret-template-id": str(TEMPLATE),
        }

    # MARK: commands

    def commands(self):
        return {
            "user": self.user,
            "tokens": self.tokens,
            "expire-tokens": self.expire_tokens,
            "sessions": lambda: {"count": sum(each.expires > self.clock.now() for each in self.grants.values())},
            "folder": self.folder,
            "template": self.template,
            "duplicates": self.duplicates,
            "put": self.put,
            "stored": self.stored,
        }

    def user(
        self,
        username: str,
        password: str,
        label: str,
        domain: str = "",
        folders: list[int] | None = None,
        may_write: bool = True,
    ) -> None:
        self.users[username] = User(label, password, domain, folders, may_write)

    def tokens(self, lifetime: int) -> None:
        self.lifetime = lifetime

    def expire_tokens(self, label: str | None = None) -> None:
        for grant in self.grants.values():
            if label in (None, grant.user.label):
                grant.expires = 0

    def folder(self, id: int, name: str) -> None:
        self.store.folders[id] = name

    def template(self, id: int, name: str, fields: list[dict[str, Any]]) -> None:
        made = [
            TemplateField(id * 10 + number, slug=each["name"].lower().replace(" ", "-"), **each)
            for number, each in enumerate(fields)
        ]
        self.store.templates[id] = Template(id, name, made)

    def duplicates(self, allowed: bool) -> None:
        self.store.allows_duplicates = allowed

    def put(self, name: str, fields: dict[str, str], template: int = TEMPLATE, folder: int = FOLDER) -> dict[str, int]:
        """What somebody else made."""
        made = self.store.add(name, folder, self.store.template(template), fields, self.clock.now())
        return {"id": made.id}

    def stored(self, name: str) -> dict[str, Any]:
        found = [each for each in self.store.secrets.values() if each.name == name and each.is_active]
        return {"count": len(found), "fields": found[0].values if found else {}}

    # MARK: requests

    def handle(self, request: Request) -> Reply:
        if not request.path.startswith(BASE + "/"):
            return Reply.text("<html>not found</html>", 404, "text/html")
        path = request.path.removeprefix(BASE)
        if path == "/oauth2/token" and request.method == "POST":
            return self._log_in(request)
        if path == "/api/v1/healthcheck":
            return Reply.of({"Healthy": True, "healthy": True, "databaseHealthy": True})
        grant = self._grant(request)
        match [request.method, *path.split("/")[1:]]:
            case ["POST", "api", "v1", "oauth-expiration"]:
                grant.expires = 0
                return Reply.of({"success": True})
            case ["GET", "api", "v1", "secret-templates", number]:
                return self._template(number)
            case ["GET", "api", "v1" | "v2", "secrets"]:
                return self._search(request, grant.user)
            case ["GET", "api", "v1", "secrets", "search-total"]:
                return Reply.of(len(self._found(request, grant.user)))
            case ["POST", "api", "v1", "secrets"]:
                return self._create(request, grant.user)
            case ["GET", "api", "v1", "secrets", number]:
                return Reply.of(described(self._secret(request, number, grant.user), self.hides_passwords), 200, JSON)
            case ["DELETE", "api", "v1", "secrets", number]:
                secret = self._secret(request, number, grant.user, writes=True)
                secret.is_active = False
                return Reply.of({"id": secret.id, "objectType": "Secret", "responseCodes": []}, 200, JSON)
            case ["GET", "api", "v1", "secrets", number, "fields", slug]:
                return self._field(self._secret(request, number, grant.user), slug)
            case ["PUT", "api", "v1", "secrets", number, "fields", slug]:
                secret = self._secret(request, number, grant.user, writes=True)
                value = _body(request).get("value", "")
                self.store.change(secret, slug, value)
                return Reply.of(value, 200, JSON)
        return error(404, "API_NotFound", "No HTTP resource was found that matches the request.")

    def _log_in(self, request: Request) -> Reply:
        form = request.form
        user = self.users.get(form.get("username", ""))
        if form.get("grant_type") != "password" or user is None:
            return Reply.of({"error": "Login failed."}, 400, JSON)
        if user.password != form.get("password") or user.domain != form.get("domain", ""):
            return Reply.of({"error": "Login failed."}, 400, JSON)
        request.credential = user.label
        token = made_up()
        self.grants[token] = Grant(user, request.now + self.lifetime)
        return Reply.of(
            {
                "access_token": token,
                "token_type": "bearer",
                "expires_in": self.lifetime,
                "refresh_token": made_up(),
            },
            200,
            JSON,
        )

    def _grant(self, request: Request) -> Grant:
        grant = self.grants.get(request.bearer or "")
        request.credential = grant.user.label if grant else "(unknown)"
        if grant is None or grant.expires <= request.now:
            raise Refusal(Reply.of(EXPIRED, 403, JSON))
        return grant

    def _secret(self, request: Request, number: str, user: User, writes: bool = False) -> StoredSecret:
        if not re.fullmatch(r"\d+", number):
            raise invalid("id", "The value is not valid.")
        # The number 0 stands for the path in the query.
        secret = (
            self.store.by_path(request.query.get("secretPath", ""))
            if number == "0"
            else self.store.active(int(number))
        )
        if not _sees(user, secret.folder) or (writes and not user.may_write):
            raise access_denied()
        return secret

    def _template(self, number: str) -> Reply:
        template = self.store.template(int(number))
        fields = [
            {
                "secretTemplateFieldId": each.id,
                "fieldSlugName": each.slug,
                "name": each.name,
                "isPassword": each.is_password,
                "isNotes": each.is_notes,
                "isFile": each.is_file,
                "isRequired": each.is_required,
            }
            for each in template.fields
        ]
        return Reply.of({"id": template.id, "name": template.name, "fields": fields}, 200, JSON)

    def _found(self, request: Request, user: User) -> list[StoredSecret]:
        query = request.query
        folder = int(query["filter.folderId"]) if "filter.folderId" in query else None
        if folder is not None and folder not in self.store.folders:
            raise Refusal(error(400, "API_AccessDeniedOnFolder", "Access Denied"))
        found = self.store.matching(folder, query.get("filter.searchText", ""))
        return [each for each in found if _sees(user, each.folder)]

    def _search(self, request: Request, user: User) -> Reply:
        found = self._found(request, user)
        skip, take = int(request.query.get("skip", "0")), int(request.query.get("take", "10"))
        take = min(take, LARGEST_PAGE)
        has_next = skip + take < len(found)
        page = {
            "records": [summary(each) for each in found[skip : skip + take]],
            "total": len(found),
            "skip": skip,
            "take": take,
            "hasNext": has_next,
            "nextSkip": skip + take if has_next else 0,
            "success": True,
            "severity": "None",
        }
        return Reply.of(page, 200, JSON)

    def _create(self, request: Request, user: User) -> Reply:
        body = _body(request)
        template = self.store.template(int(body.get("secretTemplateId", 0)))
        if int(body.get("siteId", 0)) < 1:
            raise invalid("secret.SiteId", "SiteId must be 1 or more.")
        if not isinstance(body.get("items"), list):
            raise invalid("secret.Items", "Items are required.")
        folder = int(body.get("folderId", -1))
        if folder not in self.store.folders or not _sees(user, folder) or not user.may_write:
            raise Refusal(error(400, "API_AccessDeniedOnFolder", "Access Denied"))
        slugs = {each.id: each.slug for each in template.fields}
        values = {slugs[item["fieldId"]]: item["itemValue"] for item in body["items"]}
        secret = self.store.add(body.get("name", ""), folder, template, values, request.now)
        return Reply.of(described(secret, self.hides_passwords), 200, JSON)

    def _field(self, secret: StoredSecret, slug: str) -> Reply:
        value = secret.values.get(slug, "")
        if self.store.field(secret, slug).is_file:
            return Reply(200, value.encode(), {"Content-Type": "application/octet-stream"})
        return Reply.of(value, 200, JSON)

    # MARK: what goes wrong

    def throttled(self, request: Request, retry_after: str | None) -> Reply:
        reply = error(429, "API_TooManyRequests", "Too many requests.")
        if retry_after is not None:
            reply.headers["Retry-After"] = retry_after
        return reply

    def failed(self, request: Request, status: int) -> Reply:
        body = {
            "message": "An error has occurred.",
            "exceptionMessage": "made up",
            "exceptionType": "System.Exception",
            "stackTrace": "   at made.up()",
        }
        return Reply.of(body, status, JSON)

    def token_expired(self, request: Request) -> Reply:
        grant = self.grants.get(request.bearer or "")
        if grant is not None:
            grant.expires = 0
            request.credential = grant.user.label
        return Reply.of(EXPIRED, 403, JSON)

    def is_login(self, request: Request) -> bool:
        return request.path == BASE + "/oauth2/token"

    def login_refused(self, request: Request) -> Reply:
        return Reply.of({"error": "Login failed."}, 400, JSON)


def _sees(user: User, folder: int) -> bool:
    return user.folders is None or folder in user.folders


def _body(request: Request) -> dict[str, Any]:
    try:
        return request.json()
    except (ValueError, json.JSONDecodeError):
        raise invalid("", "The request is invalid.")
