"""The state that Enterprise hands out with writes, and a node that lags behind it."""

from __future__ import annotations

import base64
import secrets

from ..common.exchange import Reply, Request
from .replies import error
from .system import CLUSTER


class Consistency:
    def __init__(self, is_enterprise: bool):
        self._is_enterprise = is_enterprise
        self._index = 0
        self._lagging = 0

    def lag(self, requests: int) -> None:
        """So many requests that show a state come to a node that does not have it yet."""
        self._lagging = requests

    def check(self, request: Request) -> None:
        forwards = request.headers.get("x-vault-inconsistent") == "forward-active-node"
        if self._lagging == 0 or "x-vault-index" not in request.headers or forwards:
            return
        self._lagging -= 1
        raise error(412, "required index state not present")

    def mark(self, reply: Reply) -> None:
        """Adds the state that a write has led to."""
        if not self._is_enterprise:
            return
        self._index += 1
        state = f"v1:{CLUSTER}:{self._index}:0:{secrets.token_hex(32)}"
        reply.headers["X-Vault-Index"] = base64.b64encode(state.encode()).decode()
