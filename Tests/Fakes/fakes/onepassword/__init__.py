"""1Password Connect."""

from .service import OnePasswordService

__all__ = ["OnePasswordService"]
