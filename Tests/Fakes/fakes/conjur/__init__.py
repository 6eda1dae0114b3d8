"""CyberArk Conjur, also called Secrets Manager."""

from .service import ConjurService

__all__ = ["ConjurService"]
