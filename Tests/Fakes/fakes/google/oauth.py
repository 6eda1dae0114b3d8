"""Where tokens come from: OAuth's endpoint, the exchange of others' tokens, and impersonation."""

from __future__ import annotations

import time
from typing import Any

from ..common.clock import rfc3339
from ..common.credentials import made_up
from ..common.exchange import Reply, Request
from .accounts import CLOUD_PLATFORM, IAM, Account, Accounts
from .assertions import TOKEN_AUDIENCE, Rejected, judge
from .replies import oauth_refusal, reason, refusal, reply

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"
JWT_TYPE = "urn:ietf:params:oauth:token-type:jwt"
POOL = "//iam.googleapis.com/projects/424242424242/locations/global/workloadIdentityPools/pool-a/providers/oidc-a"
CLIENT_ID = "made-up.apps.googleusercontent.com"
CLIENT_SECRET = made_up()
LONGEST_IMPERSONATION = 3600


class OAuth:
    def __init__(self, accounts: Accounts):
        self._accounts = accounts
        #: Of users, by their refresh token.
        self.refresh_tokens: dict[str, Account] = {}
        #: Tokens of another issuer that are accepted.
        self.subject_tokens: list[str] = []
        self.federated: Account | None = None
        self.token_uri = ""

    def token(self, request: Request) -> Reply:
        form = request.form
        match form.get("grant_type"):
            case str(grant) if grant == JWT_BEARER:
                account, scopes = self._asserted(form.get("assertion", ""), request)
            case "refresh_token":
                account, scopes = self._refreshed(form)
            case _:
                raise oauth_refusal("unsupported_grant_type", "Invalid grant_type")
        request.credential = account.label
        token = self._accounts.issue(account, scopes, request.now)
        return reply({"access_token": token, "expires_in": self._accounts.lifetime, "token_type": "Bearer"})

    def _asserted(self, assertion: str, request: Request) -> tuple[Account, list[str]]:
        try:
            account, claims = judge(assertion, self._accounts, request.wall)
            if claims.get("aud") not in (TOKEN_AUDIENCE, self.token_uri):
                raise Rejected("Invalid JWT: Failed audience check.")
        except Rejected as rejected:
            raise oauth_refusal("invalid_grant", str(rejected)) from rejected
        scopes = str(claims.get("scope", "")).split()
        if not scopes:
            raise oauth_refusal("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        return account, scopes

    def _refreshed(self, form: dict[str, str]) -> tuple[Account, list[str]]:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise oauth_refusal("invalid_client", "The OAuth client was not found.", 401)
        account = self.refresh_tokens.get(form.get("refresh_token", ""))
        if account is None:
            raise oauth_refusal("invalid_grant", "Token has been expired or revoked.")
        return account, [CLOUD_PLATFORM]

    def exchange(self, request: Request) -> Reply:
        """Security token service: a token of another issuer for one of ours."""
        form = request.form
        wanted = {
            "grant_type": TOKEN_EXCHANGE,
            "requested_token_type": ACCESS_TOKEN_TYPE,
            "subject_token_type": JWT_TYPE,
            "audience": POOL,
        }
        for name, value in wanted.items():
            if form.get(name) != value:
                raise oauth_refusal("invalid_request", f"Invalid value for {name}.")
        if self.federated is None or form.get("subject_token") not in self.subject_tokens:
            raise oauth_refusal("invalid_grant", "The given credential is rejected by the attribute condition.")
        request.credential = self.federated.label
        token = self._accounts.issue(self.federated, form.get("scope", "").split(), request.now)
        return reply(
            {
                "access_token": token,
                "issued_token_type": ACCESS_TOKEN_TYPE,
                "token_type": "Bearer",
                "expires_in": self._accounts.lifetime,
            }
        )

    def impersonate(self, request: Request, email: str) -> Reply:
        """IAM credentials: a token of a service account for somebody who may have it."""
        token = self._accounts.known(request.bearer)
        request.credential = token.account.label if token else "(unknown)"
        caller = self._accounts.valid(request.bearer, request.now, IAM).account
        target = self._accounts.named(email)
        if target is None or email not in caller.impersonates:
            text = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
            details = reason(
                "IAM_PERMISSION_DENIED", "iam.googleapis.com", permission="iam.serviceAccounts.getAccessToken"
            )
            raise refusal("PERMISSION_DENIED", text, details)
        seconds, scopes = _asked(request)
        value = self._accounts.issue(target, scopes, request.now, seconds)
        return reply({"accessToken": value, "expireTime": rfc3339(time.time() + seconds, 0)})


def _asked(request: Request) -> tuple[int, list[str]]:
    try:
        body: dict[str, Any] = request.json()
    except ValueError as problem:
        raise refusal("INVALID_ARGUMENT", "Invalid JSON payload received.") from problem
    lifetime = str(body.get("lifetime", "3600s"))
    if not lifetime.endswith("s") or not lifetime[:-1].isdigit() or int(lifetime[:-1]) > LONGEST_IMPERSONATION:
        raise refusal("INVALID_ARGUMENT", "The access token lifetime cannot exceed 3600 seconds.")
    if not body.get("scope"):
        raise refusal("INVALID_ARGUMENT", "Scope required.")
    return int(lifetime[:-1]), list(body["scope"])
