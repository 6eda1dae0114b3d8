"""Vaults and the items in them, as a server's own copy has them: what is written shows to readers after a while."""

from __future__ import annotations

import copy
import re
import secrets
from typing import Any

from ..common.clock import rfc3339
from .replies import refusal

ID = re.compile(r"[\da-z]{26}")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_CATEGORIES = {"LOGIN", "PASSWORD", "API_CREDENTIAL", "SERVER", "DATABASE", "SECURE_NOTE", "SSH_KEY"}
_NOT_IN_SUMMARIES = ("fields", "sections", "files")

Item = dict[str, Any]


def new_id() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(26))


class Vault:
    def __init__(self, vault_id: str, name: str):
        self.id, self.name = vault_id, name
        self.changes = 0
        #: Seconds until what was written shows.
        self.lag = 0.0
        #: Of each item what became of it and when; None once it is deleted.
        self._history: dict[str, list[tuple[float, Item | None]]] = {}

    # MARK: reading

    def items(self, now: float) -> list[Item]:
        seen = [self._seen(each, now) for each in self._history]
        return [item for item in seen if item is not None]

    def summaries(self, now: float, title: str | None) -> list[Item]:
        found = [item for item in self.items(now) if title is None or item["title"].lower() == title.lower()]
        return [{name: value for name, value in item.items() if name not in _NOT_IN_SUMMARIES} for item in found]

    def item(self, item_id: str, now: float) -> Item:
        if not ID.fullmatch(item_id):
            raise refusal(400, "Invalid Item UUID")
        found = self._seen(item_id, now)
        if found is None:
            raise refusal(404, f"item {item_id} not found")
        return found

    def _seen(self, item_id: str, now: float) -> Item | None:
        states = [item for at, item in self._history.get(item_id, []) if at <= now]
        return states[-1] if states else None

    def _newest(self, item_id: str) -> Item:
        states = self._history.get(item_id)
        if not states or states[-1][1] is None:
            raise refusal(404, f"item {item_id} not found")
        return states[-1][1]

    # MARK: writing

    def create(self, body: Item, now: float, item_id: str | None = None) -> Item:
        item = self._checked(body)
        item |= {"id": item_id or new_id(), "version": 1, "createdAt": rfc3339(now, 0)}
        return self._keep(item, now)

    def replace(self, item_id: str, body: Item, now: float) -> Item:
        old = self._newest(item_id)
        item = self._checked(body)
        item |= {"id": item_id, "version": old["version"] + 1, "createdAt": old["createdAt"]}
        return self._keep(item, now)

    def patch(self, item_id: str, operations: list[dict[str, Any]], now: float) -> Item:
        item = copy.deepcopy(self._newest(item_id))
        for operation in operations:
            _carry_out(operation, item)
        item["version"] += 1
        return self._keep(self._checked(item), now)

    def delete(self, item_id: str, now: float) -> None:
        self._newest(item_id)
        self.changes += 1
        self._history[item_id].append((now + self.lag, None))

    def _keep(self, item: Item, now: float) -> Item:
        self.changes += 1
        item |= {"updatedAt": rfc3339(now, 0), "lastEditedBy": "MADEUPMADEUPMADEUPMADEUPMA"}
        self._history.setdefault(item["id"], []).append((now + self.lag, item))
        return item

    def _checked(self, body: Item) -> Item:
        if (body.get("vault") or {}).get("id") != self.id:
            raise refusal(400, "Invalid Vault UUID")
        if body.get("category") not in _CATEGORIES:
            raise refusal(400, "Invalid item category")
        item = copy.deepcopy(body)
        item.setdefault("title", "")
        item.setdefault("favorite", False)
        fields = item["fields"] = item.get("fields") or []
        for each in fields:
            if not each.get("id") or not each.get("type"):
                raise refusal(400, "Field must have an id and a type")
            if each.get("purpose") in ("USERNAME", "PASSWORD") and item["category"] not in ("LOGIN", "PASSWORD"):
                raise refusal(406, f"purpose {each['purpose']} is not for {item['category']} items")
            if each.get("value") in (None, ""):
                each.pop("value", None)
        if not any(each.get("purpose") == "NOTES" for each in fields):
            fields.append({"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "label": "notesPlain"})
        return item


def _carry_out(operation: dict[str, Any], item: Item) -> None:
    name, path = operation.get("op"), operation.get("path", "").split("/")[1:]
    if name not in ("add", "remove", "replace"):
        raise refusal(400, "Invalid patch operation")
    if path == ["fields"] and name == "add":
        item["fields"].append({"id": new_id(), **operation["value"]})
        return
    target, member = item, path[-1]
    if path[0] == "fields":
        found = [each for each in item["fields"] if each["id"] == path[1]]
        if not found:
            raise refusal(400, f"field {path[1]} not found")
        if len(path) == 2:
            raise refusal(400, "this fake changes members of fields only")
        target = found[0]
    elif len(path) != 1:
        raise refusal(400, "Invalid path")
    # A member without a value is not kept, and can be replaced none the less.
    if name == "remove":
        target.pop(member, None)
    else:
        target[member] = operation["value"]
