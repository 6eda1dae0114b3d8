"""Who may do what: users with a password, API keys, bearer tokens, and the owner of a client certificate."""

from __future__ import annotations

import base64
import fnmatch
from dataclasses import dataclass, field

from ..common.exchange import Request
from .replies import unauthorized

#: What a privilege of an index is made of, as far as this fake goes.
ACTIONS = {
    "read": ["indices:data/read/get", "indices:data/read/mget", "indices:data/read/search"],
    "index": ["indices:data/write/index"],
    "view_index_metadata": ["indices:admin/mappings/get", "indices:admin/get"],
    "create_index": ["indices:admin/create"],
    "maintenance": ["indices:admin/refresh"],
    "delete": ["indices:data/write/delete"],
}


@dataclass
class User:
    label: str
    #: Empty: everything.
    privileges: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=lambda: ["*"])
    monitors: bool = False

    def may(self, action: str, index: str | None) -> bool:
        if not self.privileges:
            return True
        if index is None:
            return self.monitors and action.startswith("cluster:monitor/")
        if not any(fnmatch.fnmatchcase(index, name) for name in self.names):
            return False
        return any(action in ACTIONS.get(privilege, []) for privilege in self.privileges)

    def demand(self, action: str, index: str | None = None) -> None:
        if not self.may(action, index):
            raise unauthorized(action, self.label)


class Users:
    def __init__(self) -> None:
        #: By the whole of the header, its scheme in lower case.
        self._users: dict[tuple[str, str], User] = {}
        self.certificate_owner: User | None = None

    def add_password(self, username: str, password: str, user: User) -> None:
        text = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._users[("basic", text)] = user

    def add_key(self, encoded: str, user: User) -> None:
        self._users[("apikey", encoded)] = user

    def add_token(self, token: str, user: User) -> None:
        self._users[("bearer", token)] = user

    def revoke(self, label: str | None) -> None:
        self._users = {key: user for key, user in self._users.items() if label not in (None, user.label)}

    def find(self, request: Request) -> User | None:
        header = request.headers.get("authorization")
        if header is None:
            return self.certificate_owner
        scheme, _, text = header.partition(" ")
        return self._users.get((scheme.lower(), text))
