"""What tests can ask of Google's fake: to know an account, to hold a secret, to spoil a payload."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from .accounts import ROLES, Account

if TYPE_CHECKING:
    from .service import GoogleService


class GoogleCommands:
    def __init__(self, service: GoogleService):
        self._service = service

    def all(self) -> dict[str, Any]:
        return {
            "service-account": self.service_account,
            "new-key": self.new_key,
            "roles": self.roles,
            "metadata": self.metadata,
            "subject-tokens": self.subject_tokens,
            "tokens": self.tokens,
            "expire-tokens": self.expire_tokens,
            "put": self.put,
            "stored": self.stored,
            "state": self.state,
            "remove": self.remove,
            "paging": self.paging,
            "corrupt": self.corrupt,
        }

    # MARK: accounts

    def service_account(
        self, name: str, roles: list[str], only: list[str] | None = None, label: str | None = None
    ) -> dict[str, str]:
        """`roles`: admin, secretAccessor, viewer, ...; `only`: the secrets that they are granted on."""
        account = self._service.accounts.add_service_account(name, label or name, _known(roles), only)
        return {"email": account.email, **self.new_key(account.email)}

    def new_key(self, email: str) -> dict[str, str]:
        """What the old key signs is refused from now on."""
        return {"file": self._service.accounts.new_key(self._account(email), self._service.oauth.token_uri)}

    def roles(self, email: str, roles: list[str], only: list[str] | None = None) -> None:
        account = self._account(email)
        account.roles, account.only = _known(roles), only

    def metadata(self, email: str | None = None) -> None:
        """Who the machine is; without an email it is nobody."""
        self._service.metadata.account = self._account(email) if email else None

    def subject_tokens(self, accepted: list[str]) -> None:
        self._service.oauth.subject_tokens = accepted

    def tokens(self, lifetime: int = 3599) -> None:
        """Of those that are given out from now on."""
        self._service.accounts.lifetime = lifetime

    def expire_tokens(self, label: str | None = None) -> dict[str, int]:
        return {"expired": self._service.accounts.expire(label)}

    def _account(self, email: str) -> Account:
        account = self._service.accounts.named(email)
        if account is None:
            raise ValueError(f"no such account: {email}")
        return account

    # MARK: secrets

    def put(
        self, id: str, value: str = "", base64: str | None = None, location: str = "", **members: Any
    ) -> dict[str, int]:
        """Adds a version, to a new secret where there is none. `members`: labels, annotations."""
        place = self._service.manager.place(location)
        now = self._service.clock.now()
        if not place.has(id):
            replication = {} if location else {"replication": {"automatic": {}}}
            place.create(id, {**members, **replication}, now)
        data = value.encode() if base64 is None else _decoded(base64)
        return {"version": place.append(place.get(id), data, now).number}

    def stored(self, id: str, location: str = "") -> dict[str, Any]:
        """The newest version, for tests that look at what was written."""
        place = self._service.manager.place(location)
        if not place.has(id):
            return {"base64": None}
        secret = place.get(id)
        newest = secret.versions[-1] if secret.versions else None
        return {
            **secret.members,
            "versions": len(secret.versions),
            "state": newest.state if newest else None,
            "base64": base64.b64encode(newest.payload).decode() if newest else None,
        }

    def state(self, id: str, state: str, version: str = "latest", location: str = "") -> None:
        """ENABLED, DISABLED or DESTROYED."""
        self._service.manager.place(location).change(id, version, state)

    def remove(self, id: str, location: str = "") -> None:
        self._service.manager.place(location).forget(id)

    def paging(self, empty_pages: int = 0) -> None:
        self._service.manager.empty_pages = empty_pages

    def corrupt(self, times: int = 1) -> None:
        """So many payloads come with a wrong byte, and the right checksum."""
        self._service.manager.corrupted = times


def _known(roles: list[str]) -> list[str]:
    unknown = set(roles) - ROLES.keys()
    if unknown:
        raise ValueError(f"no such role: {', '.join(sorted(unknown))}")
    return roles


def _decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
