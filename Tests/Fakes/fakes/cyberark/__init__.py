"""CyberArk Privileged Access Manager, as its web access (PVWA) shows it."""

from .service import CyberArkService

__all__ = ["CyberArkService"]
