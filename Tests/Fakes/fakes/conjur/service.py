"""Authentication, rights, and the part of the interface that has to do with variables."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from typing import Any

from ..common.clock import Clock
from ..common.exchange import Reply, Request
from ..common.service import Service
from .variables import MOST_RESULTS, Variable, load, missing, refused, wrapped

ACCOUNT = "acme"
HOST = "host/kestra/agent"
BRANCH = "kestra"


@dataclass
class Role:
    login: str
    label: str
    api_key: str
    #: None for hosts, which have none.
    password: str | None
    #: `authn`, or a service of another authenticator.
    authenticator: str
    #: Beginnings of the variables that it sees; None: all.
    sees: list[str] | None
    may_read: bool
    may_write: bool
    may_load: bool


@dataclass
class Token:
    role: Role
    ends: float


class ConjurService(Service):
    def __init__(self, clock: Clock, options: dict[str, str]):
        super().__init__(clock, options)
        self.roles: dict[str, Role] = {}
        #: Tokens of others, by what they are.
        self.jwts: dict[str, Role] = {}
        #: By what stands in the header.
        self.tokens: dict[str, Token] = {}
        self.lifetime = 480
        self.variables: dict[str, Variable] = {}
        self.branches = {"root", BRANCH}
        #: So many loads of policy find another one under way.
        self.busy = 0
        self.api_key = self.role(HOST, "agent")["api-key"]

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        return {"account": ACCOUNT, "username": HOST, "api-key": self.api_key, "policy-path": BRANCH}

    # MARK: commands

    def commands(self):
        return {
            "role": self.role,
            "jwts": self.set_jwts,
            "tokens": self.set_lifetime,
            "expire-tokens": self.expire_tokens,
            "rotate": self.rotate,
            "busy": self.set_busy,
            "put": self.put,
            "stored": self.stored,
        }

    def role(
        self,
        login: str,
        label: str,
        password: str | None = None,
        authenticator: str = "authn",
        sees: list[str] | None = None,
        may_read: bool = True,
        may_write: bool = True,
        may_load: bool = True,
    ) -> dict[str, str]:
        # As long as real ones, and of their characters.
        api_key = "".join(secrets.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(52))
        self.roles[login] = Role(
            login, label, api_key, password, authenticator, sees, may_read, may_write, may_load
        )
        return {"api-key": api_key}

    def set_jwts(self, login: str, accepted: list[str]) -> None:
        for text in accepted:
            self.jwts[text] = self.roles[login]

    def set_lifetime(self, lifetime: int) -> None:
        self.lifetime = lifetime

    def expire_tokens(self, label: str | None = None) -> None:
        for token in self.tokens.values():
            if label in (None, token.role.label):
                token.ends = 0

    def rotate(self, login: str) -> dict[str, str]:
        role = self.roles[login]
        made = self.role(login, role.label, role.password, role.authenticator)
        return made

    def set_busy(self, times: int) -> None:
        self.busy = times

    def put(self, id: str, value: str | None = None, base64: str = "", annotations: dict[str, str] | None = None):
        """What somebody else made. Without a value the variable is empty."""
        variable = self.variables.setdefault(f"{ACCOUNT}:variable:{id}", Variable("made up", self.clock.now()))
        variable.annotations |= annotations or {}
        if value is not None:
            variable.add(value.encode())
        elif base64:
            variable.add(_decoded(base64))

    def stored(self, id: str) -> dict[str, Any]:
        variable = self.variables.get(f"{ACCOUNT}:variable:{id}")
        if variable is None:
            return {"versions": 0}
        newest = variable.versions[max(variable.versions)] if variable.versions else b""
        return {
            "versions": len(variable.versions),
            "value": newest.decode("utf-8", "replace"),
            "annotations": variable.annotations,
        }

    # MARK: requests

    def handle(self, request: Request) -> Reply:
        match [request.method, *request.segments]:
            case ["GET", "authn", account, "login"]:
                return self._log_in(request, account, "authn")
            case ["GET", "authn-ldap", service, account, "login"]:
                return self._log_in(request, account, f"authn-ldap/{service}")
            case ["POST", "authn", account, login, "authenticate"]:
                return self._authenticate(request, account, login, "authn")
            case ["POST", "authn-ldap", service, account, login, "authenticate"]:
                return self._authenticate(request, account, login, f"authn-ldap/{service}")
            case ["POST", "authn-jwt", service, account, "authenticate"]:
                role = self.jwts.get(request.form.get("jwt", ""))
                if role is None or role.authenticator != f"authn-jwt/{service}" or account != ACCOUNT:
                    raise refused(401)
                return self._token(request, role)
        role = self._role(request)
        match [request.method, *request.segments]:
            case ["GET", "whoami"]:
                return Reply.of({"account": ACCOUNT, "username": role.login})
            case ["GET", "secrets"]:
                return self._batch(request, role)
            case ["GET", "secrets", account, "variable", *id]:
                return self._show(request, role, f"{account}:variable:{'/'.join(id)}")
            case ["POST", "secrets", account, "variable", *id]:
                return self._store(request, role, f"{account}:variable:{'/'.join(id)}")
            case ["GET", "resources", account]:
                return self._list(request, role, account)
            case ["GET", "resources", account, "variable", *id]:
                whole = f"{account}:variable:{'/'.join(id)}"
                return Reply.of(self._variable(role, whole).described(whole))
            case ["POST" | "PATCH", "policies", account, "policy", *branch]:
                return self._load(request, role, account, "/".join(branch))
        raise refused(404, "not_found", "made up")

    def _log_in(self, request: Request, account: str, authenticator: str) -> Reply:
        scheme, _, pair = request.headers.get("authorization", "").partition(" ")
        login, _, password = _decoded(pair).decode("utf-8", "replace").partition(":")
        role = self.roles.get(login)
        proven = role is not None and password in (role.password, role.api_key)
        if scheme != "Basic" or not proven or role.authenticator != authenticator or account != ACCOUNT:
            raise refused(401)
        request.credential = role.label
        return Reply.text(role.api_key)

    def _authenticate(self, request: Request, account: str, login: str, authenticator: str) -> Reply:
        role = self.roles.get(login)
        proven = role is not None and request.body == role.api_key.encode()
        if not proven or role.authenticator != authenticator or account != ACCOUNT:
            raise refused(401)
        return self._token(request, role)

    def _token(self, request: Request, role: Role) -> Reply:
        request.credential = role.label
        now = int(request.wall)
        text = json.dumps(
            {
                "protected": _encoded({"alg": "conjur.org/slosilo/v2", "kid": "made-up"}),
                "payload": _encoded({"sub": role.login, "iat": now, "exp": now + self.lifetime}),
                "signature": secrets.token_urlsafe(48),
            }
        )
        self.tokens[base64.b64encode(text.encode()).decode()] = Token(role, request.now + self.lifetime)
        return Reply.text(text)

    def _role(self, request: Request) -> Role:
        header = request.headers.get("authorization", "")
        token = self.tokens.get(header.removeprefix('Token token="').removesuffix('"'))
        request.credential = token.role.label if token else "(unknown)"
        if token is None or token.ends <= request.now:
            raise refused(401)
        return token.role

    def _sees(self, role: Role, id: str) -> bool:
        name = id.partition(":variable:")[2]
        return role.sees is None or any(name.startswith(start) for start in role.sees)

    def _variable(self, role: Role, id: str) -> Variable:
        variable = self.variables.get(id)
        if variable is None or not self._sees(role, id):
            raise missing(id)
        return variable

    def _value(self, role: Role, id: str, number: int | None = None) -> bytes:
        variable = self._variable(role, id)
        if not role.may_read:
            raise refused(403)
        number = number or max(variable.versions, default=0)
        if number not in variable.versions:
            raise missing(id)
        return variable.versions[number]

    def _show(self, request: Request, role: Role, id: str) -> Reply:
        version = request.query.get("version")
        if version is not None and not version.isdigit():
            raise refused(422, "argument_error", "made up")
        value = self._value(role, id, int(version) if version else None)
        return Reply(200, value, {"Content-Type": "application/octet-stream"})

    def _batch(self, request: Request, role: Role) -> Reply:
        ids = [each for each in request.query.get("variable_ids", "").split(",") if each]
        if not ids:
            raise refused(422, "argument_error", "made up")
        values = {id: self._value(role, id) for id in ids}
        if request.headers.get("accept-encoding", "").lower() == "base64":
            encoded = {id: wrapped(value) for id, value in values.items()}
            return Reply.of(encoded, Content_Encoding="base64")
        try:
            return Reply.of({id: value.decode() for id, value in values.items()})
        except UnicodeDecodeError:
            raise refused(406)

    def _store(self, request: Request, role: Role, id: str) -> Reply:
        variable = self._variable(role, id)
        if not role.may_write:
            raise refused(403)
        if not request.body:
            raise refused(422, "argument_error", "made up")
        variable.add(request.body)
        return Reply(201)

    def _list(self, request: Request, role: Role, account: str) -> Reply:
        query = request.query
        limit = int(query.get("limit") or ("10" if "offset" in query else MOST_RESULTS))
        if limit > MOST_RESULTS:
            raise refused(422, "argument_error", "made up")
        offset = int(query.get("offset", "0"))
        found = [
            id
            for id in sorted(self.variables)
            if id.startswith(f"{account}:")
            and query.get("kind", "variable") == "variable"
            and self._sees(role, id)
            and query.get("search", "").lower() in id.lower()
        ]
        if query.get("count") == "true":
            return Reply.of({"count": len(found)})
        return Reply.of([self.variables[id].described(id) for id in found[offset : offset + limit]])

    def _load(self, request: Request, role: Role, account: str, branch: str) -> Reply:
        if branch not in self.branches or account != ACCOUNT:
            raise refused(404, "not_found", "made up")
        if not role.may_load:
            raise refused(403)
        if self.busy > 0:
            self.busy -= 1
            raise refused(409, "conflict", "another load is under way")
        load(request.body, branch, self.variables, account, request.now, request.method == "PATCH")
        return Reply.of({"created_roles": {}, "version": 1}, 201)

    # MARK: what goes wrong

    def throttled(self, request: Request, retry_after: str | None) -> Reply:
        reply = Reply.text("<html>Too Many Requests</html>", 429, "text/html")
        if retry_after is not None:
            reply.headers["Retry-After"] = retry_after
        return reply

    def failed(self, request: Request, status: int) -> Reply:
        return Reply(status)

    def token_expired(self, request: Request) -> Reply:
        header = request.headers.get("authorization", "")
        token = self.tokens.get(header.removeprefix('Token token="').removesuffix('"'))
        if token is not None:
            token.ends = 0
            request.credential = token.role.label
        return Reply(401)

    def is_login(self, request: Request) -> bool:
        return request.path.endswith(("/authenticate", "/login"))

    def login_refused(self, request: Request) -> Reply:
        return Reply(401)


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""
