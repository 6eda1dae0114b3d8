"""Tokens for machines: the instance metadata service (IMDS), App Service's endpoint, and Azure Arc's agent."""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from ..common.exchange import Reply, Request
from .tokens import AccessToken, AccessTokens

IMDS_PATH = "/metadata/identity/oauth2/token"
APP_SERVICE_PATH = "/msi/token"
#: Of a user-assigned identity; App Service has another name for the resource's id.
_SELECTORS = ("client_id", "object_id", "msi_res_id", "mi_res_id")


@dataclass
class Identity:
    label: str
    permissions: list[str]
    selectors: dict[str, str]  # empty: the machine's own


class ManagedIdentities:
    def __init__(self, tokens: AccessTokens, tenant: str, folder: Path):
        self._tokens = tokens
        self._tenant = tenant
        self._identities: list[Identity] = []
        #: Where Azure Arc puts the files that prove who can read them.
        self.arc_folder = folder / "arc"
        self.arc_folder.mkdir()
        self._proofs: set[str] = set()
        #: What App Service puts into IDENTITY_HEADER.
        self.header = secrets.token_urlsafe(24)

    def add(self, identity: Identity) -> None:
        self._identities.append(identity)

    def clear(self) -> None:
        self._identities.clear()

    def handle(self, request: Request) -> Reply:
        return self._imds(request) if request.path == IMDS_PATH else self._app_service(request)

    def _imds(self, request: Request) -> Reply:
        query = request.query
        if request.headers.get("metadata") != "true" or "x-forwarded-for" in request.headers:
            return _invalid("Required metadata header not specified")
        version = query.get("api-version")
        if version not in ("2018-02-01", "2020-06-01"):
            return _invalid("The api-version is invalid.")
        if version == "2020-06-01" and not self._is_proven(request):
            return self._arc_challenge()
        token = self._issued(request, query)
        if token is None:
            return _invalid("Identity not found")
        lifetime = self._tokens.lifetime
        answer = self._answer(token, request.query["resource"])
        return Reply.of({**answer, "expires_in": str(lifetime), "ext_expires_in": str(lifetime)})

    def _is_proven(self, request: Request) -> bool:
        """Azure Arc's agent answers only to who has read the file that it named, once."""
        scheme, _, proof = request.headers.get("authorization", "").partition(" ")
        if scheme != "Basic" or proof not in self._proofs:
            return False
        self._proofs.remove(proof)
        return True

    def _arc_challenge(self) -> Reply:
        proof = secrets.token_hex(64)
        self._proofs.add(proof)
        path = self.arc_folder / f"{uuid.uuid4()}.key"
        path.write_text(proof)
        return Reply(401, b"", {"WWW-Authenticate": f"Basic realm={path}"})

    def _app_service(self, request: Request) -> Reply:
        query = request.query
        if request.headers.get("x-identity-header") != self.header:
            return Reply.of({"statusCode": 401, "message": "unauthorized"}, 401)
        if query.get("api-version") != "2019-08-01":
            return _invalid("The api-version is invalid.")
        token = self._issued(request, query)
        if token is None:
            return _invalid("No User Assigned or Delegated Managed Identity found for specified parameters.")
        return Reply.of(self._answer(token, request.query["resource"]))

    def _issued(self, request: Request, query: dict[str, str]) -> AccessToken | None:
        asked = {name.replace("msi_", "mi_"): query[name] for name in _SELECTORS if name in query}
        identity = next((each for each in self._identities if self._fits(each, asked)), None)
        if identity is None or not query.get("resource"):
            return None
        request.credential = identity.label
        return self._tokens.issue(identity.label, self._tenant, query["resource"], identity.permissions, request.now)

    @staticmethod
    def _fits(identity: Identity, asked: dict[str, str]) -> bool:
        return all(identity.selectors.get(name) == value for name, value in asked.items()) and (
            bool(asked) or not identity.selectors
        )

    def _answer(self, token: AccessToken, resource: str) -> dict[str, str]:
        """Numbers are texts here."""
        now = int(time.time())
        return {
            "access_token": token.value,
            "client_id": "00000000-0000-0000-0000-00000000aaaa",
            "expires_on": str(now + self._tokens.lifetime),
            "not_before": str(now),
            "resource": resource,
            "token_type": "Bearer",
        }


def _invalid(text: str) -> Reply:
    return Reply.of({"error": "invalid_request", "error_description": text}, 400)
