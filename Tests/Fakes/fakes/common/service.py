"""What makes one fake different from the others."""

from __future__ import annotations

from typing import Any, Callable

from .clock import Clock
from .exchange import Reply, Request


class Service:
    """A secret manager. Requests come from several threads: `handle` and commands are called one at a time."""

    #: Listeners beside `tls`, the main one: their names, and whether they speak TLS.
    listeners: dict[str, bool] = {"plain": False}

    def __init__(self, clock: Clock, options: dict[str, str]):
        self.clock = clock
        self.options = options

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        """Called once all listeners are there, with their addresses. Returns what tests are told beside these."""
        return {}

    def handle(self, request: Request) -> Reply:
        raise NotImplementedError

    def commands(self) -> dict[str, Callable[..., dict[str, Any] | None]]:
        """What tests can ask for, by name. Arguments are the members of the command."""
        return {}

    # How it says that something is wrong; see faults.Manners.

    def throttled(self, request: Request, retry_after: str | None) -> Reply:
        raise NotImplementedError

    def failed(self, request: Request, status: int) -> Reply:
        raise NotImplementedError

    def token_expired(self, request: Request) -> Reply:
        raise NotImplementedError

    def is_login(self, request: Request) -> bool:
        raise NotImplementedError

    def login_refused(self, request: Request) -> Reply:
        raise NotImplementedError
