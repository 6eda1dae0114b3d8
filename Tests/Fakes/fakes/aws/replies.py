"""AWS's errors: JSON for Secrets Manager, XML for STS."""

from __future__ import annotations

import json
import uuid
from xml.sax.saxutils import escape

from ..common.exchange import Refusal, Reply, Request

CONTENT_TYPE = "application/x-amz-json-1.1"


def is_for_sts(request: Request) -> bool:
    return "/sts/aws4_request" in request.headers.get("authorization", "") or request.headers.get(
        "content-type", ""
    ).startswith("application/x-www-form-urlencoded")


def error(request: Request, status: int, code: str, message: str) -> Reply:
    return _xml(status, code, message) if is_for_sts(request) else _json(status, code, message)


def refusal(request: Request, status: int, code: str, message: str) -> Refusal:
    return Refusal(error(request, status, code, message))


def _json(status: int, code: str, message: str) -> Reply:
    body = json.dumps({"__type": code, "Message": message}).encode()
    headers = {"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": str(uuid.uuid4()), "x-amzn-ErrorType": code}
    return Reply(status, body, headers)


def _xml(status: int, code: str, message: str) -> Reply:
    fault = "Sender" if status < 500 else "Receiver"
    body = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n'
        f"  <Error>\n    <Type>{fault}</Type>\n    <Code>{escape(code)}</Code>\n"
        f"    <Message>{escape(message)}</Message>\n  </Error>\n"
        f"  <RequestId>{uuid.uuid4()}</RequestId>\n</ErrorResponse>\n"
    )
    return Reply(status, body.encode(), {"Content-Type": "text/xml", "x-amzn-RequestId": str(uuid.uuid4())})
