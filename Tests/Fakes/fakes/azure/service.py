"""Which part of Azure a request is for; the challenge, and who may do what in the vault."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from ..common.clock import Clock
from ..common.credentials import made_up
from ..common.exchange import Reply, Request
from ..common.service import Service
from .commands import AzureCommands
from .data_plane import DataPlane
from .entra import Application, Entra
from .entra import refusal as entra_refusal
from .managed_identity import APP_SERVICE_PATH, IMDS_PATH, Identity, ManagedIdentities
from .replies import error, refusal
from .tokens import ALL_PERMISSIONS, AccessTokens
from .vault import Vault

TENANT = "9a8b7c6d-1111-2222-3333-444455556666"
CLIENT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_SECRET = made_up()
ASSERTION = made_up()
RESOURCE = "https://vault.azure.net"


class AzureService(Service):
    """The main listener is the vault and Entra ID; `plain` also the managed identities' endpoints."""

    tenant = TENANT
    client_id = CLIENT_ID

    def __init__(self, clock: Clock, options: dict[str, str]):
        super().__init__(clock, options)
        self.tokens = AccessTokens()
        self.entra = Entra(self.tokens)
        self.identities = ManagedIdentities(self.tokens, self.tenant, Path(options["folder"]))
        self.vault = Vault()
        self.data_plane = DataPlane(self.vault)
        self.challenge: dict[str, str] = {}
        self.claims = ""

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        port = addresses["tls"].rpartition(":")[2]
        self._own_resource = f"https://vault.localhost:{port}"
        self.entra.resources |= {RESOURCE, self._own_resource}
        self.entra.add(Application(TENANT, CLIENT_ID, "agent", ALL_PERMISSIONS, [CLIENT_SECRET], [], [ASSERTION]))
        self.identities.add(Identity("machine", ALL_PERMISSIONS, {}))
        token_file = Path(self.options["folder"]) / "federated-token"
        token_file.write_text(ASSERTION)
        return {
            # Its host ends with that of the challenge's resource, as a real vault's does.
            "vault-address": f"https://acme.vault.localhost:{port}",
            "authority-host": addresses["tls"],
            "tenant-id": TENANT,
            "client-id": CLIENT_ID,
            "client-secret": CLIENT_SECRET,
            "federated-token-file": str(token_file),
            "imds-address": addresses["plain"],
            "app-service-endpoint": addresses["plain"] + APP_SERVICE_PATH,
            "identity-header": self.identities.header,
            "arc-endpoint": addresses["plain"] + IMDS_PATH,
            "arc-folder": str(self.identities.arc_folder),
        }

    def commands(self):
        return AzureCommands(self).all()

    # MARK: requests

    def handle(self, request: Request) -> Reply:
        if request.path in (IMDS_PATH, APP_SERVICE_PATH):
            return self.identities.handle(request)
        answer = self.entra.handle(request)
        if answer is not None:
            return answer
        permissions = self._authenticated(request)
        permission, operation = self.data_plane.operation(request)
        if permission not in permissions:
            text = f"The user, group or application does not have secrets {permission} permission on the key vault."
            raise refusal(403, "Forbidden", text, "AccessDenied")
        return operation(request)

    def _authenticated(self, request: Request) -> list[str]:
        """What the token allows."""
        if request.bearer is None:
            raise self._challenged(request, "AKV10000: Request is missing a Bearer or PoP token.")
        token = self.tokens.known(request.bearer)
        request.credential = token.label if token else "(unknown)"
        if token is None or token.expires <= request.now:
            raise self._challenged(request, "AKV10046: Unable to validate the token: it has ended or is unknown.")
        if token.audience != self._resource(request):
            raise self._challenged(request, "AKV10022: Invalid audience.")
        if token.tenant != TENANT:
            raise self._challenged(request, "AKV10032: Invalid issuer.")
        if self.claims and not _holds(json.loads(token.claims or "{}"), json.loads(self.claims)):
            raise self._challenged(request, "AKV10000: The token lacks claims.", self.claims)
        return token.permissions

    def _resource(self, request: Request) -> str:
        """A vault below vault.localhost says so; elsewhere the fake speaks for the public cloud."""
        host = request.headers.get("host", "").partition(":")[0]
        return self._own_resource if host.endswith(".vault.localhost") else RESOURCE

    def _challenged(self, request: Request, text: str, claims: str = ""):
        authority = self.challenge.get("authority", "https://login.windows.net")
        tenant = self.challenge.get("tenant", TENANT)
        resource = self.challenge.get("resource", self._resource(request))
        value = f'Bearer authorization="{authority}/{tenant}", resource="{resource}"'
        if claims:
            encoded = base64.urlsafe_b64encode(claims.encode()).decode()
            value += f', error="insufficient_claims", claims="{encoded}"'
        refused = refusal(401, "Unauthorized", text)
        refused.reply.headers["WWW-Authenticate"] = value
        return refused

    # MARK: what goes wrong

    def throttled(self, request: Request, retry_after: str | None) -> Reply:
        if self.is_login(request):
            reply = Reply.of({"error": "temporarily_unavailable", "error_description": "too many requests"}, 429)
        else:
            text = (
                "Request was not processed because too many requests were received. "
                "Reason: VaultRequestTypeLimitReached"
            )
            reply = error(429, "Throttled", text)
        if retry_after is not None:
            reply.headers["Retry-After"] = retry_after
        return reply

    def failed(self, request: Request, status: int) -> Reply:
        if self.is_login(request):
            return Reply.of({"error": "temporarily_unavailable", "error_description": "try again"}, status)
        code = {503: "ServiceUnavailable"}.get(status, "InternalServerError")
        return error(status, code, "An internal error occurred.")

    def token_expired(self, request: Request) -> Reply:
        token = self.tokens.known(request.bearer)
        if token is not None:
            token.expires = 0
            request.credential = token.label
        return self._challenged(request, "AKV10046: Unable to validate the token: it has ended.").reply

    def is_login(self, request: Request) -> bool:
        return request.path in (IMDS_PATH, APP_SERVICE_PATH) or request.path.endswith("/oauth2/v2.0/token")

    def login_refused(self, request: Request) -> Reply:
        if request.path in (IMDS_PATH, APP_SERVICE_PATH):
            return Reply.of({"error": "invalid_request", "error_description": "Identity not found"}, 400)
        return entra_refusal(401, "invalid_client", 7000215, "Invalid client secret provided.").reply


def _holds(given: Any, wanted: Any) -> bool:
    """Clients add claims of their own to those that they were asked for."""
    if not isinstance(wanted, dict):
        return given == wanted
    return isinstance(given, dict) and all(
        name in given and _holds(given[name], value) for name, value in wanted.items()
    )
