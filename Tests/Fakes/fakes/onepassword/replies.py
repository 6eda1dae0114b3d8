"""A Connect server's errors."""

from __future__ import annotations

from typing import Any

from ..common.exchange import Refusal, Reply

VERSION = {"1Password-Connect-Version": "1.7.3"}


def reply(body: Any, status: int = 200) -> Reply:
    answer = Reply.of(body, status)
    answer.headers |= VERSION
    return answer


def error(status: int, message: str) -> Reply:
    return reply({"status": status, "message": message}, status)


def refusal(status: int, message: str) -> Refusal:
    return Refusal(error(status, message))
