"""Who may do what in which config, and Doppler's operations on secrets."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from ..common.clock import Clock
from ..common.credentials import made_up
from ..common.exchange import Refusal, Reply, Request
from ..common.service import Service
from .configs import Config, Configs
from .replies import error, no_secret, refusal, reply

PROJECT, CONFIG = "kestra_project", "kestra_config"
WINDOW_SECONDS = 60


@dataclass
class Token:
    label: str
    #: nil of both: everything in the workplace.
    project: str | None = None
    config: str | None = None
    may_write: bool = True
    may_note: bool = True
    sees_restricted: bool = True


class DopplerService(Service):
    def __init__(self, clock: Clock, options: dict[str, str]):
        super().__init__(clock, options)
        self._configs = Configs()
        self._configs.make(PROJECT, CONFIG)
        # A service token's form; what follows the last period is the secret part.
        self._token = "dp.st.kestra_config." + made_up()
        self._tokens = {self._token: Token("agent")}
        #: How a secret that is missing is answered: status 404, or 200 with nothing in the value.
        self._missing_is_null = False
        self._limit = 0
        self._window: tuple[float, int] = (0, 0)

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        return {"token": self._token, "project": PROJECT, "config": CONFIG}

    # MARK: requests

    def handle(self, request: Request) -> Reply:
        limits = self._counted(request)
        try:
            answer = self._handle(request)
        except Refusal as refused:
            answer = refused.reply
        answer.headers |= limits
        return answer

    def _handle(self, request: Request) -> Reply:
        token = self._authenticated(request)
        if request.path == "/v3/me":
            return reply({"workplace": {"name": "Made up", "slug": "made-up"}, "type": "service_token", "token_preview": "dp.st.***", "slug": token.label, "created_at": "2026-01-02T03:04:05.000Z", "name": token.label, "last_seen_at": "2026-01-02T03:04:05.000Z"})
        match [request.method, request.path]:
            case ["GET", "/v3/configs/config/secret"]:
                return self._get(request, token)
            case ["DELETE", "/v3/configs/config/secret"]:
                return self._delete(request, token)
            case ["GET", "/v3/configs/config/secrets"]:
                return self._list(request, token)
            case ["POST", "/v3/configs/config/secrets"]:
                return self._update(request, token)
            case ["GET", "/v3/configs/config/secrets/names"]:
                config = self._config(request.query, token)
                managed = [] if request.query.get("include_managed_secrets", "").lower() == "false" else list(config.managed())
                return reply({"names": sorted([*config.secrets, *managed])})
            case ["GET", "/v3/configs/config/secrets/download"]:
                return self._download(request, token)
            case ["POST", "/v3/projects/project/note"]:
                return self._note(request, token)
        raise refusal(404, "Could not find requested resource")

    def _authenticated(self, request: Request) -> Token:
        text = request.bearer
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            text = base64.b64decode(rest).decode().partition(":")[0]
        token = self._tokens.get(text or "")
        if token is None:
            raise refusal(401, "Invalid Auth token" if text else "Please provide an API token")
        request.credential = token.label
        return token

    def _config(self, members: dict[str, Any], token: Token, writes: bool = False) -> Config:
        """A token of one config needs neither parameter; others that it gets have to be its own."""
        project = members.get("project") or token.project
        name = members.get("config") or token.config
        if not project or not name:
            raise refusal(400, "Missing required parameter: project")
        if (token.project or project, token.config or name) != (project, name):
            raise refusal(403, "This token does not have access to requested config")
        config = self._configs.find(project, name)
        if writes and not token.may_write:
            raise refusal(403, "You do not have write access to this config")
        return config

    def _get(self, request: Request, token: Token) -> Reply:
        config, name = self._config(request.query, token), request.query.get("name", "")
        if name not in config.secrets:
            if not self._missing_is_null:
                raise no_secret(name)
            empty = ("raw", "computed", "note", "rawVisibility", "computedVisibility", "rawValueType", "computedValueType")
            return reply({"name": name, "value": dict.fromkeys(empty)})
        return reply({"name": name, "value": self._described(config, name, token)})

    def _described(self, config: Config, name: str, token: Token) -> dict[str, Any]:
        return config.described(name, self._configs.note(config.project, name), token.sees_restricted)

    def _delete(self, request: Request, token: Token) -> Reply:
        config, name = self._config(request.query, token, writes=True), request.query.get("name", "")
        if config.secrets.pop(name, None) is None:
            raise no_secret(name)
        return Reply(204)

    def _list(self, request: Request, token: Token) -> Reply:
        config = self._config(request.query, token)
        asked = request.query.get("secrets")
        names = [name for name in config.secrets if asked is None or name in asked.split(",")]
        return reply({"secrets": {name: self._described(config, name, token) for name in names}})

    def _download(self, request: Request, token: Token) -> Reply:
        config = self._config(request.query, token)
        if request.query.get("format", "json") != "json":
            raise refusal(400, "this fake has the format json only")
        if request.query.get("include_dynamic_secrets", "").lower() == "true":
            raise refusal(400, "this would make leases")
        asked = request.query.get("secrets")
        values: dict[str, str | None] = {}
        for name in config.secrets:
            if asked is None or name in asked.split(","):
                values[name] = self._described(config, name, token)["computed"]
        if asked is None:
            values |= config.managed()
        etag = '"' + hashlib.sha256(json.dumps(values).encode()).hexdigest() + '"'
        if request.headers.get("if-none-match") == etag:
            return Reply(304, headers={"ETag": etag})
        return reply(values, ETag=etag)

    def _update(self, request: Request, token: Token) -> Reply:
        try:
            body = request.json()
        except ValueError:
            raise refusal(400, "Unable to parse the request body") from None
        config = self._config({**request.query, **body}, token, writes=True)
        changes, plain = body.get("change_requests"), body.get("secrets")
        if (changes is None) == (plain is None):
            raise refusal(400, "Exactly one of secrets and change_requests is required")
        for change in changes or []:
            config.change(change)
        for name, value in (plain or {}).items():
            config.write(name, value)
        described = {name: self._described(config, name, token) for name in config.secrets}
        return reply({"secrets": described, "success": True})

    def _note(self, request: Request, token: Token) -> Reply:
        body = request.json()
        project = request.query.get("project") or body.get("project") or ""
        if not token.may_note:
            raise refusal(403, "You do not have access to this project")
        self._configs.notes[(project, body["secret"])] = body["note"]
        return reply({"secret": body["secret"], "note": body["note"]})

    # MARK: limits

    def _counted(self, request: Request) -> dict[str, str]:
        if not self._limit:
            return {}
        begun, count = self._window
        if request.now >= begun + WINDOW_SECONDS:
            begun, count = request.now, 0
        self._window = (begun, count + 1)
        left = self._limit - count - 1
        # By the wall clock, which the header `Date` shows, too.
        reset = request.wall + begun + WINDOW_SECONDS - request.now
        limits = {
            "X-RateLimit-Limit": str(self._limit),
            "X-RateLimit-Remaining": str(max(0, left)),
            "X-RateLimit-Reset": str(int(reset)),
        }
        if left < 0:
            raise Refusal(error(429, "Too many requests", **{name.replace("-", "_"): text for name, text in limits.items()}))
        return limits

    # MARK: manners

    def throttled(self, request: Request, retry_after: str | None) -> Reply:
        return error(429, "Too many requests", **({"Retry_After": retry_after} if retry_after else {}))

    def failed(self, request: Request, status: int) -> Reply:
        return error(status, "Something went wrong", {"isRetryable": True} if status >= 500 else None)

    def token_expired(self, request: Request) -> Reply:
        return error(401, "Invalid Auth token")

    def is_login(self, request: Request) -> bool:
        return request.path == "/v3/me"

    def login_refused(self, request: Request) -> Reply:
        return error(401, "Invalid Auth token")

    # MARK: commands

    def commands(self) -> dict[str, Any]:
        return {
            "token": self.token,
            "revoke": self.revoke,
            "config": lambda project, config: self._configs.make(project, config) and None,
            "put": self.put,
            "stored": self.stored,
            "remove": self.remove,
            "missing": self.missing,
            "limit": self.limit,
        }

    def token(self, label: str, **more: Any) -> dict[str, str]:
        text = "dp.st.other." + made_up()
        self._tokens[text] = Token(label, **more)
        return {"token": text}

    def revoke(self, label: str | None = None) -> None:
        self._tokens = {text: token for text, token in self._tokens.items() if label not in (None, token.label)}

    def put(self, name: str, value: str, visibility: str | None = None, project: str = PROJECT, config: str = CONFIG):
        self._configs.make(project, config).write(name, value, visibility)

    def stored(self, name: str, project: str = PROJECT, config: str = CONFIG) -> dict[str, Any]:
        secret = self._configs.make(project, config).secrets.get(name)
        note = self._configs.note(project, name)
        return {"raw": secret.raw if secret else None, "visibility": secret.visibility if secret else None, "note": note}

    def remove(self, name: str, project: str = PROJECT, config: str = CONFIG) -> None:
        self._configs.make(project, config).secrets.pop(name, None)

    def missing(self, null: bool = False) -> None:
        self._missing_is_null = null

    def limit(self, requests: int = 0) -> None:
        """Of a minute; 0: none, and no headers that say so."""
        self._limit, self._window = requests, (0, 0)
