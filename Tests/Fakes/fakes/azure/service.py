"""Which part of Azure a request is for; the challenge, and who may do what in the vault."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from ..common.clock import Clock
from ..common.exchange import Reply, Request
from ..common.service import Service
from .data_plane import DataPlane
from .entra import Application, Entra
from .entra import refusal as entra_refusal
from .managed_identity import APP_SERVICE_PATH, IMDS_PATH, Identity, ManagedIdentities
from .replies import error, refusal
from .tokens import ALL_PERMISSIONS, AccessTokens
from .vault import Vault

TENANT = "9a8b7c6d-1111-2222-3333-444455556666"
CLIENT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_SECRET = "made~up~client-secret"
ASSERTION = "made.up.assertion"
RESOURCE = "https://vault.azure.net"


class AzureService(Service):
    """The main listener is the vault and Entra ID; `plain` also the managed identities' endpoints."""

    def __init__(self, clock: Clock, options: dict[str, str]):
        super().__init__(clock, options)
        self._tokens = AccessTokens()
        self._entra = Entra(self._tokens)
        self._identities = ManagedIdentities(self._tokens, TENANT)
        self._vault = Vault()
        self._data_plane = DataPlane(self._vault)
        self._challenge: dict[str, str] = {}
        self._claims = ""

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        port = addresses["tls"].rpartition(":")[2]
        self._own_resource = f"https://vault.localhost:{port}"
        self._entra.resources |= {RESOURCE, self._own_resource}
        self._add_application("agent", TENANT, CLIENT_ID, [CLIENT_SECRET], [ASSERTION])
        self._identities.add(Identity("machine", ALL_PERMISSIONS, {}))
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
            "identity-header": self._identities.header,
        }

    def commands(self):
        return {
            "application": self._add_application,
            "identity": self._add_identity,
            "no-identities": self._identities.clear,
            "tokens": self._set_tokens,
            "expire-tokens": lambda label=None: {"expired": self._tokens.expire(label)},
            "challenge": self._set_challenge,
            "demand-claims": self._demand_claims,
            "put": self._put,
            "stored": self._stored,
            "forget": self._vault.forget,
            "vault": self._set_vault,
            "paging": self._set_paging,
        }

    # MARK: commands

    def _add_application(
        self,
        label: str,
        tenant: str = TENANT,
        client_id: str = CLIENT_ID,
        client_secrets: list[str] | None = None,
        assertions: list[str] | None = None,
        expired_secrets: list[str] | None = None,
        permissions: list[str] | None = None,
    ) -> None:
        """Again for the same client: what it had before is refused from now on."""
        allowed = ALL_PERMISSIONS if permissions is None else permissions
        self._entra.add(
            Application(tenant, client_id, label, allowed, client_secrets or [], expired_secrets or [], assertions or [])
        )

    def _add_identity(self, label: str, permissions: list[str] | None = None, **selectors: str) -> None:
        """`client_id`, `object_id` or `mi_res_id` for one that is assigned by a user."""
        allowed = ALL_PERMISSIONS if permissions is None else permissions
        self._identities.add(Identity(label, allowed, selectors))

    def _set_tokens(self, lifetime: int = 3599, refresh_in: int | None = None) -> None:
        """Of those that are given out from now on."""
        self._tokens.lifetime, self._tokens.refresh_in = lifetime, refresh_in

    def _set_challenge(self, **parameters: str) -> None:
        """`resource`, `tenant`, `authority`: what the challenge says instead; without any, the truth again."""
        self._challenge = parameters

    def _demand_claims(self, claims: str = "") -> None:
        """JSON that a token must have been asked for with; empty: none."""
        self._claims = claims

    def _put(self, name: str, value: str, tags: dict[str, str] | None = None, **more: Any) -> dict[str, str]:
        """`more`: contentType, attributes."""
        _, version = self._vault.put(name, {"value": value, "tags": tags or {}, **more}, self.clock.now())
        return {"version": version.id}

    def _stored(self, name: str) -> dict[str, Any]:
        """The newest version, for tests that look at what was written."""
        found = next((each for each in self._vault.live(self.clock.now()) if each.name.lower() == name.lower()), None)
        if found is None:
            return {"value": None}
        newest = found.newest
        return {
            "name": found.name,
            "value": newest.value,
            "tags": newest.tags,
            "contentType": newest.content_type,
            "attributes": newest.attributes,
            "versions": len(found.versions),
        }

    def _set_vault(self, transition: float = 0, purge_protection: bool = False) -> None:
        """`transition`: how long deleting and recovering take."""
        self._vault.transition, self._vault.is_purge_protected = transition, purge_protection

    def _set_paging(self, empty_pages: int = 0, next_link_base: str | None = None) -> None:
        self._data_plane.empty_pages, self._data_plane.next_link_base = empty_pages, next_link_base

    # MARK: requests

    def handle(self, request: Request) -> Reply:
        if request.path in (IMDS_PATH, APP_SERVICE_PATH):
            return self._identities.handle(request)
        answer = self._entra.handle(request)
        if answer is not None:
            return answer
        permissions = self._authenticated(request)
        permission, operation = self._data_plane.operation(request)
        if permission not in permissions:
            text = f"The user, group or application does not have secrets {permission} permission on the key vault."
            raise refusal(403, "Forbidden", text, "AccessDenied")
        return operation(request)

    def _authenticated(self, request: Request) -> list[str]:
        """What the token allows."""
        if request.bearer is None:
            raise self._challenged(request, "AKV10000: Request is missing a Bearer or PoP token.")
        token = self._tokens.known(request.bearer)
        request.credential = token.label if token else "(unknown)"
        if token is None or token.expires <= request.now:
            raise self._challenged(request, "AKV10046: Unable to validate the token: it has ended or is unknown.")
        if token.audience != self._resource(request):
            raise self._challenged(request, "AKV10022: Invalid audience.")
        if token.tenant != TENANT:
            raise self._challenged(request, "AKV10032: Invalid issuer.")
        if self._claims and not _holds(json.loads(token.claims or "{}"), json.loads(self._claims)):
            raise self._challenged(request, "AKV10000: The token lacks claims.", self._claims)
        return token.permissions

    def _resource(self, request: Request) -> str:
        """A vault below vault.localhost says so; elsewhere the fake speaks for the public cloud."""
        host = request.headers.get("host", "").partition(":")[0]
        return self._own_resource if host.endswith(".vault.localhost") else RESOURCE

    def _challenged(self, request: Request, text: str, claims: str = ""):
        authority = self._challenge.get("authority", "https://login.windows.net")
        tenant = self._challenge.get("tenant", TENANT)
        resource = self._challenge.get("resource", self._resource(request))
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
            text = "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached"
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
        token = self._tokens.known(request.bearer)
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
    return isinstance(given, dict) and all(name in given and _holds(given[name], value) for name, value in wanted.items())
