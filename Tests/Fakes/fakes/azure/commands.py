"""What tests can ask of Azure's fake: to know an application, to hold a secret, to challenge wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .entra import Application
from .managed_identity import Identity
from .tokens import ALL_PERMISSIONS

if TYPE_CHECKING:
    from .service import AzureService


class AzureCommands:
    def __init__(self, service: AzureService):
        self._service = service

    def all(self) -> dict[str, Any]:
        return {
            "application": self.application,
            "identity": self.identity,
            "no-identities": self._service.identities.clear,
            "tokens": self.tokens,
            "expire-tokens": self.expire_tokens,
            "challenge": self.challenge,
            "demand-claims": self.demand_claims,
            "put": self.put,
            "stored": self.stored,
            "forget": self._service.vault.forget,
            "vault": self.vault,
            "paging": self.paging,
        }

    # MARK: credentials

    def application(
        self,
        label: str,
        tenant: str | None = None,
        client_id: str | None = None,
        client_secrets: list[str] | None = None,
        assertions: list[str] | None = None,
        expired_secrets: list[str] | None = None,
        permissions: list[str] | None = None,
    ) -> None:
        """Again for the same client: what it had before is refused from now on."""
        application = Application(
            tenant=tenant or self._service.tenant,
            client_id=client_id or self._service.client_id,
            label=label,
            permissions=ALL_PERMISSIONS if permissions is None else permissions,
            client_secrets=client_secrets or [],
            expired_secrets=expired_secrets or [],
            assertions=assertions or [],
        )
        self._service.entra.add(application)

    def identity(self, label: str, permissions: list[str] | None = None, **selectors: str) -> None:
        """`client_id`, `object_id` or `mi_res_id` for one that is assigned by a user."""
        allowed = ALL_PERMISSIONS if permissions is None else permissions
        self._service.identities.add(Identity(label, allowed, selectors))

    def tokens(self, lifetime: int = 3599, refresh_in: int | None = None) -> None:
        """Of those that are given out from now on."""
        self._service.tokens.lifetime, self._service.tokens.refresh_in = lifetime, refresh_in

    def expire_tokens(self, label: str | None = None) -> dict[str, int]:
        return {"expired": self._service.tokens.expire(label)}

    def challenge(self, **parameters: str) -> None:
        """`resource`, `tenant`, `authority`: what the challenge says instead; without any, the truth again."""
        self._service.challenge = parameters

    def demand_claims(self, claims: str = "") -> None:
        """JSON that a token must have been asked for with; empty: none."""
        self._service.claims = claims

    # MARK: secrets

    def put(self, name: str, value: str, tags: dict[str, str] | None = None, **more: Any) -> dict[str, str]:
        """`more`: contentType, attributes."""
        body = {"value": value, "tags": tags or {}, **more}
        _, version = self._service.vault.put(name, body, self._service.clock.now())
        return {"version": version.id}

    def stored(self, name: str) -> dict[str, Any]:
        """The newest version, for tests that look at what was written."""
        live = self._service.vault.live(self._service.clock.now())
        found = next((each for each in live if each.name.lower() == name.lower()), None)
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

    def vault(self, transition: float = 0, purge_protection: bool = False) -> None:
        """`transition`: how long deleting and recovering take, in seconds."""
        vault = self._service.vault
        vault.transition, vault.is_purge_protected = transition, purge_protection

    def paging(self, empty_pages: int = 0, next_link_base: str | None = None) -> None:
        pages = self._service.data_plane
        pages.empty_pages, pages.next_link_base = empty_pages, next_link_base
