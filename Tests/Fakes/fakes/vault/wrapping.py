"""Response wrapping: a reply kept for whoever shows its token first."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from ..common.clock import rfc3339
from ..common.exchange import Reply
from .call import Call
from .replies import envelope, error


@dataclass
class Wrapped:
    reply: Reply
    path: str
    created: float
    ttl: float


class Wrapping:
    def __init__(self, prefix: str):
        self._prefix = prefix
        self._wrapped: dict[str, Wrapped] = {}

    def wrap(self, reply: Reply, path: str, ttl: float, now: float) -> dict[str, Any]:
        """Returns the `wrap_info` member."""
        token = f"{self._prefix}s." + secrets.token_urlsafe(24)
        self._wrapped[token] = Wrapped(reply, path, now, ttl)
        return {
            "token": token,
            "accessor": secrets.token_urlsafe(18),
            "ttl": int(ttl),
            "creation_time": rfc3339(now, 9),
            "creation_path": path,
            "wrapped_accessor": "",
        }

    def lookup(self, call: Call) -> Reply:
        wrapped = self._valid(str(call.body.get("token") or call.token), call.now)
        return envelope(
            {
                "creation_path": wrapped.path,
                "creation_time": rfc3339(wrapped.created, 9),
                "creation_ttl": int(wrapped.ttl),
            }
        )

    def unwrap(self, token: str, now: float) -> Reply:
        reply = self._valid(token, now).reply
        del self._wrapped[token]
        return reply

    def holds(self, token: str) -> bool:
        return token in self._wrapped

    def _valid(self, token: str, now: float) -> Wrapped:
        wrapped = self._wrapped.get(token)
        if wrapped is None or wrapped.created + wrapped.ttl <= now:
            raise error(400, "wrapping token is not valid or does not exist")
        return wrapped
