"""What came in: enough to judge a client by, and nothing that is secret."""

from __future__ import annotations

import threading
import time
from typing import Any

from .credentials import HEADERS as CREDENTIAL_HEADERS
from .exchange import Request


class Record:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[dict[str, Any]] = []

    def add(self, request: Request, status: int | None, fault: str | None) -> None:
        """`status` is None where no status line was sent."""
        entry = {
            "method": request.method,
            "path": request.target,
            "headers": {name: _shown(name, value) for name, value in request.headers.items()},
            "length": len(request.body),
            "time": time.time(),
            "connection": request.connection,
            "listener": request.listener,
            "credential": request.credential,
            "status": status,
            "fault": fault,
        }
        with self._lock:
            self._entries.append(entry)

    def entries(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


def _shown(name: str, value: str) -> str:
    if name not in CREDENTIAL_HEADERS:
        return value
    scheme, space, _ = value.partition(" ")
    return f"{scheme} ***" if space else "***"
