"""Entra ID's token endpoint: applications with a client secret or a federated assertion."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field

from ..common.clock import rfc3339
from ..common.exchange import Refusal, Reply, Request
from .tokens import AccessTokens

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Application:
    tenant: str
    client_id: str
    label: str
    permissions: list[str]
    client_secrets: list[str] = field(default_factory=list)
    expired_secrets: list[str] = field(default_factory=list)
    assertions: list[str] = field(default_factory=list)


class Entra:
    def __init__(self, tokens: AccessTokens):
        self._tokens = tokens
        self._applications: dict[tuple[str, str], Application] = {}
        #: Resources that tokens are given for.
        self.resources: set[str] = set()

    def add(self, application: Application) -> None:
        """Again for the same client: its secrets and assertions are replaced."""
        self._applications[application.tenant, application.client_id] = application

    def handle(self, request: Request) -> Reply | None:
        """None where the path is not one of these."""
        match request.segments:
            case [tenant, "v2.0", ".well-known", "openid-configuration"]:
                return self._configuration(request, tenant)
            case [tenant, "oauth2", "v2.0", "token"]:
                return self._token(request, tenant)
        return None

    @staticmethod
    def _configuration(request: Request, tenant: str) -> Reply:
        base = f"https://{request.headers['host']}/{tenant}"
        return Reply.of(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "issuer": f"{base}/v2.0",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            }
        )

    def _token(self, request: Request, tenant: str) -> Reply:
        form = request.form
        if request.method != "POST" or form.get("grant_type") != "client_credentials":
            raise refusal(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
        application = self._application(tenant, form.get("client_id", ""))
        request.credential = application.label
        self._authenticate(application, form)
        audience, default, rest = form.get("scope", "").rpartition("/.default")
        if not default or rest or audience not in self.resources:
            raise refusal(400, "invalid_resource", 500011, "The resource principal was not found in the tenant.")
        token = self._tokens.issue(
            application.label, tenant, audience, application.permissions, request.now, form.get("claims", "")
        )
        lifetime = self._tokens.lifetime
        answer = {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": token.value,
        }
        if self._tokens.refresh_in is not None:
            answer["refresh_in"] = self._tokens.refresh_in
        return Reply.of(answer, Cache_Control="no-store, no-cache")

    def _application(self, tenant: str, client_id: str) -> Application:
        if all(tenant != known for known, _ in self._applications):
            raise refusal(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.")
        if (tenant, client_id) not in self._applications:
            text = f"Application with identifier '{client_id}' was not found in the directory."
            raise refusal(400, "unauthorized_client", 700016, text)
        return self._applications[tenant, client_id]

    @staticmethod
    def _authenticate(application: Application, form: dict[str, str]) -> None:
        if "client_assertion" in form:
            assertion = form["client_assertion"]
            if form.get("client_assertion_type") != JWT_BEARER:
                raise refusal(401, "invalid_client", 70021, "The client assertion's type is wrong.")
            if assertion.startswith("expired"):
                raise refusal(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")
            if assertion not in application.assertions:
                raise refusal(401, "invalid_client", 70021, "No matching federated identity record found.")
            return
        given = form.get("client_secret")
        if given in application.expired_secrets:
            raise refusal(401, "invalid_client", 7000222, "The provided client secret keys are expired.")
        if given not in application.client_secrets:
            raise refusal(401, "invalid_client", 7000215, "Invalid client secret provided.")


def refusal(status: int, error: str, code: int, text: str) -> Refusal:
    """Entra's texts have line breaks in them."""
    trace, moment = str(uuid.uuid4()), rfc3339(time.time(), 0)
    described = f"AADSTS{code}: {text}\r\nTrace ID: {trace}\r\nCorrelation ID: {trace}\r\nTimestamp: {moment}"
    return Refusal(
        Reply.of(
            {
                "error": error,
                "error_description": described,
                "error_codes": [code],
                "timestamp": moment,
                "trace_id": trace,
                "correlation_id": trace,
            },
            status,
        )
    )
