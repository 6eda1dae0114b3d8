"""Delinea Secret Server."""

from .service import DelineaService

__all__ = ["DelineaService"]
