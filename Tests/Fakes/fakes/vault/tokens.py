"""Tokens: what they allow, how long they live, how often they can be used."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from ..common.clock import rfc3339
from .policies import Paths
from .replies import envelope, error


@dataclass
class Grant:
    """What a login, or a command, gives a token."""

    label: str
    policies: list[str] = field(default_factory=lambda: ["default"])
    paths: Paths = field(default_factory=dict)  # beside those of the policies
    ttl: float = 2_764_800  # 0: never ends
    max_ttl: float = 0  # 0: no limit
    period: float = 0
    renewable: bool = True
    num_uses: int = 0  # 0: no limit
    type: str = "service"

    @classmethod
    def of(cls, label: str, members: dict[str, Any]) -> Grant:
        """From a command's members; removes those that it takes."""
        taken = {name: members.pop(name) for name in list(members) if name in cls.__dataclass_fields__}
        grant = cls(**{"label": label, **taken})
        if grant.type == "batch":
            grant.renewable = False
        return grant


@dataclass
class Token:
    value: str
    accessor: str
    namespace: str
    grant: Grant
    path: str
    metadata: dict[str, str]
    issued: float
    expires: float | None
    uses_left: int
    entity: str = ""

    def ttl(self, now: float) -> int:
        return 0 if self.expires is None else max(0, int(self.expires - now + 0.5))


class Tokens:
    def __init__(self, prefix: str):
        self._prefix = prefix
        self._tokens: dict[str, Token] = {}

    def issue(
        self, grant: Grant, namespace: str, path: str, now: float, metadata: dict[str, str] | None = None
    ) -> Token:
        kind = {"batch": "b", "service": "s"}[grant.type]
        value = f"{self._prefix}{kind}." + secrets.token_urlsafe(180 if grant.type == "batch" else 24)
        lifetime = min(grant.ttl, grant.max_ttl) if grant.max_ttl else grant.ttl
        token = Token(
            value=value,
            accessor=secrets.token_urlsafe(18),
            namespace=namespace,
            grant=grant,
            path=path,
            metadata=metadata or {},
            issued=now,
            expires=now + lifetime if lifetime else None,
            uses_left=grant.num_uses,
            entity=str(uuid.uuid4()),
        )
        self._tokens[value] = token
        return token

    def use(self, value: str, namespace: str, now: float) -> Token | None:
        """The token, if it is valid in this namespace; takes one of its uses."""
        token = self.known(value)
        if token is None or (token.expires is not None and token.expires <= now):
            return None
        if not (namespace + "/").startswith(token.namespace + "/" if token.namespace else ""):
            return None
        if token.grant.num_uses:
            token.uses_left -= 1
            if token.uses_left == 0:
                del self._tokens[value]
        return token

    def known(self, value: str) -> Token | None:
        """Also one that has ended."""
        return self._tokens.get(value)

    def revoke(self, value: str) -> None:
        self._tokens.pop(value, None)

    def revoke_labelled(self, label: str | None) -> int:
        """All with this label, or all; how many."""
        ended = [value for value, token in self._tokens.items() if label in (None, token.grant.label)]
        for value in ended:
            del self._tokens[value]
        return len(ended)

    def listed(self, now: float) -> list[dict[str, Any]]:
        return [
            {"label": token.grant.label, "ttl": token.ttl(now), "uses_left": token.uses_left}
            for token in self._tokens.values()
            if token.expires is None or token.expires > now
        ]

    # MARK: what holders of a token can ask for

    def renew(self, token: Token, increment: float, now: float):
        grant = token.grant
        if not grant.renewable or token.expires is None:
            raise error(400, "lease is not renewable")
        wanted = grant.period or increment or grant.ttl
        warnings = None
        if grant.max_ttl and now + wanted > token.issued + grant.max_ttl:
            wanted = token.issued + grant.max_ttl - now
            warnings = [
                f'TTL of "{int(increment or grant.ttl)}s" exceeded the effective max_ttl of "{int(grant.max_ttl)}s"; '
                "TTL value is capped accordingly"
            ]
        token.expires = now + wanted
        return envelope(auth=described(token, now), warnings=warnings)

    def lookup(self, token: Token, now: float):
        grant = token.grant
        ends = token.expires is not None
        data = {
            "accessor": token.accessor,
            "creation_time": int(token.issued),
            "creation_ttl": int(grant.ttl),
            "display_name": token.path.replace("/", "-").removeprefix("auth-"),
            "entity_id": token.entity,
            "expire_time": rfc3339(token.expires, 9) if ends else None,
            "explicit_max_ttl": int(grant.max_ttl),
            "id": token.value,
            "meta": token.metadata or None,
            "num_uses": token.uses_left,
            "orphan": True,
            "path": token.path,
            "policies": grant.policies,
            "ttl": token.ttl(now),
            "type": grant.type,
        }
        if ends:
            data |= {"issue_time": rfc3339(token.issued, 9), "renewable": grant.renewable}
        if grant.period:
            data["period"] = int(grant.period)
        return envelope(data)


def described(token: Token, now: float) -> dict[str, Any]:
    """The `auth` member of a login's or renewal's reply."""
    return {
        "client_token": token.value,
        "accessor": token.accessor,
        "policies": token.grant.policies,
        "token_policies": token.grant.policies,
        "metadata": token.metadata,
        "lease_duration": token.ttl(now),
        "renewable": token.grant.renewable and token.expires is not None,
        "entity_id": token.entity,
        "token_type": token.grant.type,
        "orphan": True,
        "mfa_requirement": None,
        "num_uses": token.grant.num_uses,
    }
