"""Doppler."""

from .service import DopplerService

__all__ = ["DopplerService"]
