"""Secrets Safe, a part of BeyondTrust Password Safe."""

from .service import BeyondTrustService

__all__ = ["BeyondTrustService"]
