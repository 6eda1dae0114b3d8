"""Which part of Vault a request is for, and who may make it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..common.clock import Clock
from ..common.exchange import Reply, Request
from ..common.service import Service
from . import policies
from .call import Call
from .commands import VaultCommands
from .consistency import Consistency
from .key_value import Unversioned
from .logins import METHODS
from .replies import INVALID_TOKEN, PERMISSION_DENIED, empty, envelope, error, errors, no_route, seconds
from .system import System
from .tokens import Grant, Token, Tokens
from .versioned import Versioned
from .wrapping import Wrapping

_WITHOUT_NAMESPACE = ("sys/health", "sys/seal-status", "sys/leader")


@dataclass
class Namespace:
    """Everything but tokens is a namespace's own."""

    engines: dict[str, Unversioned | Versioned] = field(default_factory=dict)
    methods: dict[str, Any] = field(default_factory=dict)
    policies: dict[str, policies.Paths] = field(default_factory=lambda: {"default": policies.DEFAULT})


class VaultService(Service):
    """Options: `flavour=openbao`, `enterprise=yes` (hands out X-Vault-Index)."""

    listeners = {"plain": False, "active": True}

    def __init__(self, clock: Clock, options: dict[str, str]):
        super().__init__(clock, options)
        self.is_open_bao = options.get("flavour") == "openbao"
        prefix = "" if self.is_open_bao else "hv"
        self.tokens = Tokens(prefix)
        self.wrapping = Wrapping(prefix)
        self.system = System(self.is_open_bao)
        self.consistency = Consistency(options.get("enterprise") == "yes")
        self.namespaces: dict[str, Namespace] = {}
        self.addresses: dict[str, str] = {}
        self.add_namespace("")

    def add_namespace(self, path: str) -> None:
        """With the mounts that the tests expect: secret/ with versions, kv1/ without, and a mount of each login."""
        space = self.namespaces[path] = Namespace()
        space.engines |= {"secret": Versioned(), "kv1": Unversioned()}
        space.methods |= {name: method(name, self.tokens) for name, method in METHODS.items()}

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        self.addresses = addresses
        grant = Grant("root", policies=["root"], paths=policies.EVERYTHING, ttl=0)
        return {"root-token": self.tokens.issue(grant, "", "auth/token/root", self.clock.now()).value}

    def commands(self):
        return VaultCommands(self).all()

    # MARK: requests

    def handle(self, request: Request) -> Reply:
        version, *rest = request.segments
        whole = "/".join(rest)
        if version != "v1":
            return errors(404)
        if whole in _WITHOUT_NAMESPACE:
            return self._state(request, whole)
        if request.headers.get("x-vault-request") != "true":
            return errors(412, "missing 'X-Vault-Request' header")
        replacement = self.system.check(request)
        if replacement is not None:
            return replacement
        self.consistency.check(request)
        call = self._call(request, whole)
        return self._wrapped(call, self._route(call))

    def _state(self, request: Request, path: str) -> Reply:
        match path:
            case "sys/health":
                return self.system.health(request)
            case "sys/seal-status":
                return self.system.seal_status(request)
        return self.system.leader(request, self.addresses["active"])

    def _call(self, request: Request, whole: str) -> Call:
        """A namespace comes by header or as the first part of the path."""
        namespace = request.headers.get("x-vault-namespace", "").strip("/")
        if namespace not in self.namespaces:
            raise no_route(whole)
        path = whole
        while True:
            first, slash, below = path.partition("/")
            child = f"{namespace}/{first}".strip("/")
            if not slash or not first or child not in self.namespaces:
                return Call.of(request, namespace, path)
            namespace, path = child, below

    def _route(self, call: Call) -> Reply:
        method, path = self._method(call)
        if method is not None and call.operation == "write" and method.is_login(path):
            reply = method.login(call, path)
            self.consistency.mark(reply)
            return reply
        if call.path == "sys/wrapping/unwrap":
            return self._unwrap(call)
        if call.path == "sys/wrapping/lookup" and call.operation == "write":
            call.request.credential = "(wrapping)"
            return self.wrapping.lookup(call)
        token = self._authenticated(call)
        self._authorize(call, token)
        return self._allowed(call, token)

    def _allowed(self, call: Call, token: Token) -> Reply:
        match call.operation, call.path:
            case "read", "auth/token/lookup-self":
                return self.tokens.lookup(token, call.now)
            case "write", "auth/token/renew-self":
                return self.tokens.renew(token, seconds(call.body.get("increment")), call.now)
            case "write", "auth/token/revoke-self":
                self.tokens.revoke(token.value)
                return empty()
        if call.path.startswith("sys/internal/ui/mounts/") and call.operation == "read":
            return self._mount(call)
        method, path = self._method(call)
        if method is not None:
            return method.manage(call, path)
        mount, path = self._engine(call.namespace, call.path)
        if mount is None:
            raise no_route(call.path)
        reply = self.namespaces[call.namespace].engines[mount].handle(call, path)
        if call.operation not in ("read", "list"):
            self.consistency.mark(reply)
        return reply

    def _mount(self, call: Call) -> Reply:
        asked = call.path.removeprefix("sys/internal/ui/mounts/")
        mount, _ = self._engine(call.namespace, asked.strip("/"))
        if mount is None:
            text = "preflight capability check returned 403, please ensure client's policies grant access to path"
            return errors(403, f'{text} "{asked}/"')
        engine = self.namespaces[call.namespace].engines[mount]
        options = {"version": "2"} if engine.version == 2 else None
        return envelope({"type": "kv", "path": mount + "/", "options": options, "description": "", "local": False})

    def _engine(self, namespace: str, path: str) -> tuple[str | None, str]:
        """The mount that a path is below, and what follows it."""
        mounts = self.namespaces[namespace].engines
        found = [mount for mount in mounts if path == mount or path.startswith(mount + "/")]
        mount = max(found, key=len, default=None)
        return (None, path) if mount is None else (mount, path.removeprefix(mount).removeprefix("/"))

    def _method(self, call: Call) -> tuple[Any, str]:
        if not call.path.startswith("auth/"):
            return None, ""
        path = call.path.removeprefix("auth/")
        methods = self.namespaces[call.namespace].methods
        mount = max((name for name in methods if path.startswith(name + "/")), key=len, default=None)
        return (None, "") if mount is None else (methods[mount], path.removeprefix(mount + "/"))

    # MARK: credentials

    def _authenticated(self, call: Call) -> Token:
        if not call.token:
            raise error(403, "permission denied")
        token = self.tokens.known(call.token)
        call.request.credential = token.grant.label if token else "(unknown)"
        token = self.tokens.use(call.token, call.namespace, call.now)
        if token is None:
            raise error(403, self._invalid_token())
        return token

    def _invalid_token(self) -> str:
        return PERMISSION_DENIED if self.is_open_bao else INVALID_TOKEN

    def _authorize(self, call: Call, token: Token) -> None:
        path = call.path.rstrip("/") + "/" if call.operation == "list" else call.path
        space = self.namespaces[token.namespace]
        prefix = call.namespace.removeprefix(token.namespace).strip("/")
        full = f"{prefix}/{path}" if prefix else path
        granted = [space.policies[name] for name in token.grant.policies if name in space.policies]
        allowed = policies.capabilities([*granted, token.grant.paths], full)
        if self._capability(call) not in allowed:
            raise error(403, PERMISSION_DENIED)

    def _capability(self, call: Call) -> str:
        """Writing needs `create` where nothing is, and `update` where something is."""
        if call.operation != "write":
            return call.operation
        mount, path = self._engine(call.namespace, call.path)
        is_there = mount is None or self.namespaces[call.namespace].engines[mount].has(path)
        return "update" if is_there else "create"

    # MARK: wrapping

    def _unwrap(self, call: Call) -> Reply:
        inner = call.body.get("token")
        if inner is None:
            call.request.credential = "(wrapping)"
            return self.wrapping.unwrap(call.token, call.now)
        self._authenticated(call)
        return self.wrapping.unwrap(str(inner), call.now)

    def _wrapped(self, call: Call, reply: Reply) -> Reply:
        ttl = call.request.headers.get("x-vault-wrap-ttl")
        if ttl is None or reply.status != 200 or call.path.startswith("sys/wrapping/"):
            return reply
        return envelope(wrap_info=self.wrapping.wrap(reply, call.path, seconds(ttl), call.now))

    # MARK: what goes wrong

    def throttled(self, request: Request, retry_after: str | None) -> Reply:
        path = request.path.removeprefix("/v1/")
        reply = errors(429, f'request path "{path}": rate limit quota exceeded')
        if retry_after is not None:
            reply.headers |= {"Retry-After": retry_after, "X-Ratelimit-Limit": "1", "X-Ratelimit-Remaining": "0"}
        return reply

    def failed(self, request: Request, status: int) -> Reply:
        texts = {
            412: "required index state not present",
            500: "1 error occurred:\n\t* internal error\n\n",
            503: "Vault is sealed",
        }
        return errors(status, texts.get(status, "something went wrong"))

    def token_expired(self, request: Request) -> Reply:
        """It does end, so that a client that looks it up is told the same."""
        value = request.headers.get("x-vault-token") or request.bearer or ""
        token = self.tokens.known(value)
        request.credential = token.grant.label if token else "(unknown)"
        self.tokens.revoke(value)
        return errors(403, self._invalid_token())

    def is_login(self, request: Request) -> bool:
        return request.path.startswith("/v1/") and "/login" in request.path

    def login_refused(self, request: Request) -> Reply:
        if "/login/" in request.path:
            return errors(400, "invalid username or password")
        if b'"jwt"' in request.body:
            return errors(403, PERMISSION_DENIED)
        return errors(400, "invalid role or secret ID")
