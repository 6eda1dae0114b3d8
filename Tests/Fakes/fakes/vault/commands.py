"""What tests can ask of Vault's fake: to hold a secret, to know a user, to be in a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import policies
from .key_value import Unversioned
from .logins import METHODS
from .replies import envelope, parse
from .tokens import Grant
from .versioned import Versioned

if TYPE_CHECKING:
    from .service import VaultService


class VaultCommands:
    def __init__(self, service: VaultService):
        self._service = service

    def all(self) -> dict[str, Any]:
        return {
            "namespace": self.namespace,
            "mount": self.mount,
            "auth": self.auth,
            "policy": self.policy,
            "put": self.put,
            "stored": self.stored,
            "remove": self.remove,
            "token": self.token,
            "user": self.user,
            "approle": self.approle,
            "secret-id": self.secret_id,
            "kubernetes-role": self.kubernetes_role,
            "wrap": self.wrap,
            "revoke": self.revoke,
            "tokens": self.tokens,
            "state": self.state,
            "lag": self.lag,
        }

    # MARK: places

    def namespace(self, path: str) -> None:
        self._service.add_namespace(path.strip("/"))

    def mount(self, path: str, version: int = 2, namespace: str = "", cas_required: bool = False) -> None:
        engine = Versioned(cas_required) if version == 2 else Unversioned()
        self._space(namespace).engines[path] = engine

    def auth(self, path: str, kind: str, namespace: str = "") -> None:
        """Mounts a login: kind is userpass, approle or kubernetes."""
        self._space(namespace).methods[path] = METHODS[kind](path, self._service.tokens)

    def policy(self, name: str, paths: policies.Paths, namespace: str = "") -> None:
        self._space(namespace).policies[name] = paths

    # MARK: secrets

    def put(
        self,
        path: str,
        data: dict[str, Any] | None = None,
        json: str | None = None,
        mount: str = "secret",
        namespace: str = "",
        custom_metadata: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """`json`: the data as text, so that numbers stay as they are written."""
        content = parse(json.encode()) if json is not None else data or {}
        engine = self._space(namespace).engines[mount]
        return {"version": engine.put(path, content, self._service.clock.now(), custom_metadata)}

    def stored(self, path: str, mount: str = "secret", namespace: str = "") -> dict[str, Any]:
        return self._space(namespace).engines[mount].stored(path, self._service.clock.now())

    def remove(self, path: str, mount: str = "secret", namespace: str = "") -> None:
        """All versions and metadata, as if it had never been."""
        self._space(namespace).engines[mount].remove(path)

    # MARK: credentials

    def token(self, label: str, namespace: str = "", **grant: Any) -> dict[str, str]:
        """`paths` and `policies` as in Grant; without either it may do everything."""
        given = self._grant(label, grant)
        token = self._service.tokens.issue(given, namespace, "auth/token/create", self._service.clock.now())
        return {"token": token.value, "accessor": token.accessor}

    def user(self, name: str, password: str, mount: str = "userpass", namespace: str = "", **grant: Any) -> None:
        given = self._grant(grant.pop("label", name), grant)
        self._method(mount, namespace).add(name, password, given)

    def approle(
        self,
        name: str,
        mount: str = "approle",
        namespace: str = "",
        bind_secret_id: bool = True,
        secret_id_uses: int = 0,
        **grant: Any,
    ) -> dict[str, str]:
        given = self._grant(grant.pop("label", name), grant)
        method = self._method(mount, namespace)
        role_id = method.add(name, given, bind_secret_id, secret_id_uses)
        return {"role_id": role_id, "secret_id": method.new_secret_id(name, self._service.clock.now())["secret_id"]}

    def secret_id(
        self,
        role: str,
        mount: str = "approle",
        namespace: str = "",
        uses: int | None = None,
        ttl: float = 0,
        wrap_ttl: float = 0,
    ) -> dict[str, str]:
        now = self._service.clock.now()
        made = self._method(mount, namespace).new_secret_id(role, now, uses, ttl)
        if not wrap_ttl:
            return {"secret_id": made["secret_id"]}
        path = f"auth/{mount}/role/{role}/secret-id"
        wrapped = self._service.wrapping.wrap(envelope(made), path, wrap_ttl, now)
        return {"wrapping_token": wrapped["token"], "secret_id": made["secret_id"]}

    def kubernetes_role(
        self, name: str, jwts: list[str], mount: str = "kubernetes", namespace: str = "", **grant: Any
    ) -> None:
        """Again with other `jwts`: those before are refused from now on."""
        self._method(mount, namespace).add(name, jwts, self._grant(grant.pop("label", name), grant))

    def wrap(self, path: str, data: dict[str, Any], ttl: float = 60) -> dict[str, str]:
        """A wrapping token for any data, said to come from `path`."""
        wrapped = self._service.wrapping.wrap(envelope(data), path, ttl, self._service.clock.now())
        return {"wrapping_token": wrapped["token"]}

    def revoke(self, label: str | None = None) -> dict[str, int]:
        """All tokens with this label; without one all tokens there are."""
        return {"revoked": self._service.tokens.revoke_labelled(label)}

    def tokens(self) -> dict[str, Any]:
        return {"tokens": self._service.tokens.listed(self._service.clock.now())}

    # MARK: the cluster

    def state(self, state: str, redirect: str | None = None) -> None:
        """`redirect`: "active" for the second listener, or an address without a path."""
        address = self._service.addresses["active"] if redirect == "active" else redirect
        self._service.system.become(state, address)

    def lag(self, requests: int) -> None:
        self._service.consistency.lag(requests)

    # MARK: pieces

    def _space(self, namespace: str):
        return self._service.namespaces[namespace.strip("/")]

    def _method(self, mount: str, namespace: str):
        return self._space(namespace).methods[mount]

    @staticmethod
    def _grant(label: str, members: dict[str, Any]) -> Grant:
        if not members.keys() & {"policies", "paths"}:
            members["paths"] = policies.EVERYTHING
        grant = Grant.of(label, members)
        if members:
            raise ValueError(f"unknown: {', '.join(members)}")
        return grant
