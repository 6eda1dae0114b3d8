"""Azure Key Vault, with Entra ID and the managed identities that open it."""

from .service import AzureService

__all__ = ["AzureService"]
