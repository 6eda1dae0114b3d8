"""CyberArk's Central Credential Provider, also called the AIM web service."""

from .service import CentralCredentialProviderService

__all__ = ["CentralCredentialProviderService"]
