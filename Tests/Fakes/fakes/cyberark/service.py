"""Sessions, rights, and the part of the interface that has to do with accounts."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..common.clock import Clock
from ..common.exchange import Reply, Request
from ..common.service import Service
from .accounts import Account, Store, change, check_secret, matches, refused

BASE = "/passwordvault/api/"
METHODS = {"cyberark": "CyberArk", "ldap": "LDAP", "radius": "RADIUS", "windows": "Windows"}
USERNAME = "svc-kestra"
SAFE = "KestraMain"
PLATFORM = "KestraSecret"
PROPERTIES = ["application", "environment"]
#: A balancer's: without it a call lands on a node that does not know the session.
NODE_COOKIE = "CA22222"
MOST_RESULTS = 1000


@dataclass
class User:
    username: str
    password: str
    label: str
    method: str
    #: Safes that it sees; None: all.
    safes: list[str] | None
    may_retrieve: bool
    may_write: bool
    demands_challenge: bool = False


@dataclass
class Session:
    user: User
    node: str
    ends: float


class CyberArkService(Service):
    def __init__(self, clock: Clock, options: dict[str, str]):
        super().__init__(clock, options)
        self.store = Store(safes={SAFE}, platforms={PLATFORM: set(PROPERTIES)})
        self.users: dict[str, User] = {}
        self.sessions: dict[str, Session] = {}
        #: Seconds after its last request.
        self.lifetime = 1200.0
        self.is_balanced = options.get("balancer") == "yes"
        self.password = 'p"\\' + secrets.token_urlsafe(24)
        self.user(USERNAME, self.password, "agent")

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        return {"username": USERNAME, "password": self.password, "safe": SAFE, "platform-id": PLATFORM}

    # MARK: commands

    def commands(self):
        return {
            "user": self.user,
            "expire-sessions": self.expire_sessions,
            "session-lifetime": self.session_lifetime,
            "sessions": lambda: {"count": sum(each.ends > self.clock.now() for each in self.sessions.values())},
            "safe": lambda name: self.store.safes.add(name),
            "property": lambda name: self.store.platforms[PLATFORM].add(name),
            "put": self.put,
            "stored": self.stored,
        }

    def user(
        self,
        username: str,
        password: str,
        label: str,
        method: str = "CyberArk",
        safes: list[str] | None = None,
        may_retrieve: bool = True,
        may_write: bool = True,
        challenge: bool = False,
    ) -> None:
        user = User(username, password, label, method, safes, may_retrieve, may_write, challenge)
        self.users[username.lower()] = user

    def expire_sessions(self, label: str | None = None) -> None:
        for session in self.sessions.values():
            if label in (None, session.user.label):
                session.ends = 0

    def session_lifetime(self, seconds: float) -> None:
        self.lifetime = seconds

    def put(
        self,
        name: str,
        secret: str,
        safe: str = SAFE,
        type: str = "password",
        address: str = "",
        user: str = "",
        guarded: bool = False,
        properties: dict[str, str] | None = None,
    ) -> dict[str, str]:
        """What somebody else made."""
        self.store.safes.add(safe)
        account = self.store.add(
            self.clock.now(),
            name=name,
            safe=safe,
            platform=PLATFORM,
            type=type,
            secret=secret,
            address=address,
            user=user,
            properties=properties or {},
            is_guarded=guarded,
        )
        return {"id": account.id}

    def stored(self, name: str) -> dict[str, Any]:
        found = [each for each in self.store.accounts.values() if each.name == name]
        members = {**found[0].described(), "secret": found[0].secret} if found else {}
        return {"count": len(found), "members": members}

    # MARK: requests

    def handle(self, request: Request) -> Reply:
        # The web server does not mind the case of a path.
        path = request.path.lower()
        if not path.startswith(BASE):
            return Reply.text("<html>not found</html>", 404, "text/html")
        if request.method in ("POST", "PATCH") and "content-length" not in request.headers:
            return Reply.text("<html>Length Required</html>", 411, "text/html")
        segments = path.removeprefix(BASE).rstrip("/").split("/")
        match [request.method, *segments]:
            case ["POST", "auth", method, "logon"]:
                return self._log_on(request, METHODS.get(method))
        session = self._session(request)
        user = session.user
        match [request.method, *segments]:
            case ["POST", "auth", "logoff"]:
                session.ends = 0
                return Reply.of({"LogoffUrl": ""})
            case ["GET", "loginsinfo"]:
                return Reply.of({"LoginsInfo": []})
            case ["GET", "accounts"]:
                return self._list(request, user)
            case ["POST", "accounts"]:
                return self._create(request, user)
            case [method, "accounts", id, *rest]:
                return self._one(request, method, self._account(id, user), rest, user)
        return Reply.text("<html>not found</html>", 404, "text/html")

    def _log_on(self, request: Request, method: str | None) -> Reply:
        if method is None:
            return Reply.text("<html>not found</html>", 404, "text/html")
        body = _body(request)
        user = self.users.get(str(body.get("username", "")).lower())
        if user is None or user.password != body.get("password") or user.method != method:
            raise refused(403, "PASWS013E", "Failed to logon. Reason: Authentication failure.")
        if user.demands_challenge:
            raise refused(500, "PASWS011E", "ITATS542I Enter the code of your device")
        if not body.get("concurrentSession"):
            self.expire_sessions(user.label)
        request.credential = user.label
        token, node = secrets.token_urlsafe(48), f"node.{secrets.token_urlsafe(24)}"
        self.sessions[token] = Session(user, node, request.now + self.lifetime)
        cookie = f"{NODE_COOKIE}={node}; path=/PasswordVault/; secure; HttpOnly"
        return Reply.of(token, **{"Set_Cookie": cookie})

    def _session(self, request: Request) -> Session:
        # The token as it is: with a scheme, it is another.
        session = self.sessions.get(request.headers.get("authorization", ""))
        request.credential = session.user.label if session else "(unknown)"
        known = session is not None and session.ends > request.now
        if known and self.is_balanced:
            cookies = dict(each.strip().partition("=")[::2] for each in request.headers.get("cookie", "").split(";"))
            known = cookies.get(NODE_COOKIE) == session.node
        if not known:
            raise refused(401, "PASWS006E", "The session token is missing, invalid or expired.")
        # Each request makes it last longer.
        session.ends = request.now + self.lifetime
        return session

    def _account(self, id: str, user: User) -> Account:
        account = self.store.accounts.get(id)
        if account is None or not _sees(user, account.safe):
            raise refused(404, "PASWS032E", "The account was not found")
        return account

    def _list(self, request: Request, user: User) -> Reply:
        query = request.query
        offset, limit = int(query.get("offset", "0")), int(query.get("limit", "50"))
        if not 0 < limit <= MOST_RESULTS:
            raise refused(400, "PASWS167E", "There are some invalid parameters")
        search, kind = query.get("search", ""), query.get("searchType", "contains")
        safe = None
        if "filter" in query:
            wanted = re.fullmatch(r"safeName eq (\S+)", query["filter"], re.IGNORECASE)
            if wanted is None:
                raise refused(400, "PASWS167E", "The filter is not understood")
            safe = wanted[1].lower()
        found = [
            each
            for each in self.store.accounts.values()
            if _sees(user, each.safe) and safe in (None, each.safe.lower()) and matches(each, search, kind)
        ]
        page = found[offset : offset + limit]
        answer: dict[str, Any] = {"value": [each.described() for each in page], "count": len(page)}
        if offset + limit < len(found):
            answer["nextLink"] = f"api/Accounts?offset={offset + limit}&limit={limit}&search={quote(search)}"
        return Reply.of(answer)

    def _create(self, request: Request, user: User) -> Reply:
        body = _body(request)
        safe = str(body.get("safeName", ""))
        if not user.may_write or not _sees(user, self.store.safe(safe) or safe):
            raise refused(403, "PASWS041E", "You are not authorized to perform this action")
        account = self.store.create(body, request.now)
        return Reply.of(account.described(), 201, Location=f"/PasswordVault/api/Accounts/{account.id}")

    def _one(self, request: Request, method: str, account: Account, rest: list[str], user: User) -> Reply:
        if not (user.may_retrieve if rest and rest[-1] == "retrieve" else user.may_write or method == "GET"):
            raise refused(403, "PASWS041E", "You are not authorized to perform this action")
        match [method, *rest]:
            case ["GET"]:
                return Reply.of(account.described())
            case ["PATCH"]:
                change(account, self.store, _json(request))
                return Reply.of(account.described())
            case ["DELETE"]:
                del self.store.accounts[account.id]
                return Reply(204)
            case ["POST", "password" | "secret" as kind, "retrieve"]:
                body = _body(request)
                if (kind == "secret") != (account.type == "key"):
                    raise refused(400, "PASWS167E", "The secret is of another type")
                if account.is_guarded and not body.get("reason", body.get("Reason")):
                    raise refused(400, "PASWS167E", "A reason has to be given")
                return Reply.of(account.secret)
            case ["POST", "password", "update"]:
                body = _body(request)
                check_secret(body.get("NewCredentials"))
                account.secret, account.modified = body["NewCredentials"], int(request.now)
                return Reply(200)
        return Reply.text("<html>not found</html>", 404, "text/html")

    # MARK: what goes wrong

    def throttled(self, request: Request, retry_after: str | None) -> Reply:
        reply = Reply.text("<html>Too Many Requests</html>", 429, "text/html")
        if retry_after is not None:
            reply.headers["Retry-After"] = retry_after
        return reply

    def failed(self, request: Request, status: int) -> Reply:
        return Reply.of({"ErrorCode": "PASWS001E", "ErrorMessage": "It failed, made up"}, status)

    def token_expired(self, request: Request) -> Reply:
        session = self.sessions.get(request.headers.get("authorization", ""))
        if session is not None:
            session.ends = 0
            request.credential = session.user.label
        return refused(401, "PASWS006E", "The session token is missing, invalid or expired.").reply

    def is_login(self, request: Request) -> bool:
        return request.path.lower().endswith("/logon")

    def login_refused(self, request: Request) -> Reply:
        return refused(403, "PASWS013E", "Failed to logon. Reason: Authentication failure.").reply


def _sees(user: User, safe: str) -> bool:
    return user.safes is None or safe in user.safes


def _json(request: Request) -> Any:
    try:
        return json.loads(request.body or b"{}")
    except ValueError:
        raise refused(400, "PASWS167E", "The body is no JSON")


def _body(request: Request) -> dict[str, Any]:
    body = _json(request)
    if not isinstance(body, dict):
        raise refused(400, "PASWS167E", "The body is no object")
    return body
