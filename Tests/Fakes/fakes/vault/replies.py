"""Vault's envelope and its errors, written as Go writes JSON."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from ..common.exchange import Refusal, Reply

# Numbers are kept as they were written: Vault never turns them into floating point.
_NUMBER = "\0number:"
_WRITTEN_NUMBER = re.compile(r'"\\u0000number:([^"]*)"')
_ESCAPED_BY_GO = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def parse(body: bytes) -> dict[str, Any]:
    """A request's body. Empty counts as an object without members."""
    try:
        value = json.loads(
            body or b"{}", parse_int=lambda text: _NUMBER + text, parse_float=lambda text: _NUMBER + text
        )
    except ValueError as problem:
        raise error(400, f"failed to parse JSON input: {problem}") from problem
    if not isinstance(value, dict):
        raise error(
            400, "failed to parse JSON input: json: cannot unmarshal into Go value of type map[string]interface {}"
        )
    return value


def number(value: Any, default: int = 0) -> int:
    """A number, or text that holds one."""
    text = str(value).removeprefix(_NUMBER)
    return int(text) if text.lstrip("-").isdigit() else default


def seconds(value: Any, default: float = 0) -> float:
    """A duration: seconds, or text such as 3h25m19s."""
    text = str(value if value is not None else "").removeprefix(_NUMBER)
    if not text:
        return default
    if text.lstrip("-").isdigit():
        return float(text)
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "d": 86400.0}
    parts = re.findall(r"(\d+(?:\.\d+)?)([dhms])", text)
    if "".join(amount + unit for amount, unit in parts) != text:
        raise error(400, f'error converting input {text} for field: time: invalid duration "{text}"')
    return sum(float(amount) * units[unit] for amount, unit in parts)


def encode(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return (_WRITTEN_NUMBER.sub(r"\1", text).translate(_ESCAPED_BY_GO) + "\n").encode()


def envelope(
    data: Any = None, auth: Any = None, warnings: list[str] | None = None, status: int = 200, wrap_info: Any = None
) -> Reply:
    body = {
        "request_id": str(uuid.uuid4()),
        "lease_id": "",
        "renewable": False,
        "lease_duration": 0,
        "data": data,
        "wrap_info": wrap_info,
        "warnings": warnings,
        "auth": auth,
    }
    return reply(body, status)


def reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, encode(body), {"Content-Type": "application/json", "Cache-Control": "no-store"})


def empty() -> Reply:
    return Reply(204, headers={"Cache-Control": "no-store"})


def errors(status: int, *texts: str) -> Reply:
    return reply({"errors": list(texts)}, status)


def error(status: int, *texts: str) -> Refusal:
    return Refusal(errors(status, *texts))


def no_route(path: str) -> Refusal:
    return error(404, f'no handler for route "{path}". route entry not found.')


PERMISSION_DENIED = "1 error occurred:\n\t* permission denied\n\n"
INVALID_TOKEN = "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"
