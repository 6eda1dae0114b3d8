"""Elasticsearch's answers and errors."""

from __future__ import annotations

from typing import Any

from ..common.exchange import Refusal, Reply

CHALLENGES = ['Basic realm="security", charset="UTF-8"', 'Bearer realm="security"', "ApiKey"]


def reply(body: Any, status: int = 200) -> Reply:
    return Reply.of(body, status)


def error(status: int, kind: str, reason: str, **more: Any) -> Reply:
    cause = {"type": kind, "reason": reason, **more}
    return reply({"error": {"root_cause": [cause], **cause}, "status": status}, status)


def refusal(status: int, kind: str, reason: str, **more: Any) -> Refusal:
    return Refusal(error(status, kind, reason, **more))


def unauthenticated(request_path: str) -> Reply:
    answer = error(
        401,
        "security_exception",
        f"missing authentication credentials for REST request [{request_path}]",
        header={"WWW-Authenticate": CHALLENGES},
    )
    answer.headers["WWW-Authenticate"] = CHALLENGES[0]
    return answer


def unauthorized(action: str, who: str) -> Refusal:
    return refusal(403, "security_exception", f"action [{action}] is unauthorized for [{who}]")


def no_index(name: str) -> Refusal:
    return refusal(404, "index_not_found_exception", f"no such index [{name}]", index=name)


def conflict(index: str, identifier: str, reason: str) -> Refusal:
    return refusal(
        409,
        "version_conflict_engine_exception",
        f"[{identifier}]: version conflict, {reason}",
        index=index,
        shard="0",
    )
