"""Folders and secrets of the three kinds, as Secrets Safe keeps them."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Any

from ..common.exchange import Refusal, Reply

LONGEST = {"Title": 256, "Description": 256, "Username": 1000, "Password": 256, "Text": 4096, "Notes": 4000}


def refused(status: int, text: str) -> Refusal:
    """Errors are bare texts in JSON."""
    return Refusal(Reply.of(text, status))


@dataclass
class StoredSecret:
    id: str
    folder: str
    kind: str  # Text, Credential or File
    members: dict[str, Any]  # Title, Description, Notes, Owners, Urls, and what the kind has
    content: bytes
    created: float
    modified: float


@dataclass
class Store:
    #: Names and parents by id.
    folders: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    secrets: dict[str, StoredSecret] = field(default_factory=dict)

    def path(self, folder: str) -> str:
        name, parent = self.folders[folder]
        return f"{self.path(parent)}/{name}" if parent else name

    def secret(self, id: str) -> StoredSecret:
        if id not in self.secrets:
            raise refused(404, "Secret was not found")
        return self.secrets[id]

    def add(self, folder: str, kind: str, members: dict[str, Any], content: bytes, now: float) -> StoredSecret:
        _check(kind, members)
        secret = StoredSecret(str(uuid.uuid4()), folder, kind, members, content, now, now)
        self.secrets[secret.id] = secret
        return secret

    def replace(self, secret: StoredSecret, kind: str, members: dict[str, Any], content: bytes, now: float) -> None:
        if secret.kind != kind:
            raise refused(400, "The secret is of another type")
        _check(kind, members)
        secret.members, secret.content, secret.modified = members, content, now
        secret.folder = members.get("FolderId", secret.folder)


def _check(kind: str, members: dict[str, Any]) -> None:
    if not members.get("Title"):
        raise refused(400, "Title is required")
    if not members.get("Owners"):
        raise refused(400, "Owners are required")
    if any(bool(owner.get("UserId")) == bool(owner.get("GroupId")) for owner in members["Owners"]):
        raise refused(400, "An owner is a user or a group")
    wanted = {"Text": "Text", "Credential": "Password"}.get(kind)
    if wanted and not members.get(wanted):
        raise refused(400, f"{wanted} is required")
    for name, limit in LONGEST.items():
        if len(members.get(name) or "") > limit:
            raise refused(400, f"{name} is too long")


def described(store: Store, secret: StoredSecret, version: str, decrypted: bool, text_in: str) -> dict[str, Any]:
    """`text_in`: the members that hold the value of a text: Text, Password or both."""
    members = secret.members
    text = members.get("Text") if secret.kind == "Text" and decrypted else None
    password = members.get("Password") if secret.kind == "Credential" and decrypted else None
    answer = {
        "Id": secret.id,
        "Title": members["Title"],
        "Description": members.get("Description"),
        "Username": members.get("Username") if secret.kind == "Credential" else None,
        "Password": text if text_in in ("password", "both") and secret.kind == "Text" else password,
        "Text": text if text_in in ("text", "both") else None,
        "FileName": members.get("FileName"),
        "FileHash": hashlib.sha1(secret.content).hexdigest() if secret.kind == "File" else None,
        "SecretType": secret.kind,
        "FolderId": secret.folder,
        "Folder": store.folders[secret.folder][0],
        "FolderPath": store.path(secret.folder),
        "CreatedOn": _date(secret.created),
        "CreatedBy": "made up",
        "ModifiedOn": _date(secret.modified),
        "ModifiedBy": "made up",
        "Owners": members["Owners"],
        "Notes": members.get("Notes"),
        "Urls": members.get("Urls") or [],
        "IsFavorite": False,
    }
    if version == "3.0":
        owner = members["Owners"][0]
        answer |= {"OwnerId": owner.get("UserId") or owner.get("GroupId"), "Owner": "made up", "OwnerType": "User"}
    if version >= "3.2":
        answer["SecretValueModifiedOn"] = answer["ModifiedOn"]
    return answer


def _date(seconds: float) -> str:
    """Without a zone."""
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")
