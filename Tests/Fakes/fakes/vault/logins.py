"""Auth methods: userpass, AppRole, Kubernetes. Each mount has its own users and roles."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from ..common.exchange import Reply
from .call import Call
from .replies import PERMISSION_DENIED, empty, envelope, error, number, seconds
from .tokens import Grant, Token, Tokens, described

FAILURES_UNTIL_LOCKED = 5
LOCKED_SECONDS = 15 * 60


class _LockOut:
    """Five wrong logins lock a name for a quarter of an hour."""

    def __init__(self) -> None:
        self._failures: dict[str, list[float]] = {}

    def check(self, name: str, now: float) -> None:
        recent = [moment for moment in self._failures.get(name, []) if moment > now - LOCKED_SECONDS]
        self._failures[name] = recent
        if len(recent) >= FAILURES_UNTIL_LOCKED:
            raise error(403, "permission denied")

    def failed(self, name: str, now: float) -> None:
        self._failures.setdefault(name, []).append(now)

    def passed(self, name: str) -> None:
        self._failures.pop(name, None)


class _Method:
    def __init__(self, path: str, tokens: Tokens):
        self.path = path
        self._tokens = tokens

    def is_login(self, path: str) -> bool:
        return path == "login"

    def _issue(self, call: Call, grant: Grant, metadata: dict[str, str]) -> Reply:
        path = f"auth/{self.path}/login"
        token: Token = self._tokens.issue(grant, call.namespace, path, call.now, metadata)
        return envelope(auth=described(token, call.now))

    def manage(self, call: Call, path: str) -> Reply:
        """What needs a token: the service has checked it."""
        raise error(404, "unsupported path")


class Userpass(_Method):
    def __init__(self, path: str, tokens: Tokens):
        super().__init__(path, tokens)
        self._users: dict[str, tuple[str, Grant]] = {}
        self._locks = _LockOut()

    def add(self, name: str, password: str, grant: Grant) -> None:
        self._users[name.lower()] = (password, grant)

    def is_login(self, path: str) -> bool:
        return path.startswith("login/")

    def login(self, call: Call, path: str) -> Reply:
        name = path.removeprefix("login/").lower()
        password, grant = self._users.get(name, (None, None))
        call.request.credential = grant.label if grant else None
        self._locks.check(name, call.now)
        if grant is None or call.body.get("password") != password:
            self._locks.failed(name, call.now)
            raise error(400, "invalid username or password")
        self._locks.passed(name)
        return self._issue(call, grant, {"username": name})


@dataclass
class SecretID:
    accessor: str
    uses_left: int | None  # None: no limit
    expires: float | None


@dataclass
class AppRoleEntry:
    name: str
    role_id: str
    grant: Grant
    bind_secret_id: bool
    uses: int  # of each secret id; 0: no limit
    secret_ids: dict[str, SecretID] = field(default_factory=dict)


class AppRole(_Method):
    def __init__(self, path: str, tokens: Tokens):
        super().__init__(path, tokens)
        self._roles: dict[str, AppRoleEntry] = {}
        self._locks = _LockOut()

    def add(self, name: str, grant: Grant, bind_secret_id: bool, uses: int) -> str:
        role_id = str(uuid.uuid4())
        self._roles[name] = AppRoleEntry(name, role_id, grant, bind_secret_id, uses)
        return role_id

    def new_secret_id(self, name: str, now: float, uses: int | None = None, ttl: float = 0) -> dict[str, Any]:
        role = self._role(name)
        limit = role.uses if uses is None else uses
        value, accessor = str(uuid.uuid4()), str(uuid.uuid4())
        role.secret_ids[value] = SecretID(accessor, limit or None, now + ttl if ttl else None)
        return {
            "secret_id": value,
            "secret_id_accessor": accessor,
            "secret_id_num_uses": limit,
            "secret_id_ttl": int(ttl),
        }

    def _role(self, name: str) -> AppRoleEntry:
        if name not in self._roles:
            raise error(404)
        return self._roles[name]

    def login(self, call: Call, path: str) -> Reply:
        role_id = str(call.body.get("role_id") or "")
        if not role_id:
            raise error(400, "missing role_id")
        role = next((role for role in self._roles.values() if role.role_id == role_id), None)
        call.request.credential = role.grant.label if role else None
        self._locks.check(role_id, call.now)
        if role is None:
            self._refuse(role_id, call)
        if role.bind_secret_id:
            self._spend(role, call)
        self._locks.passed(role_id)
        return self._issue(call, role.grant, {"role_name": role.name})

    def _spend(self, role: AppRoleEntry, call: Call) -> None:
        value = str(call.body.get("secret_id") or "")
        if not value:
            raise error(400, "missing secret_id")
        secret_id = role.secret_ids.get(value)
        if secret_id is None or (secret_id.expires is not None and secret_id.expires <= call.now):
            self._refuse(role.role_id, call)
        if secret_id.uses_left is not None:
            secret_id.uses_left -= 1
            if secret_id.uses_left == 0:
                del role.secret_ids[value]

    def _refuse(self, role_id: str, call: Call) -> None:
        self._locks.failed(role_id, call.now)
        raise error(400, "invalid role or secret ID")

    def manage(self, call: Call, path: str) -> Reply:
        match [call.operation, *path.split("/")]:
            case ["read", "role", name, "role-id"]:
                return envelope({"role_id": self._role(name).role_id})
            case ["write", "role", name, "secret-id"]:
                uses = call.body.get("num_uses")
                ttl = seconds(call.body.get("ttl"))
                return envelope(self.new_secret_id(name, call.now, None if uses is None else number(uses), ttl))
            case ["write", "role", name, "secret-id", "destroy"]:
                self._role(name).secret_ids.pop(str(call.body.get("secret_id")), None)
                return empty()
        return super().manage(call, path)


class Kubernetes(_Method):
    def __init__(self, path: str, tokens: Tokens):
        super().__init__(path, tokens)
        self._roles: dict[str, tuple[list[str], Grant]] = {}

    def add(self, name: str, jwts: list[str], grant: Grant) -> None:
        self._roles[name] = (jwts, grant)

    def login(self, call: Call, path: str) -> Reply:
        name, jwt = str(call.body.get("role") or ""), call.body.get("jwt")
        if not name:
            raise error(400, "missing role")
        if not jwt:
            raise error(400, "missing jwt")
        if name not in self._roles:
            raise error(400, f'invalid role name "{name}"')
        accepted, grant = self._roles[name]
        call.request.credential = grant.label
        if jwt not in accepted:
            raise error(403, PERMISSION_DENIED)
        return self._issue(call, grant, {"role": name, "service_account_name": "agent"})


METHODS = {"userpass": Userpass, "approle": AppRole, "kubernetes": Kubernetes}
