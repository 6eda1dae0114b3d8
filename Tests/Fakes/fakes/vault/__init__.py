"""HashiCorp Vault and OpenBao."""

from .service import VaultService

__all__ = ["VaultService"]
