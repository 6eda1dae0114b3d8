"""Templates, folders and secrets, as Secret Server keeps them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from .replies import access_denied, invalid


@dataclass
class TemplateField:
    id: int
    name: str
    slug: str
    is_password: bool = False
    is_notes: bool = False
    is_file: bool = False
    is_required: bool = False


@dataclass
class Template:
    id: int
    name: str
    fields: list[TemplateField]


@dataclass
class StoredSecret:
    id: int
    name: str
    folder: int
    template: Template
    values: dict[str, str]
    created: float
    is_active: bool = True


@dataclass
class Store:
    #: Whether two secrets of a folder may have one name, an administrator's choice.
    allows_duplicates: bool = True
    templates: dict[int, Template] = field(default_factory=dict)
    folders: dict[int, str] = field(default_factory=dict)
    secrets: dict[int, StoredSecret] = field(default_factory=dict)
    _next: int = 1001

    def template(self, number: int) -> Template:
        if number not in self.templates:
            raise access_denied()
        return self.templates[number]

    def active(self, number: int) -> StoredSecret:
        secret = self.secrets.get(number)
        if secret is None or not secret.is_active:
            raise access_denied()
        return secret

    def by_path(self, path: str) -> StoredSecret:
        """Backslashes, with one in front; folders of this fake have no parents."""
        for secret in self.secrets.values():
            if secret.is_active and path == f"\\{self.folders[secret.folder]}\\{secret.name}":
                return secret
        raise access_denied()

    def matching(self, folder: int | None, text: str) -> list[StoredSecret]:
        """Part of the name, in any case of its letters."""
        return [
            secret
            for secret in sorted(self.secrets.values(), key=lambda each: each.id)
            if secret.is_active
            and (folder is None or secret.folder == folder)
            and text.lower() in secret.name.lower()
        ]

    def add(self, name: str, folder: int, template: Template, values: dict[str, str], now: float) -> StoredSecret:
        if not name:
            raise invalid("secret.Name", "The Secret Name is required.")
        if not self.allows_duplicates and any(
            each.is_active and each.folder == folder and each.name.lower() == name.lower()
            for each in self.secrets.values()
        ):
            raise invalid("secret.Name", "A secret of this name already exists.")
        for each in template.fields:
            if each.is_required and not values.get(each.slug):
                raise invalid("secret.Items", f"{each.name} is required.")
        secret = StoredSecret(self._next, name, folder, template, dict(values), now)
        self.secrets[secret.id] = secret
        self._next += 1
        return secret

    def change(self, secret: StoredSecret, slug: str, value: str) -> None:
        found = self.field(secret, slug)
        if found.is_required and not value:
            raise invalid("value", f"{found.name} is required.")
        secret.values[slug] = value

    @staticmethod
    def field(secret: StoredSecret, slug: str) -> TemplateField:
        found = next((each for each in secret.template.fields if each.slug == slug), None)
        if found is None:
            raise invalid("slug", "The field was not found.")
        return found


def described(secret: StoredSecret, hides_passwords: bool) -> dict[str, Any]:
    """The secret object. Some versions leave passwords out of it."""
    items = []
    for number, each in enumerate(secret.template.fields):
        value = secret.values.get(each.slug, "")
        if each.is_file or (each.is_password and hides_passwords):
            value = None if each.is_file else "*** Not Valid For Display ***"
        items.append(
            {
                "itemId": secret.id * 10 + number,
                "fieldId": each.id,
                "fieldName": each.name,
                "slug": each.slug,
                "fieldDescription": "",
                "itemValue": value,
                "isPassword": each.is_password,
                "isNotes": each.is_notes,
                "isFile": each.is_file,
                "isList": False,
                "fileAttachmentId": secret.id if each.is_file and secret.values.get(each.slug) else None,
                "filename": "attached.bin" if each.is_file else None,
            }
        )
    return {
        **summary(secret),
        "secretTemplateName": secret.template.name,
        "siteId": 1,
        "checkedOut": False,
        "checkOutEnabled": False,
        "requiresComment": False,
        "isDoubleLock": False,
        "lastHeartBeatStatus": "Pending",
        "responseCodes": [],
        "items": items,
    }


def summary(secret: StoredSecret) -> dict[str, Any]:
    created = datetime.datetime.fromtimestamp(secret.created, datetime.timezone.utc)
    return {
        "id": secret.id,
        "name": secret.name,
        "folderId": secret.folder,
        "secretTemplateId": secret.template.id,
        "active": secret.is_active,
        "createDate": created.strftime("%Y-%m-%dT%H:%M:%S"),
        "isRestricted": False,
    }
