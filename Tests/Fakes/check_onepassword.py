"""onepasswordconnectsdk is served by the fake as by a 1Password Connect server.

The SDK takes the fake's authority by an option of its own. What it cannot show: PATCH, which it has no call for, refused
filters, other spellings of a title in a filter, what a server that is not ready answers, and after how long a write shows to
readers. The last check asks for these; that a real server behaves so is the word of its specification and change log.
"""

from __future__ import annotations

import httpx
from onepasswordconnectsdk.client import Client, new_client
from onepasswordconnectsdk.config import ClientConfig
from onepasswordconnectsdk.errors import FailedToRetrieveItemException, FailedToRetrieveVaultException
from onepasswordconnectsdk.models import Field, Item, ItemVault

from checking import Fake, isolate, raises


def client(fake: Fake, token: str | None = None) -> Client:
    return new_client(fake.address, token or fake.details["token"], config=ClientConfig(ca_file=fake.authority))


def item(fake: Fake, title: str, value: str, **more: object) -> Item:
    field = Field(id="password", type="CONCEALED", purpose="PASSWORD", label="password", value=value)
    vault = ItemVault(id=fake.details["vault-id"])
    return Item(vault=vault, category="PASSWORD", title=title, fields=[field], **more)


def operations(fake: Fake) -> None:
    sdk, vault = client(fake), fake.details["vault-id"]
    made = sdk.create_item(vault, item(fake, "main/company/KEY", "made up", tags=["a:b"]))
    assert made.version == 1 and made.title == "main/company/KEY"
    found = sdk.get_item("main/company/KEY", vault)
    assert found.id == made.id and found.tags == ["a:b"] and found.fields[0].value == "made up"
    assert sdk.get_item(made.id, vault).title == "main/company/KEY"
    changed = sdk.update_item(made.id, vault, item(fake, "main/company/KEY", "changed"))
    assert changed.version == 2 and sdk.get_item(made.id, vault).fields[0].value == "changed"
    summaries = sdk.get_items(vault)
    assert [each.title for each in summaries] == ["main/company/KEY"] and not summaries[0].tags
    assert sdk.get_items(vault, 'title eq "other"') == []
    sdk.delete_item(made.id, vault)
    assert sdk.get_items(vault) == []
    assert sdk.get_vault(vault).name == "Kestra" and sdk.get_vault_by_title("Kestra").id == vault
    assert [each.id for each in sdk.get_vaults()] == [vault]


def refusals(fake: Fake) -> None:
    sdk, vault = client(fake), fake.details["vault-id"]
    raises(FailedToRetrieveItemException, lambda: sdk.get_item_by_id("a" * 26, vault), "404", "not found")
    raises(FailedToRetrieveItemException, lambda: sdk.get_item_by_title("no such", vault), "Found 0 items")
    for _ in range(2):
        sdk.create_item(vault, item(fake, "twice", "made up"))
    raises(FailedToRetrieveItemException, lambda: sdk.get_item_by_title("twice", vault), "Found 2 items")
    raises(FailedToRetrieveVaultException, lambda: client(fake, "wrong").get_vaults(), "401", "Invalid token")
    raises(FailedToRetrieveVaultException, lambda: sdk.get_vault("a" * 26), "403", "is not in scope")
    raises(FailedToRetrieveVaultException, lambda: sdk.get_vault("name"), "400", "Invalid Vault UUID")
    custom = item(fake, "custom", "made up")
    custom.category = "CUSTOM"
    raises(FailedToRetrieveItemException, lambda: sdk.create_item(vault, custom), "400", "category")
    reader = client(fake, fake.command("token", label="reader", may_write=False)["token"])
    assert len(reader.get_items(vault)) == 2
    raises(FailedToRetrieveItemException, lambda: reader.create_item(vault, item(fake, "x", "y")), "403")
    writer = client(fake, fake.command("token", label="writer", may_read=False)["token"])
    raises(FailedToRetrieveItemException, lambda: writer.get_items(vault), "403")


def faults(fake: Fake) -> None:
    sdk, vault = client(fake), fake.details["vault-id"]
    fake.command("fault", kind="throttle", retry_after=1)
    raises(FailedToRetrieveItemException, lambda: sdk.get_items(vault), "429")
    fake.command("fault", kind="error", status=503)
    raises(FailedToRetrieveItemException, lambda: sdk.get_items(vault), "503")
    fake.command("unready", requests=1)
    raises(FailedToRetrieveItemException, lambda: sdk.get_items(vault), "403", "Authorization")
    for kind in ("cut", "drop"):
        fake.command("fault", kind=kind)
        raises(httpx.TransportError, lambda: sdk.get_items(vault))
    assert sdk.get_items(vault)


def beyond_the_sdk(fake: Fake) -> None:
    vault = fake.details["vault-id"]
    headers = {"Authorization": f"Bearer {fake.details['token']}"}
    http = httpx.Client(verify=fake.authority, headers=headers, base_url=f"{fake.address}/v1/vaults/{vault}")
    made = fake.command(
        "put",
        title="Patched",
        fields=[
            {"id": "password", "type": "CONCEALED", "purpose": "PASSWORD", "label": "password", "value": "one"},
            {"id": "extra", "type": "STRING", "label": "extra", "value": "kept"},
        ],
    )["id"]
    patch = [
        {"op": "replace", "path": "/fields/password/value", "value": "two"},
        {"op": "add", "path": "/tags", "value": ["a:b"]},
    ]
    changed = http.patch(f"/items/{made}", json=patch).json()
    assert changed["version"] == 2 and changed["tags"] == ["a:b"]
    assert [each.get("value") for each in changed["fields"]] == ["two", "kept", None]
    wrong = [{"op": "replace", "path": "/fields/none/value", "value": "x"}]
    assert http.patch(f"/items/{made}", json=wrong).status_code == 400

    listed = http.get("/items", params={"filter": 'title eq "pATCHED"'}).json()
    assert [each["title"] for each in listed] == ["Patched"] and "fields" not in listed[0]
    for refused in ("title eq \"it's\"", 'title eq "a\\"b"', 'title co "a"'):
        assert http.get("/items", params={"filter": refused}).status_code == 400

    fake.command("lag", seconds=60)
    answer = http.post("/items", json={"vault": {"id": vault}, "title": "Late", "category": "LOGIN", "fields": []})
    late = answer.json()["id"]
    assert answer.status_code == 200 and http.get(f"/items/{late}").status_code == 404
    fake.command("advance", seconds=61)
    assert http.get(f"/items/{late}").status_code == 200
    assert http.delete(f"/items/{late}").status_code == 204 and http.get(f"/items/{late}").status_code == 200
    assert httpx.get(f"{fake.address}/heartbeat", verify=fake.authority).text == "."
    assert fake.details["token"] not in str(fake.requests())


def main() -> None:
    isolate()
    with Fake("onepassword") as fake:
        for check in (operations, refusals, faults, beyond_the_sdk):
            check(fake)
            print(check.__name__)


if __name__ == "__main__":
    main()
