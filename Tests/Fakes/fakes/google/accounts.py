"""Who may do what, and the tokens that speak for them."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from ..common.authority import private_pem
from .replies import reason, refusal, unauthenticated

CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
#: Enough to get another account's token with.
IAM = "https://www.googleapis.com/auth/iam"
_ACCESS = ["versions.access"]
_VIEW = ["secrets.get", "secrets.list", "versions.get", "versions.list"]
_MANAGE = ["versions.add", "versions.enable", "versions.disable", "versions.destroy", "versions.get", "versions.list"]
ROLES = {
    "secretAccessor": _ACCESS,
    "viewer": _VIEW,
    "secretVersionAdder": ["versions.add"],
    "secretVersionManager": _MANAGE,
    "admin": [*_ACCESS, *_VIEW, *_MANAGE, "secrets.create", "secrets.update", "secrets.delete"],
}


@dataclass
class Account:
    email: str
    label: str
    roles: list[str]
    #: The ids that the roles are granted on; None: the whole project.
    only: list[str] | None = None
    key_id: str = ""
    key: Any = None
    #: Accounts that it may get tokens for.
    impersonates: list[str] = field(default_factory=list)

    def allows(self, permission: str, secret: str | None) -> bool:
        granted = {permission for role in self.roles for permission in ROLES[role]}
        return permission in granted and (self.only is None or secret in self.only)


@dataclass
class AccessToken:
    account: Account
    scopes: list[str]
    expires: float


class Accounts:
    def __init__(self, folder: Path, project: str):
        self._folder = folder
        self._project = project
        self._accounts: dict[str, Account] = {}
        self._tokens: dict[str, AccessToken] = {}
        self.lifetime = 3599

    # MARK: accounts

    def add(self, account: Account) -> Account:
        self._accounts[account.email] = account
        return account

    def add_service_account(self, name: str, label: str, roles: list[str], only: list[str] | None) -> Account:
        email = f"{name}@{self._project}.iam.gserviceaccount.com"
        return self.add(Account(email, label, roles, only))

    def new_key(self, account: Account, token_uri: str) -> str:
        """Replaces the key that it had. Returns the path of its file."""
        account.key_id = secrets.token_hex(20)
        account.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self.file(
            f"{account.label}.json",
            {
                "type": "service_account",
                "project_id": self._project,
                "private_key_id": account.key_id,
                "private_key": private_pem(account.key).decode(),
                "client_email": account.email,
                "client_id": "100000000000000000001",
                "auth_uri": "https://accounts.google.com/o/oauth2/auth",
                "token_uri": token_uri,
                "universe_domain": "googleapis.com",
            },
        )

    def file(self, name: str, content: dict[str, Any] | str) -> str:
        path = self._folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
        return str(path)

    def named(self, email: str) -> Account | None:
        return self._accounts.get(email)

    def with_key(self, key_id: str) -> Account | None:
        return next((each for each in self._accounts.values() if each.key_id and each.key_id == key_id), None)

    # MARK: tokens

    def issue(self, account: Account, scopes: list[str], now: float, seconds: int | None = None) -> str:
        value = "ya29.c." + secrets.token_urlsafe(180)
        self._tokens[value] = AccessToken(account, scopes, now + (self.lifetime if seconds is None else seconds))
        return value

    def known(self, value: str | None) -> AccessToken | None:
        """Also one that has ended."""
        return self._tokens.get(value or "")

    def valid(self, value: str | None, now: float, *scopes: str) -> AccessToken:
        """`scopes`: those that are enough beside cloud-platform."""
        token = self.known(value)
        if token is None or token.expires <= now:
            raise unauthenticated()
        if not {CLOUD_PLATFORM, *scopes} & set(token.scopes):
            text = "Request had insufficient authentication scopes."
            raise refusal("PERMISSION_DENIED", text, reason("ACCESS_TOKEN_SCOPE_INSUFFICIENT"))
        return token

    def expire(self, label: str | None) -> int:
        """Ends all tokens with this label, or all; how many."""
        ended = [token for token in self._tokens.values() if label in (None, token.account.label)]
        for token in ended:
            token.expires = 0
        return len(ended)
