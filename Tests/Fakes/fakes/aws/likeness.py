"""Where moto's Secrets Manager differs from AWS: what AWS refuses before, and how AWS writes an answer."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from moto.secretsmanager.models import secretsmanager_backends

from ..common.exchange import Reply, Request
from .library import ACCOUNT, REGION
from .replies import CONTENT_TYPE, error, refusal

LARGEST_VALUE = 65_536
NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
FILTER_VALUE = re.compile(r"!?[a-zA-Z0-9 :_@/+=.\-!]*")
_DATE = "\0date:"
_WRITTEN_DATE = re.compile(r'"\\u0000date:([^"]*)"')


def check(request: Request, action: str) -> None:
    """What AWS refuses and moto lets through."""
    try:
        body = request.json()
    except ValueError as problem:
        raise refusal(request, 400, "SerializationException", "the body is no JSON object") from problem
    value = body.get("SecretString") or body.get("SecretBinary")
    if action in ("CreateSecret", "PutSecretValue", "UpdateSecret"):
        if value is not None and not 32 <= len(body.get("ClientRequestToken") or "") <= 64:
            text = "You must provide a ClientRequestToken value. We recommend a UUID-type value."
            raise refusal(request, 400, "InvalidParameterException", text)
        if len((body.get("SecretString") or "").encode()) > LARGEST_VALUE:
            text = "1 validation error detected: Value at 'secretString' failed to satisfy constraint"
            raise refusal(request, 400, "ValidationException", text)
    if action == "CreateSecret":
        _check_name(request, body.get("Name") or "")
    if action in ("ListSecrets", "BatchGetSecretValue"):
        values = [text for each in body.get("Filters") or [] for text in each.get("Values") or []]
        if not all(FILTER_VALUE.fullmatch(text) and len(text) <= 512 for text in values):
            raise refusal(request, 400, "ValidationException", "1 validation error detected: a filter's value")


def _check_name(request: Request, name: str) -> None:
    if not NAME.fullmatch(name):
        text = (
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
        )
        raise refusal(request, 400, "ValidationException", text)
    known = secretsmanager_backends[ACCOUNT][REGION].secrets
    if name in known and known[name].deleted_date:
        text = "You can't create this secret because a secret with this name is already scheduled for deletion."
        raise refusal(request, 400, "InvalidRequestException", text)


def rewritten(request: Request, reply: Reply, unlisted_since: float | None) -> Reply:
    """moto's answer in AWS's writing. Secrets made after `unlisted_since` are not listed yet."""
    if reply.status >= 500:
        return error(request, reply.status, "InternalServiceError", "something went wrong")
    if reply.status >= 400:
        members = json.loads(reply.body)
        return error(request, 400, members["__type"], members.get("message") or members.get("Message") or "")
    answer = json.loads(reply.body or b"{}")
    if unlisted_since is not None and "SecretList" in answer:
        answer["SecretList"] = [each for each in answer["SecretList"] if each["CreatedDate"] <= unlisted_since]
    text = json.dumps(_written(answer), ensure_ascii=False)
    body = _WRITTEN_DATE.sub(r"\1", text).encode()
    return Reply(200, body, {"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": str(uuid.uuid4())})


def _written(value: Any) -> Any:
    """AWS leaves out what is not set, and writes dates with an exponent."""
    if isinstance(value, list):
        return [_written(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _date(each) if name.endswith("Date") and isinstance(each, (int, float)) else _written(each)
        for name, each in value.items()
        if each is not None
    }


def _date(seconds: float) -> str:
    digits, _, exponent = f"{seconds:.12E}".partition("E")
    return f"{_DATE}{digits.rstrip('0').rstrip('.')}E{int(exponent)}"
