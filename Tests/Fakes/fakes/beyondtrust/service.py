"""Sessions, rights, and the part of the interface that has to do with secrets."""

from __future__ import annotations

import email.parser
import email.policy
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

from ..common.clock import Clock
from ..common.exchange import Reply, Request
from ..common.service import Service
from .store import Store, StoredSecret, described, refused

BASE = "/beyondtrust/api/public/v3"
RUN_AS = "EXAMPLE\\svc-kestra"
FOLDER = "5d6f2c0a-5a3e-4b7b-9e52-2f5a1c7f0d11"
SESSION_COOKIE = "ASP.NET_SessionId"
#: A balancer's: without it a call lands on a node that does not know the session.
NODE_COOKIE = "BIGipServerPasswordSafe"
KINDS = {"": "Credential", "text": "Text", "file": "File"}


@dataclass
class User:
    id: int
    label: str
    password: str | None
    #: Folders that it sees; None: all.
    folders: list[str] | None
    may_write: bool


@dataclass
class Session:
    user: User
    node: str
    expires: float


class BeyondTrustService(Service):
    def __init__(self, clock: Clock, options: dict[str, str]):
        super().__init__(clock, options)
        self.store = Store()
        #: By key, then by the user that calls run as.
        self.registrations: dict[str, dict[str, User]] = {}
        self.sessions: dict[str, Session] = {}
        self.lifetime = 1200.0
        #: Which members hold the value of a text: text, password or both.
        self.text_in = options.get("text", "both")
        self.demands_second_factor = False
        self.key = secrets.token_hex(64)
        self.folder(FOLDER, "kestra")
        self.user(self.key, RUN_AS, "agent")

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        return {
            "api-address": addresses["tls"] + "/BeyondTrust/api/public/v3",
            "api-key": self.key,
            "run-as": RUN_AS,
            "folder-id": FOLDER,
        }

    # MARK: commands

    def commands(self):
        return {
            "user": self.user,
            "expire-sessions": self.expire_sessions,
            "sessions": lambda: {"count": sum(each.expires > self.clock.now() for each in self.sessions.values())},
            "session-lifetime": self.session_lifetime,
            "second-factor": self.second_factor,
            "folder": self.folder,
            "put": self.put,
            "stored": self.stored,
        }

    def user(
        self,
        key: str,
        run_as: str,
        label: str,
        password: str | None = None,
        folders: list[str] | None = None,
        may_write: bool = True,
    ) -> None:
        users = self.registrations.setdefault(key, {})
        users[run_as.lower()] = User(len(users) + 12, label, password, folders, may_write)

    def expire_sessions(self, label: str | None = None) -> None:
        for session in self.sessions.values():
            if label in (None, session.user.label):
                session.expires = 0

    def session_lifetime(self, seconds: float) -> None:
        self.lifetime = seconds

    def second_factor(self, demanded: bool) -> None:
        self.demands_second_factor = demanded

    def folder(self, id: str, name: str, parent: str | None = None) -> None:
        self.store.folders[id] = (name, parent)

    def put(self, title: str, kind: str, folder: str = FOLDER, content: str = "", **members: Any) -> dict[str, str]:
        """What somebody else made."""
        whole = {"Title": title, "Owners": [{"UserId": 1}], **members}
        return {"id": self.store.add(folder, kind, whole, content.encode(), self.clock.now()).id}

    def stored(self, title: str) -> dict[str, Any]:
        found = [each for each in self.store.secrets.values() if each.members["Title"] == title]
        return {"count": len(found), "members": found[0].members if found else {}}

    # MARK: requests

    def handle(self, request: Request) -> Reply:
        # The web server does not mind the case of a path.
        path = request.path.lower()
        if not path.startswith(BASE + "/"):
            return Reply.text("<html>not found</html>", 404, "text/html")
        if request.method in ("POST", "PUT") and "content-length" not in request.headers:
            return Reply.text("<html>Length Required</html>", 411, "text/html")
        segments = path.removeprefix(BASE).split("/")[1:]
        if [request.method, *segments] == ["POST", "auth", "signappin"]:
            return self._sign_in(request)
        session = self._session(request)
        user = session.user
        match [request.method, *segments]:
            case ["POST", "auth", "signout"]:
                session.expires = 0
                return Reply(200)
            case ["GET", "secrets-safe", "secrets"]:
                return self._list(request, user, request.query.get("folderId"))
            case ["GET", "secrets-safe", "folders", folder, "secrets"]:
                self._folder(folder, user)
                return self._list(request, user, folder)
            case ["GET", "secrets-safe", "folders", folder]:
                self._folder(folder, user)
                name, parent = self.store.folders[folder]
                return Reply.of({"Id": folder, "Name": name, "Description": "", "ParentId": parent})
            case ["GET", "secrets-safe", "secrets", id, "file", "download"]:
                secret = self._secret(id, user)
                if secret.kind != "File":
                    raise refused(404, "File was not found")
                return Reply(200, secret.content, {"Content-Type": "application/octet-stream"})
            case ["GET", "secrets-safe", "secrets", id] | ["GET", "secrets-safe", "secrets", id, "text" | "file"]:
                return Reply.of(self._described(request, self._secret(id, user), True))
            case ["POST", "secrets-safe", "folders", folder, "secrets", *kind]:
                return self._create(request, folder, KINDS["".join(kind)], user)
            case ["PUT", "secrets-safe", "secrets", id, *kind]:
                return self._update(request, self._secret(id, user, writes=True), KINDS["".join(kind)])
            case ["DELETE", "secrets-safe", "secrets", id]:
                del self.store.secrets[self._secret(id, user, writes=True).id]
                return Reply(200)
        return Reply.text("<html>not found</html>", 404, "text/html")

    def _sign_in(self, request: Request) -> Reply:
        user = self._authorized(request)
        if user is None:
            return Reply.of("Unauthorized", 401)
        if self.demands_second_factor:
            return Reply(401, b"", {"WWW-Authenticate-2FA": "Enter your code"})
        request.credential = user.label
        cookie, node = (f"{name}.{secrets.token_urlsafe(24)}" for name in ("session", "node"))
        self.sessions[cookie] = Session(user, node, request.now + self.lifetime)
        reply = Reply.of(
            {"UserId": user.id, "EmailAddress": "made-up@example.com", "UserName": user.label, "Name": user.label}
        )
        # Two lines of one name, which a mapping can hold only so.
        reply.headers["Set-Cookie"] = f"{SESSION_COOKIE}={cookie}; path=/; secure; HttpOnly; SameSite=Lax"
        reply.headers["set-cookie"] = f"{NODE_COOKIE}={node}; path=/; Httponly; Secure"
        return reply

    def _authorized(self, request: Request) -> User | None:
        """`PS-Auth key=KEY; runas=USER; pwd=[PASSWORD];`"""
        header = request.headers.get("authorization", "")
        found = re.fullmatch(r"PS-Auth key=([^;]+); *runas=([^;]+);?(?: *pwd=\[(.*)\];?)?", header)
        user = self.registrations.get(found[1], {}).get(found[2].lower()) if found else None
        return user if user and user.password in (None, found[3]) else None

    def _session(self, request: Request) -> Session:
        cookies = dict(each.strip().partition("=")[::2] for each in request.headers.get("cookie", "").split(";"))
        session = self.sessions.get(cookies.get(SESSION_COOKIE, ""))
        request.credential = session.user.label if session else "(unknown)"
        known = session is not None and session.node == cookies.get(NODE_COOKIE)
        if known and "authorization" in request.headers:
            known = self._authorized(request) is session.user
        if not known or session.expires <= request.now:
            raise refused(401, "Unauthorized")
        # Each request makes it last longer.
        session.expires = request.now + self.lifetime
        return session

    def _folder(self, id: str, user: User) -> None:
        if id not in self.store.folders:
            raise refused(404, "Folder was not found")
        if not _sees(user, id):
            raise refused(403, "Forbidden")

    def _secret(self, id: str, user: User, writes: bool = False) -> StoredSecret:
        secret = self.store.secret(id)
        if not _sees(user, secret.folder) or (writes and not user.may_write):
            raise refused(403, "Forbidden")
        return secret

    def _list(self, request: Request, user: User, folder: str | None) -> Reply:
        query = request.query
        separator = query.get("separator", "/")
        found = [
            each
            for each in self.store.secrets.values()
            if _sees(user, each.folder)
            and (folder is None or each.folder == folder)
            and ("path" not in query or query["path"].replace(separator, "/") == self.store.path(each.folder))
            # The database does not mind the case of a title.
            and ("title" not in query or query["title"].lower() == each.members["Title"].lower())
        ]
        offset, limit = int(query.get("offset", "0")), int(query.get("limit", "1000"))
        decrypted = query.get("decrypt", "false").lower() == "true"
        page = [self._described(request, each, decrypted) for each in found[offset : offset + limit]]
        wrapped = query.get("version", "3.0") >= "3.2"
        return Reply.of({"TotalCount": len(found), "Data": page} if wrapped else page)

    def _described(self, request: Request, secret: StoredSecret, decrypted: bool) -> dict[str, Any]:
        version = request.query.get("version", "3.0")
        return described(self.store, secret, version, decrypted, self.text_in)

    def _create(self, request: Request, folder: str, kind: str, user: User) -> Reply:
        self._folder(folder, user)
        if not user.may_write:
            raise refused(403, "Forbidden")
        members, content = _body(request)
        secret = self.store.add(folder, kind, members, content, request.now)
        return Reply.of(self._described(request, secret, False), 201)

    def _update(self, request: Request, secret: StoredSecret, kind: str) -> Reply:
        members, content = _body(request)
        self.store.replace(secret, kind, members, content, request.now)
        # As the vendor's library expects it.
        return Reply(204) if kind == "File" else Reply.of(self._described(request, secret, False))

    # MARK: what goes wrong

    def throttled(self, request: Request, retry_after: str | None) -> Reply:
        reply = Reply.text("<html>Too Many Requests</html>", 429, "text/html")
        if retry_after is not None:
            reply.headers["Retry-After"] = retry_after
        return reply

    def failed(self, request: Request, status: int) -> Reply:
        return Reply.of("An error occurred, made up", status)

    def token_expired(self, request: Request) -> Reply:
        for cookie, session in self.sessions.items():
            if cookie in request.headers.get("cookie", ""):
                session.expires = 0
                request.credential = session.user.label
        return Reply.of("Unauthorized", 401)

    def is_login(self, request: Request) -> bool:
        return request.path.lower().endswith("/auth/signappin")

    def login_refused(self, request: Request) -> Reply:
        return Reply.of("Unauthorized", 401)


def _sees(user: User, folder: str) -> bool:
    return user.folders is None or folder in user.folders


def _body(request: Request) -> tuple[dict[str, Any], bytes]:
    """The members, and what a file has in it."""
    kind = request.headers.get("content-type", "")
    try:
        if not kind.startswith("multipart/form-data"):
            return request.json(), b""
        whole = f"Content-Type: {kind}\r\n\r\n".encode() + request.body
        parts = list(email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(whole).iter_parts())
        named = {part.get_param("name", header="content-disposition"): part for part in parts}
        members = json.loads(named["secretmetadata"].get_payload(decode=True))
        file = named.get("file") or named["files"]
        return {"FileName": file.get_filename(), **members}, file.get_payload(decode=True)
    except (ValueError, KeyError, AttributeError):
        raise refused(400, "The request is invalid")
