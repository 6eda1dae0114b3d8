"""Who may do what in which vault, and a Connect server's operations on items."""

from __future__ import annotations

import base64
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

from ..common.clock import Clock
from ..common.exchange import Reply, Request
from ..common.service import Service
from .replies import VERSION, error, refusal, reply
from .vaults import ID, Vault, new_id

_FILTER = re.compile(r'(title|name) eq "([^"\\]*)"')


@dataclass
class Token:
    label: str
    vaults: list[str]
    may_read: bool = True
    may_write: bool = True


class OnePasswordService(Service):
    def __init__(self, clock: Clock, options: dict[str, str]):
        super().__init__(clock, options)
        self._vaults: dict[str, Vault] = {}
        self._vault = self._make("Kestra")
        self._tokens: dict[str, Token] = {}
        self._token = self._issue(Token("agent", [self._vault.id]))
        #: Requests that a server which is not ready yet refuses.
        self._unready = 0

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        return {"token": self._token, "vault-id": self._vault.id}

    def _make(self, name: str) -> Vault:
        vault = Vault(new_id(), name)
        self._vaults[vault.id] = vault
        return vault

    def _issue(self, token: Token) -> str:
        """As a server takes it for granted: a JWT, of which the last part is the secret one."""
        part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
        text = f"{part({'alg': 'ES256', 'typ': 'JWT'})}.{part({'sub': token.label})}.{secrets.token_urlsafe(48)}"
        self._tokens[text] = token
        return text

    # MARK: requests

    def handle(self, request: Request) -> Reply:
        if request.path == "/heartbeat":
            return Reply.text(".")
        if request.path == "/health":
            return reply({"name": "1Password Connect API", "version": VERSION["1Password-Connect-Version"], "dependencies": []})
        token = self._authenticated(request)
        if self._unready > 0:
            self._unready -= 1
            raise refusal(403, "Authorization: (403) Forbidden, Invalid token")
        match request.segments:
            case ["v1", "vaults"]:
                return self._list_vaults(request, token)
            case ["v1", "vaults", vault_id, *rest]:
                return self._in_vault(request, self._allowed(request, token, vault_id), rest)
        raise refusal(404, "page not found")

    def _authenticated(self, request: Request) -> Token:
        token = self._tokens.get(request.bearer or "")
        if token is None:
            raise refusal(401, "Invalid token signature" if request.bearer else "Invalid bearer token")
        request.credential = token.label
        return token

    def _allowed(self, request: Request, token: Token, vault_id: str) -> Vault:
        if not ID.fullmatch(vault_id):
            raise refusal(400, "Invalid Vault UUID")
        if vault_id not in token.vaults:
            raise refusal(403, f"vault {vault_id} is not in scope")
        is_read = request.method == "GET"
        if not (token.may_read if is_read else token.may_write):
            raise refusal(403, f"token may not {'read' if is_read else 'write'} vault {vault_id}")
        if vault_id not in self._vaults:
            raise refusal(404, f"vault {vault_id} not found")
        return self._vaults[vault_id]

    def _list_vaults(self, request: Request, token: Token) -> Reply:
        name = _filtered(request)
        found = [self._vaults[each] for each in token.vaults if each in self._vaults]
        return reply([_described(vault, request.now) for vault in found if name is None or vault.name == name])

    def _in_vault(self, request: Request, vault: Vault, rest: list[str]) -> Reply:
        now = request.now
        match [request.method, *rest]:
            case ["GET"]:
                return reply(_described(vault, now))
            case ["GET", "items"]:
                return reply(vault.summaries(now, _filtered(request)))
            case ["POST", "items"]:
                return reply(vault.create(_body(request), now))
            case ["GET", "items", item_id]:
                return reply(vault.item(item_id, now))
            case ["PUT", "items", item_id]:
                return reply(vault.replace(item_id, _body(request), now))
            case ["PATCH", "items", item_id]:
                return reply(vault.patch(item_id, _body(request, list), now))
            case ["DELETE", "items", item_id]:
                vault.delete(item_id, now)
                return Reply(204, headers=dict(VERSION))
        raise refusal(404, "page not found")

    # MARK: manners

    def throttled(self, request: Request, retry_after: str | None) -> Reply:
        answer = error(429, "Too many requests")
        if retry_after:
            answer.headers["Retry-After"] = retry_after
        return answer

    def failed(self, request: Request, status: int) -> Reply:
        return error(status, "Something went wrong")

    def token_expired(self, request: Request) -> Reply:
        return error(401, "Invalid bearer token")

    def is_login(self, request: Request) -> bool:
        """The look at the vault, with which the agent finds out whether its token is good."""
        return request.method == "GET" and len(request.segments) == 3

    def login_refused(self, request: Request) -> Reply:
        return error(401, "Invalid token signature")

    # MARK: commands

    def commands(self) -> dict[str, Any]:
        return {
            "token": lambda label, **more: {
                "token": self._issue(Token(label, **{"vaults": [self._vault.id], **more}))
            },
            "revoke": self.revoke,
            "vault": lambda name: {"vault-id": self._make(name).id},
            "put": self.put,
            "stored": self.stored,
            "lag": self.lag,
            "unready": self.unready,
        }

    def revoke(self, label: str | None = None) -> None:
        self._tokens = {text: token for text, token in self._tokens.items() if label not in (None, token.label)}

    def put(self, title: str, category: str = "PASSWORD", id: str | None = None, **more: Any) -> dict[str, str]:
        """An item that somebody else made; `more`: its members."""
        body = {"vault": {"id": self._vault.id}, "title": title, "category": category, **more}
        return {"id": self._vault.create(body, self.clock.now() - self._vault.lag, id)["id"]}

    def stored(self, title: str) -> dict[str, Any]:
        return {"items": [item for item in self._vault.items(float("inf")) if item["title"] == title]}

    def lag(self, seconds: float) -> None:
        self._vault.lag = float(seconds)

    def unready(self, requests: int) -> None:
        self._unready = requests


def _described(vault: Vault, now: float) -> dict[str, Any]:
    return {
        "id": vault.id,
        "name": vault.name,
        "attributeVersion": 1,
        "contentVersion": 1 + vault.changes,
        "items": len(vault.items(now)),
        "type": "USER_CREATED",
        "createdAt": "2026-01-02T03:04:05Z",
        "updatedAt": "2026-01-03T03:04:05Z",
    }


def _filtered(request: Request) -> str | None:
    text = request.query.get("filter")
    if text is None:
        return None
    found = _FILTER.fullmatch(text)
    if found is None or "'" in text:
        raise refusal(400, "Invalid filter")
    return found[2]


def _body(request: Request, kind: type = dict) -> Any:
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if not isinstance(body, kind):
        raise refusal(400, "Invalid request body")
    return body
