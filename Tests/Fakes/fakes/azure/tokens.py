"""Access tokens: for whom, for what, until when."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

ALL_PERMISSIONS = ["get", "list", "set", "delete", "recover", "backup", "restore", "purge"]


@dataclass
class AccessToken:
    value: str
    label: str
    tenant: str
    audience: str
    permissions: list[str]
    expires: float
    claims: str  # what was asked for beside the scope


class AccessTokens:
    def __init__(self) -> None:
        self._tokens: dict[str, AccessToken] = {}
        self.lifetime = 3599
        #: Where set, tokens are to be renewed from then on.
        self.refresh_in: int | None = None

    def issue(
        self, label: str, tenant: str, audience: str, permissions: list[str], now: float, claims: str = ""
    ) -> AccessToken:
        # As long as a real one, and as opaque to clients.
        value = (
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9." + secrets.token_urlsafe(700) + "." + secrets.token_urlsafe(256)
        )
        token = AccessToken(value, label, tenant, audience, permissions, now + self.lifetime, claims)
        self._tokens[value] = token
        return token

    def known(self, value: str | None) -> AccessToken | None:
        """Also one that has ended."""
        return self._tokens.get(value or "")

    def expire(self, label: str | None) -> int:
        """Ends all with this label, or all; how many."""
        ended = [token for token in self._tokens.values() if label in (None, token.label)]
        for token in ended:
            token.expires = 0
        return len(ended)
