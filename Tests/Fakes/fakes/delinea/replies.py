"""Secret Server's errors: what is missing and what may not be seen are answered alike."""

from __future__ import annotations

from ..common.exchange import Refusal, Reply

#: The one text by which an ended token is told from a missing right. The status is 403, not 401.
EXPIRED = {"message": "Authentication failed or expired token."}


def error(status: int, code: str, message: str) -> Reply:
    body = {"message": message, "messageDetail": None, "errorCode": code, "modelState": None}
    return Reply.of(body, status, "application/json; charset=utf-8")


def access_denied() -> Refusal:
    return Refusal(error(403, "API_AccessDenied", "Access Denied"))


def invalid(member: str, text: str) -> Refusal:
    body = {"message": "The request is invalid.", "modelState": {member: [text]}}
    return Refusal(Reply.of(body, 400, "application/json; charset=utf-8"))
