"""Doppler's answers and errors."""

from __future__ import annotations

import uuid
from typing import Any

from ..common.exchange import Refusal, Reply


def reply(body: Any, status: int = 200, **headers: str) -> Reply:
    answer = Reply.of(body, status, "application/json; charset=utf-8", **headers)
    answer.headers["x-request-id"] = str(uuid.uuid4())
    return answer


def error(status: int, message: str, data: dict[str, Any] | None = None, **headers: str) -> Reply:
    body: dict[str, Any] = {"messages": [message], "success": False}
    if data is not None:
        body["data"] = data
    return reply(body, status, **headers)


def refusal(status: int, message: str) -> Refusal:
    return Refusal(error(status, message))


def no_secret(name: str) -> Refusal:
    return refusal(404, f"Could not find requested secret: {name}")
