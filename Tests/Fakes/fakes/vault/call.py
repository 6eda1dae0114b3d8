"""A request in Vault's own terms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..common.exchange import Request
from .replies import parse

_OPERATIONS = {"GET": "read", "POST": "write", "PUT": "write", "PATCH": "patch", "DELETE": "delete", "LIST": "list"}


@dataclass
class Call:
    request: Request
    operation: str  # read, list, write, patch, delete
    namespace: str  # without slashes at its ends; "" is the root
    path: str  # below the namespace

    @classmethod
    def of(cls, request: Request, namespace: str, path: str) -> Call:
        operation = _OPERATIONS.get(request.method, "unknown")
        if operation == "read" and request.query.get("list") == "true":
            operation = "list"
        return cls(request, operation, namespace, path)

    @property
    def now(self) -> float:
        return self.request.now

    @property
    def token(self) -> str:
        return self.request.headers.get("x-vault-token") or self.request.bearer or ""

    @cached_property
    def body(self) -> dict[str, Any]:
        return parse(self.request.body)
