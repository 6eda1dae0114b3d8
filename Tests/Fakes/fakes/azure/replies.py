"""Key Vault's errors."""

from __future__ import annotations

import uuid

from ..common.exchange import Refusal, Reply

_HEADERS = {
    "x-ms-keyvault-region": "westeurope",
    "x-ms-keyvault-service-version": "1.9.2254.1",
    "Cache-Control": "no-cache",
}


def reply(body: object, status: int = 200) -> Reply:
    answer = Reply.of(body, status, "application/json; charset=utf-8")
    answer.headers |= {"x-ms-request-id": str(uuid.uuid4()), **_HEADERS}
    return answer


def error(status: int, code: str, message: str, inner: str | None = None) -> Reply:
    described: dict[str, object] = {"code": code, "message": message}
    if inner is not None:
        described["innererror"] = {"code": inner}
    return reply({"error": described}, status)


def refusal(status: int, code: str, message: str, inner: str | None = None) -> Refusal:
    return Refusal(error(status, code, message, inner))


def not_found(name: str) -> Refusal:
    text = (
        f"A secret with (name/id) {name} was not found in this key vault. "
        "If you recently deleted this secret you may be able to recover it using the correct recovery command. "
        "For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"
    )
    return refusal(404, "SecretNotFound", text)
