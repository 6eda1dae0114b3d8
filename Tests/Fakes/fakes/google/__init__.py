"""Google Secret Manager, with the endpoints that give out tokens for it."""

from .service import GoogleService

__all__ = ["GoogleService"]
