"""The metadata server of a machine in Google's cloud."""

from __future__ import annotations

from ..common.exchange import Reply, Request
from .accounts import CLOUD_PLATFORM, Account, Accounts

PREFIX = "/computeMetadata/v1/"


class MetadataServer:
    def __init__(self, accounts: Accounts, project: str, number: str):
        self._accounts = accounts
        self._project = project
        self._number = number
        #: Who the machine is; None: nobody.
        self.account: Account | None = None

    def handle(self, request: Request) -> Reply:
        if request.headers.get("metadata-flavor") != "Google" or "x-forwarded-for" in request.headers:
            return Reply.text("Missing required header: Metadata-Flavor", 403)
        reply = self._answer(request)
        reply.headers["Metadata-Flavor"] = "Google"
        return reply

    def _answer(self, request: Request) -> Reply:
        account = self.account
        for name in ("default", account.email if account else ""):
            of_account = f"{PREFIX}instance/service-accounts/{name}/"
            if name and request.path.startswith(of_account):
                return self._of_account(request, request.path.removeprefix(of_account))
        match request.path.removeprefix(PREFIX):
            case "/":
                return Reply.text("computeMetadata/\n")
            case "project/project-id":
                return Reply.text(self._project)
            case "project/numeric-project-id":
                return Reply.text(self._number)
            case "universe/universe-domain":
                return Reply.text("googleapis.com")
        return Reply.text("not found", 404)

    def _of_account(self, request: Request, part: str) -> Reply:
        account = self.account
        if account is None:
            return Reply.text("not found", 404)
        match part:
            case "":
                return Reply.of({"aliases": ["default"], "email": account.email, "scopes": [CLOUD_PLATFORM]})
            case "email":
                return Reply.text(account.email)
            case "token":
                request.credential = account.label
                scopes = request.query.get("scopes", CLOUD_PLATFORM).split(",")
                token = self._accounts.issue(account, scopes, request.now)
                answer = {"access_token": token, "expires_in": self._accounts.lifetime, "token_type": "Bearer"}
                return Reply.of(answer)
        return Reply.text("not found", 404)
