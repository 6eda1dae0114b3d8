"""A request as a fake sees it, and its reply."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    body: bytes
    listener: str
    connection: int
    now: float  # the fake's clock, seconds since 1970: what lifetimes are measured with
    wall: float  # the time that the server takes it to be: what a client's own times are compared with
    credential: str | None = None  # the name of what the request was allowed with; set by the fake

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def segments(self) -> list[str]:
        """Decoded one by one, so that an encoded slash stays inside of its segment."""
        return [unquote(segment) for segment in self.path.split("/")[1:]]

    @property
    def query(self) -> dict[str, str]:
        return _first_values(self.target.partition("?")[2])

    @property
    def form(self) -> dict[str, str]:
        return _first_values(self.body.decode("utf-8", "replace"))

    def json(self) -> dict[str, Any]:
        """The body as an object; empty counts as one without members.

        Raises ValueError where it is neither.
        """
        value = json.loads(self.body or b"{}")
        if not isinstance(value, dict):
            raise ValueError("not an object")
        return value

    @property
    def bearer(self) -> str | None:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" and token else None


@dataclass
class Reply:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Any, status: int = HTTPStatus.OK, content_type: str = "application/json", **headers: str):
        """A JSON reply; underscores in the names of headers stand for hyphens."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(int(status), json.dumps(value).encode(), {"Content-Type": content_type, **named})

    @classmethod
    def text(cls, body: str, status: int = HTTPStatus.OK, content_type: str = "text/plain", **headers: str):
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(int(status), body.encode(), {"Content-Type": content_type, **named})


class Refusal(Exception):
    """Ends the handling of a request with this reply."""

    def __init__(self, reply: Reply):
        super().__init__(f"status {reply.status}")
        self.reply = reply


def _first_values(encoded: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(encoded, keep_blank_values=True).items()}
