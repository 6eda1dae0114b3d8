"""Applications, and the one request that there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..common.clock import Clock
from ..common.exchange import Refusal, Reply, Request
from ..common.service import Service

PATH = "/aimwebservice/api/accounts"
APPLICATION = "Kestra"
SAFE = "KestraMain"


@dataclass
class Application:
    #: Safes that it may read; None: all.
    safes: list[str] | None


@dataclass
class Account:
    name: str
    safe: str
    folder: str
    content: str
    #: More members of the answer.
    properties: dict[str, str]


class CentralCredentialProviderService(Service):
    def __init__(self, clock: Clock, options: dict[str, str]):
        super().__init__(clock, options)
        self.applications: dict[str, Application] = {APPLICATION: Application(None)}
        self.accounts: list[Account] = []

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        return {"app-id": APPLICATION, "safe": SAFE}

    # MARK: commands

    def commands(self):
        return {"application": self.application, "put": self.put, "remove": self.remove}

    def application(self, id: str, safes: list[str] | None = None) -> None:
        self.applications[id] = Application(safes)

    def put(self, name: str, content: str, safe: str = SAFE, folder: str = "Root", **properties: str) -> None:
        self.remove(name, safe)
        self.accounts.append(Account(name, safe, folder, content, properties))

    def remove(self, name: str, safe: str = SAFE) -> None:
        self.accounts = [each for each in self.accounts if (each.name, each.safe) != (name, safe)]

    # MARK: requests

    def handle(self, request: Request) -> Reply:
        if request.path.lower() != PATH or request.method != "GET":
            return Reply.text("<html>not found</html>", 404, "text/html")
        # Names of parameters count in any case of their letters.
        query = {name.lower(): value for name, value in request.query.items()}
        if not query.get("appid"):
            raise _refused(400, "AIMWS031E", "Invalid request. The AppID parameter is required.")
        application = self.applications.get(query["appid"])
        request.credential = query["appid"] if application else "(unknown)"
        if application is None:
            raise _refused(403, "APPAP306E", "Authentication error for App, reason APPAP133E Failed to verify")
        wanted = {name: query[name] for name in ("safe", "folder", "object", "username", "address") if query.get(name)}
        if not wanted.keys() - {"safe", "folder"}:
            raise _refused(400, "AIMWS030E", "Invalid query format.")
        text = ";".join(f"{name}={value}" for name, value in wanted.items())
        found = [
            each
            for each in self.accounts
            if (application.safes is None or each.safe in application.safes) and _fits(each, wanted)
        ]
        if not found:
            raise _refused(404, "APPAP004E", f"Password object matching query [{text}] was not found")
        if len(found) > 1:
            raise _refused(400, "APPAP227E", f"Too many password objects matching query [{text}] were found")
        account = found[0]
        answer: dict[str, Any] = {
            "Content": account.content,
            "Safe": account.safe,
            "Folder": account.folder,
            "Name": account.name,
            "PasswordChangeInProcess": "False",
        }
        return Reply.of({**account.properties, **answer})

    # MARK: what goes wrong

    def throttled(self, request: Request, retry_after: str | None) -> Reply:
        reply = Reply.text("<html>Too Many Requests</html>", 429, "text/html")
        if retry_after is not None:
            reply.headers["Retry-After"] = retry_after
        return reply

    def failed(self, request: Request, status: int) -> Reply:
        return _refused(status, "APPAP007E", "It failed, made up").reply

    def token_expired(self, request: Request) -> Reply:
        """There is no token: the application is refused."""
        return _refused(403, "APPAP306E", "Authentication error for App").reply

    def is_login(self, request: Request) -> bool:
        return False

    def login_refused(self, request: Request) -> Reply:
        return _refused(403, "APPAP306E", "Authentication error for App").reply


def _fits(account: Account, wanted: dict[str, str]) -> bool:
    """In any case of the letters, as the vault finds them."""
    has = {
        "safe": account.safe,
        "folder": account.folder,
        "object": account.name,
        "username": account.properties.get("UserName", ""),
        "address": account.properties.get("Address", ""),
    }
    return all(has[name].lower() == value.lower() for name, value in wanted.items())


def _refused(status: int, code: str, text: str) -> Refusal:
    """The member is ErrorMsg here, and ErrorMessage in the vault's other interfaces."""
    return Refusal(Reply.of({"ErrorCode": code, "ErrorMsg": text}, status))
