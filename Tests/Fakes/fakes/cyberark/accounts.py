"""Safes, platforms and accounts, as the vault keeps them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ..common.exchange import Refusal, Reply

#: What the pages of the vault say of names.
LONGEST_NAME = 170
LONGEST_SECRET = 4096


def refused(status: int, code: str, text: str) -> Refusal:
    return Refusal(Reply.of({"ErrorCode": code, "ErrorMessage": text}, status))


@dataclass
class Account:
    id: str
    name: str
    safe: str
    platform: str
    type: str  # password or key
    secret: str
    created: int
    modified: int
    address: str = ""
    user: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    is_managed: bool = True
    #: Nobody gets its secret without a confirmation.
    is_guarded: bool = False

    def described(self) -> dict[str, Any]:
        """Never with the secret."""
        management: dict[str, Any] = {
            "automaticManagementEnabled": self.is_managed,
            "lastModifiedTime": self.modified,
        }
        return {
            "id": self.id,
            "name": self.name,
            "address": self.address,
            "userName": self.user,
            "platformId": self.platform,
            "safeName": self.safe,
            "secretType": self.type,
            "platformAccountProperties": self.properties,
            "secretManagement": management,
            "categoryModificationTime": self.modified * 1_000_000,
            "createdTime": self.created,
        }


@dataclass
class Store:
    safes: set[str] = field(default_factory=set)
    #: The properties of each platform.
    platforms: dict[str, set[str]] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    made: int = 0

    def safe(self, name: str) -> str | None:
        """As it is written; the vault does not mind the case of a name."""
        return next((safe for safe in self.safes if safe.lower() == name.lower()), None)

    def add(self, now: float, **members: Any) -> Account:
        self.made += 1
        account = Account(id=f"29_{self.made}", created=int(now), modified=int(now), **members)
        self.accounts[account.id] = account
        return account

    def create(self, body: dict[str, Any], now: float) -> Account:
        for member in ("platformId", "safeName"):
            if not body.get(member):
                raise refused(400, "PASWS167E", f"{member} is missing")
        safe = self.safe(body["safeName"])
        if safe is None:
            raise refused(404, "PASWS031E", "The safe was not found")
        platform = body["platformId"]
        if platform not in self.platforms:
            raise refused(400, "PASWS167E", "The platform is not known")
        properties = body.get("platformAccountProperties") or {}
        self.check(platform, properties)
        name = body.get("name") or f"{platform}-{body.get('address', '')}-{body.get('userName', '')}"
        if len(name) > LONGEST_NAME or re.search(r'[\\/:*?"<>|\t\r\n]', name):
            raise refused(400, "PASWS167E", "The name has characters that it cannot have")
        if any(each.safe == safe and each.name.lower() == name.lower() for each in self.accounts.values()):
            raise refused(409, "PASWS027E", "The account is there already")
        check_secret(body.get("secret", ""))
        management = body.get("secretManagement") or {}
        return self.add(
            now,
            name=name,
            safe=safe,
            platform=platform,
            type=body.get("secretType") or "password",
            secret=body.get("secret", ""),
            address=body.get("address", ""),
            user=body.get("userName", ""),
            properties=dict(properties),
            is_managed=management.get("automaticManagementEnabled", True),
        )

    def check(self, platform: str, properties: dict[str, Any]) -> None:
        unknown = sorted(set(properties) - self.platforms.get(platform, set()))
        if unknown:
            raise refused(400, "PASWS167E", f"The platform has no property {unknown[0]}")


def check_secret(secret: Any) -> None:
    if not isinstance(secret, str) or len(secret) > LONGEST_SECRET:
        raise refused(400, "PASWS167E", "There are some invalid parameters")


def change(account: Account, store: Store, changes: Any) -> None:
    """JSON patches, of which `add` replaces what is there."""
    if not isinstance(changes, list):
        raise refused(400, "PASWS167E", "There are some invalid parameters")
    for each in changes:
        operation, path, value = each.get("op"), each.get("path", ""), each.get("value")
        if not isinstance(value, str):
            raise refused(400, "PASWS167E", "A value is a text")
        if path.lower().startswith("/platformaccountproperties/"):
            name = path.split("/")[2]
            store.check(account.platform, {name: value})
            if operation == "replace" and name not in account.properties:
                raise refused(400, "PASWS164E", "The property is not there")
            account.properties[name] = value
        elif path in ("/address", "/userName", "/name"):
            setattr(account, {"/address": "address", "/userName": "user", "/name": "name"}[path], value)
        else:
            raise refused(400, "PASWS167E", "There are some invalid parameters")


def matches(account: Account, search: str, kind: str) -> bool:
    """Every word is in a property. Names are left out, which some versions search and nobody should count on."""
    properties = [account.user, account.address, account.platform, *account.properties.values()]
    begins = kind == "startswith"
    return all(
        any(text.lower().startswith(word) if begins else word in text.lower() for text in properties)
        for word in search.lower().split()
    )
