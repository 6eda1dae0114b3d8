"""The key-value engine without versions, and what both versions share."""

from __future__ import annotations

from typing import Any

from ..common.exchange import Reply
from .call import Call
from .replies import empty, envelope, error, errors


def names_below(folder: str, paths) -> list[str]:
    """Names directly below a folder, folders with a slash. One name can be both a secret and a folder."""
    prefix = folder.strip("/") + "/" if folder.strip("/") else ""
    names = set()
    for path in paths:
        if path.startswith(prefix):
            first, slash, _ = path.removeprefix(prefix).partition("/")
            names.add(first + slash)
    return sorted(names)


def listed(folder: str, paths) -> Reply:
    names = names_below(folder, paths)
    return envelope({"keys": names}) if names else errors(404)


class Unversioned:
    """KV version 1."""

    version = 1

    def __init__(self) -> None:
        self._secrets: dict[str, dict[str, Any]] = {}

    def has(self, path: str) -> bool:
        return path in self._secrets

    def handle(self, call: Call, path: str) -> Reply:
        match call.operation:
            case "list":
                return listed(path, self._secrets)
            case "read":
                return self._read(path)
            case "write" if path:
                if not call.body:
                    raise error(400, "missing data fields")
                self.put(path, call.body, call.now)
                return empty()
            case "delete" if path:
                self.remove(path)
                return empty()
        raise error(405, "unsupported operation")

    def _read(self, path: str) -> Reply:
        data = self._secrets.get(path)
        return errors(404) if data is None else envelope(data)

    # MARK: commands

    def put(self, path: str, data: dict[str, Any], now: float, custom_metadata: dict[str, str] | None = None) -> int:
        self._secrets[path] = data
        return 1

    def remove(self, path: str) -> None:
        self._secrets.pop(path, None)

    def stored(self, path: str, now: float) -> dict[str, Any]:
        return {"data": self._secrets.get(path)}
