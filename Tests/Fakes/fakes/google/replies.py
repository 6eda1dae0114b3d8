"""Google's errors: those of its APIs, and those of OAuth."""

from __future__ import annotations

from typing import Any

from ..common.exchange import Refusal, Reply

_STATUSES = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
_JSON = "application/json; charset=UTF-8"


def reply(body: Any) -> Reply:
    return Reply.of(body, 200, _JSON, Vary="Origin")


def error(status: str, message: str, details: list[dict[str, Any]] | None = None, code: int | None = None) -> Reply:
    described: dict[str, Any] = {"code": code or _STATUSES[status], "message": message, "status": status}
    if details:
        described["details"] = details
    answer = Reply.of({"error": described}, described["code"], _JSON)
    if status == "UNAUTHENTICATED":
        answer.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    return answer


def refusal(status: str, message: str, details: list[dict[str, Any]] | None = None) -> Refusal:
    return Refusal(error(status, message, details))


def reason(name: str, domain: str = "googleapis.com", **metadata: str) -> list[dict[str, Any]]:
    """The details of an error that has a reason."""
    return [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": name, "domain": domain, "metadata": metadata}
    ]


def unauthenticated() -> Refusal:
    text = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    return refusal("UNAUTHENTICATED", text, reason("ACCESS_TOKEN_EXPIRED", service="secretmanager.googleapis.com"))


def oauth_error(name: str, description: str, status: int = 400) -> Reply:
    return Reply.of({"error": name, "error_description": description}, status, _JSON)


def oauth_refusal(name: str, description: str, status: int = 400) -> Refusal:
    return Refusal(oauth_error(name, description, status))
