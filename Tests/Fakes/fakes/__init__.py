"""Servers that speak as the secret managers do, for tests."""
