"""Elasticsearch."""

from .service import ElasticsearchService

__all__ = ["ElasticsearchService"]
