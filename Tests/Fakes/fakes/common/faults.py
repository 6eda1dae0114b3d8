"""What goes wrong on demand.

A fault names its kind, and which requests it is for: `path` is a part of the path with its query, `method`
where given is the method, `listener` the one that it came in by. `times` requests meet it (0: all until it is
cleared), after `skip` that do not; `rate` is the chance that a matching request meets it.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from typing import Any, Protocol

from .exchange import Reply, Request

KINDS = {
    "slow": "answers after `seconds`",
    "hang": "never answers",
    "drop": "closes the connection without an answer",
    "cut": "closes it after half of the body",
    "drip": "sends a byte every `seconds`",
    "throttle": "asks for fewer requests, with Retry-After where `retry_after` is given",
    "error": "`status` (500), in the manager's own words or with `html`",
    "wrong-json": "a body that ends too early",
    "huge": "a body of `bytes` (64 MiB)",
    "content-type": "the answer, said to be of `type` (text/html)",
    "redirect": "307 to `location`",
    "answer": "`status`, `headers` and `body` as they are given",
    "expired-token": "the credential is refused as one that ended",
    "refuse-login": "a login is refused",
    "skew": "judged by a clock that is `seconds` ahead",
}


class Manners(Protocol):
    """How a manager says that something is wrong."""

    def throttled(self, request: Request, retry_after: str | None) -> Reply: ...

    def failed(self, request: Request, status: int) -> Reply: ...

    def token_expired(self, request: Request) -> Reply: ...

    def is_login(self, request: Request) -> bool: ...

    def login_refused(self, request: Request) -> Reply: ...


@dataclass
class Fault:
    kind: str
    path: str = ""
    method: str = ""
    listener: str = ""
    times: int = 1
    skip: int = 0
    rate: float = 1.0
    more: dict[str, Any] = field(default_factory=dict)


class Faults:
    def __init__(self, seed: int) -> None:
        self._lock = threading.Lock()
        self._chance = random.Random(seed)
        self._faults: list[Fault] = []

    def add(
        self,
        kind: str,
        path: str = "",
        method: str = "",
        listener: str = "",
        times: int = 1,
        skip: int = 0,
        rate: float = 1.0,
        **more,
    ):
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind}")
        with self._lock:
            self._faults.append(Fault(kind, path, method, listener, times, skip, rate, more))

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def seed(self, seed: int) -> None:
        with self._lock:
            self._chance.seed(seed)

    def meet(self, request: Request, is_login: bool) -> Fault | None:
        """The first fault that is for this request; it counts as met."""
        with self._lock:
            for fault in self._faults:
                if fault.path not in request.target or fault.method not in ("", request.method):
                    continue
                if fault.listener not in ("", request.listener):
                    continue
                if fault.kind == "refuse-login" and not is_login:
                    continue
                if fault.kind == "expired-token" and is_login:
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if self._chance.random() >= fault.rate:
                    continue
                if fault.times == 1:
                    self._faults.remove(fault)
                elif fault.times > 1:
                    fault.times -= 1
                return fault
        return None


def instead(fault: Fault, request: Request, manners: Manners) -> Reply | None:
    """The reply that stands in for the manager's, where the fault has one."""
    more = fault.more
    match fault.kind:
        case "throttle":
            after = more.get("retry_after")
            return manners.throttled(request, None if after is None else str(after))
        case "error":
            status = int(more.get("status", 500))
            if more.get("html"):
                return Reply.text("<html><body>Something went wrong.</body></html>", status, "text/html")
            return manners.failed(request, status)
        case "wrong-json":
            return Reply.text('{"data": {"data": [', content_type="application/json")
        case "huge":
            filling = b"x" * int(more.get("bytes", 64 << 20))
            return Reply(200, b'{"data": "' + filling + b'"}', {"Content-Type": "application/json"})
        case "redirect":
            return Reply(307, b"", {"Location": more["location"]})
        case "answer":
            headers = {"Content-Type": "application/json", **more.get("headers", {})}
            return Reply(int(more.get("status", 200)), more.get("body", "").encode(), headers)
        case "expired-token":
            return manners.token_expired(request)
        case "refuse-login":
            return manners.login_refused(request)
    return None
