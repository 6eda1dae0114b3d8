"""Which of Google's services a request is for, and who makes it."""

from __future__ import annotations

import time
from pathlib import Path

from ..common.clock import Clock
from ..common.credentials import made_up
from ..common.exchange import Reply, Request
from ..common.service import Service
from .accounts import CLOUD_PLATFORM, Account, Accounts
from .assertions import SERVICE_AUDIENCE, Rejected, judge
from .commands import GoogleCommands
from .metadata import PREFIX, MetadataServer
from .oauth import CLIENT_ID, CLIENT_SECRET, JWT_TYPE, POOL, OAuth
from .replies import error, oauth_error, reason, refusal, unauthenticated
from .secret_manager import SecretManager

PROJECT = "acme-prod"
NUMBER = "424242424242"
SUBJECT_TOKEN = made_up()
SUBJECT_HEADER = made_up()
REFRESH_TOKEN = made_up()
SUBJECT_PATH = "/subject-token"
_IMPERSONATION = ":generateAccessToken"


class GoogleService(Service):
    """The main listener is Secret Manager, OAuth, STS and IAM; `plain` also the metadata server."""

    def __init__(self, clock: Clock, options: dict[str, str]):
        super().__init__(clock, options)
        self.accounts = Accounts(Path(options["folder"]), PROJECT)
        self.oauth = OAuth(self.accounts)
        self.metadata = MetadataServer(self.accounts, PROJECT, NUMBER)
        self.manager = SecretManager(PROJECT, NUMBER)

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        address = addresses["tls"]
        self.oauth.token_uri = f"{address}/token"
        agent = self.accounts.add_service_account("agent", "agent", ["admin"], None)
        self.metadata.account = self.accounts.add_service_account("machine", "machine", ["admin"], None)
        impersonated = self.accounts.add_service_account("impersonated", "impersonated", ["admin"], None)
        person = self.accounts.add(
            Account("person@acme.example", "person", ["admin"], impersonates=[impersonated.email])
        )
        self.oauth.refresh_tokens[REFRESH_TOKEN] = person
        federated = Account("principal://pool-a/agent", "federated", [], impersonates=[impersonated.email])
        self.oauth.federated = self.accounts.add(federated)
        self.oauth.subject_tokens = [SUBJECT_TOKEN]
        return {
            "project": PROJECT,
            "service-account-file": self.accounts.new_key(agent, self.oauth.token_uri),
            "token-uri": self.oauth.token_uri,
            "metadata-host": addresses["plain"].removeprefix("http://"),
            **self._files(address, addresses["plain"], impersonated),
        }

    def _files(self, address: str, plain: str, impersonated: Account) -> dict[str, str]:
        """Credentials in all the forms that a file can have."""
        url = f"{address}/v1/projects/-/serviceAccounts/{impersonated.email}{_IMPERSONATION}"
        subject_token_file = self.accounts.file("subject-token", SUBJECT_TOKEN)
        person = {
            "type": "authorized_user",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH_TOKEN,
            # Not in gcloud's own files: only libraries for tests look at it.
            "token_uri": self.oauth.token_uri,
        }
        direct = {
            "type": "external_account",
            "audience": POOL,
            "subject_token_type": JWT_TYPE,
            "token_url": f"{address}/v1/token",
            "credential_source": {"file": subject_token_file},
        }
        by_url = {"url": plain + SUBJECT_PATH, "headers": {"X-Subject": SUBJECT_HEADER}}
        by_url["format"] = {"type": "json", "subject_token_field_name": "id_token"}
        files = {
            "authorized-user-file": person,
            "external-account-direct-file": direct,
            "external-account-file": {**direct, "service_account_impersonation_url": url},
            "external-account-url-file": {
                **direct,
                "service_account_impersonation_url": url,
                "credential_source": by_url,
            },
            "impersonated-service-account-file": {
                "type": "impersonated_service_account",
                "source_credentials": person,
                "service_account_impersonation_url": url,
                "delegates": [],
            },
        }
        written = {name: self.accounts.file(f"{name}.json", content) for name, content in files.items()}
        return {**written, "subject-token-file": subject_token_file}

    def commands(self):
        return GoogleCommands(self).all()

    # MARK: requests

    def handle(self, request: Request) -> Reply:
        path = request.path
        if path == "/" or path.startswith(PREFIX):
            return self.metadata.handle(request)
        if path == SUBJECT_PATH:
            return self._subject_token(request)
        match request.method, path:
            case "POST", "/token":
                return self.oauth.token(request)
            case "POST", "/v1/token":
                return self.oauth.exchange(request)
            case "POST", _ if path.startswith("/v1/projects/-/serviceAccounts/") and path.endswith(_IMPERSONATION):
                return self.oauth.impersonate(request, request.segments[-1].removesuffix(_IMPERSONATION))
        account = self._authenticated(request)
        quota = request.headers.get("x-goog-user-project", PROJECT)
        if quota not in (PROJECT, NUMBER):
            text = f"Caller does not have required permission to use project {quota}."
            raise refusal("PERMISSION_DENIED", text, reason("USER_PROJECT_DENIED"))
        return self.manager.handle(request, account)

    def _authenticated(self, request: Request) -> Account:
        """By a token, or by a JWT that a service account signed itself."""
        value = request.bearer
        if value is None:
            raise unauthenticated()
        token = self.accounts.known(value)
        if token is None and value.count(".") == 2 and not value.startswith("ya29."):
            return self._self_signed(request, value)
        request.credential = token.account.label if token else "(unknown)"
        return self.accounts.valid(value, request.now).account

    def _self_signed(self, request: Request, jwt: str) -> Account:
        request.credential = "(unknown)"
        try:
            account, claims = judge(jwt, self.accounts, request.wall)
        except Rejected as rejected:
            raise unauthenticated() from rejected
        request.credential = account.label
        is_for_us = claims.get("aud") == SERVICE_AUDIENCE or CLOUD_PLATFORM in str(claims.get("scope", "")).split()
        if claims.get("sub") != account.email or not is_for_us:
            raise unauthenticated()
        return account

    def _subject_token(self, request: Request) -> Reply:
        """Another issuer's endpoint, as an external account can name one."""
        if request.headers.get("x-subject") != SUBJECT_HEADER:
            return Reply.text("no", 403)
        return Reply.of({"id_token": SUBJECT_TOKEN, "issued": int(time.time())})

    # MARK: what goes wrong

    def throttled(self, request: Request, retry_after: str | None) -> Reply:
        text = (
            "Quota exceeded for quota metric 'Access requests' and limit 'Access requests per minute' of service "
            f"'secretmanager.googleapis.com' for consumer 'project_number:{NUMBER}'."
        )
        details = reason("RATE_LIMIT_EXCEEDED", service="secretmanager.googleapis.com")
        if retry_after is not None:
            details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_after}s"})
        reply = error("RESOURCE_EXHAUSTED", text, details)
        if retry_after is not None:
            reply.headers["Retry-After"] = retry_after
        return reply

    def failed(self, request: Request, status: int) -> Reply:
        names = {503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED"}
        return error(names.get(status, "INTERNAL"), "The service is currently unavailable.", code=status)

    def token_expired(self, request: Request) -> Reply:
        token = self.accounts.known(request.bearer)
        if token is not None:
            token.expires = 0
            request.credential = token.account.label
        return unauthenticated().reply

    def is_login(self, request: Request) -> bool:
        path = request.path
        return path in ("/token", "/v1/token") or path.endswith(_IMPERSONATION) or path.startswith(PREFIX)

    def login_refused(self, request: Request) -> Reply:
        if request.path.endswith(_IMPERSONATION):
            return error("PERMISSION_DENIED", "Permission 'iam.serviceAccounts.getAccessToken' denied.")
        if request.path.startswith(PREFIX):
            return Reply.text("not found", 404, Metadata_Flavor="Google")
        return oauth_error("invalid_grant", "Invalid grant: account not found")
