"""What a mapping lets in, and how a field's values compare."""

from __future__ import annotations

import base64
import datetime
from typing import Any

from .replies import refusal

#: Lucene's longest term.
LONGEST_KEYWORD = 32_766


def check(mappings: dict[str, Any], source: dict[str, Any]) -> None:
    properties = mappings.get("properties", {})
    for name, value in source.items():
        if name not in properties:
            if str(mappings.get("dynamic", "true")) == "strict":
                raise refusal(
                    400,
                    "strict_dynamic_mapping_exception",
                    f"[1:2] mapping set to strict, dynamic introduction of [{name}] within [_doc] is not allowed",
                )
            if str(mappings.get("dynamic", "true")) == "true":
                mappings.setdefault("properties", {})[name] = {"type": "text"}
            continue
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                _check_value(name, properties[name]["type"], each)


def _check_value(name: str, kind: str, value: Any) -> None:
    try:
        if kind == "keyword":
            assert isinstance(value, (str, int, float, bool))
            if len(str(value).encode()) > LONGEST_KEYWORD:
                raise refusal(400, "illegal_argument_exception", f"Document contains at least one immense term in field=\"{name}\"")
        elif kind == "long":
            assert -(1 << 63) <= int(value) < 1 << 63
        elif kind == "binary":
            base64.b64decode(value, validate=True)
        elif kind == "date":
            datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        elif kind == "text":
            assert isinstance(value, (str, int, float, bool))
    except (AssertionError, ValueError, TypeError, AttributeError):
        raise refusal(
            400, "document_parsing_exception", f"[1:9] failed to parse field [{name}] of type [{kind}]"
        ) from None


def order(value: Any) -> Any:
    """Keywords are in the order of their UTF-8 bytes."""
    return value.encode() if isinstance(value, str) else value
