"""python-tss-sdk, Delinea's own, is served by the fake as by Secret Server.

It takes the fake's authority from REQUESTS_CA_BUNDLE. It only reads: what it cannot show is writing, deleting, templates,
single fields that are no files, the end of a session, and that an ended token is answered with 403 and a fixed text; it never
renews before its own clock says so. The last check asks for those as the interface's description has them.
"""

from __future__ import annotations

import json
import os

import requests
from delinea.secrets.server import (
    AccessTokenAuthorizer,
    DomainPasswordGrantAuthorizer,
    PasswordGrantAuthorizer,
    SecretServer,
    SecretServerClientError,
    SecretServerServiceError,
    ServerSecret,
)

from checking import Fake, isolate, raises


def base(fake: Fake) -> str:
    return fake.details["base-address"]


def client(fake: Fake, password: str | None = None) -> SecretServer:
    details = fake.details
    return SecretServer(
        base(fake), PasswordGrantAuthorizer(base(fake), details["username"], password or details["password"])
    )


def reading(fake: Fake) -> None:
    made = fake.command("put", name="main:company.team:KEY", fields={"value": 'made "up"', "notes": "for tests"})
    server = client(fake)
    secret = ServerSecret(**server.get_secret(made["id"]))
    assert secret.name == "main:company.team:KEY" and secret.folder_id == 42 and secret.active
    assert secret.fields["value"].value == 'made "up"' and secret.fields["notes"].value == "for tests"
    assert server.get_secret_by_path("/kestra/main:company.team:KEY")["id"] == made["id"]
    raises(SecretServerClientError, lambda: server.get_secret(999_999))
    attached = fake.command(
        "put", name="attached", template=6008, fields={"resource": "db", "attachment": "bytes of a file"}
    )
    items = {item["slug"]: item["itemValue"] for item in server.get_secret(attached["id"])["items"]}
    assert items["attachment"].text == "bytes of a file" and items["resource"] == "db"


def searching(fake: Fake) -> None:
    fake.command("folder", id=50, name="other")
    ids = [fake.command("put", name=f"key {n}", fields={"value": "x"}, folder=50)["id"] for n in range(12)]
    server = client(fake)
    assert server.get_secret_ids_by_folderid(50) == ids
    page = json.loads(server.search_secrets({"filter.folderId": 50, "filter.searchText": "KEY 1", "take": 2}))
    assert [record["name"] for record in page["records"]] == ["key 1", "key 10"]
    assert page["hasNext"] and page["nextSkip"] == 2


def logging_in(fake: Fake) -> None:
    problem = raises(SecretServerClientError, lambda: client(fake, "wrong").get_secret(1))
    assert problem.message == "Login failed.", problem.message
    fake.command("user", username="ann", password="made up", label="ann", domain="EXAMPLE", folders=[])
    ann = SecretServer(base(fake), DomainPasswordGrantAuthorizer(base(fake), "ann", "EXAMPLE", "made up"))
    number = fake.command("put", name="not for ann", fields={"value": "x"})["id"]
    assert raises(SecretServerClientError, lambda: ann.get_secret(number)).message == "Access Denied"
    other = SecretServer(base(fake), DomainPasswordGrantAuthorizer(base(fake), "ann", "ELSEWHERE", "made up"))
    raises(SecretServerClientError, lambda: other.get_secret(number))
    token = client(fake).authorizer.get_access_token()
    borrowed = SecretServer(base(fake), AccessTokenAuthorizer(token, base(fake)))
    assert borrowed.get_secret(number)["name"] == "not for ann"
    fake.command("expire-tokens")
    ended = raises(SecretServerClientError, lambda: borrowed.get_secret(number))
    assert ended.message == "Authentication failed or expired token."


def faults(fake: Fake) -> None:
    number = fake.command("put", name="faulty", fields={"value": "x"})["id"]
    server = client(fake)
    server.get_secret(number)
    fake.command("fault", kind="error", path="/secrets/")
    raises(SecretServerServiceError, lambda: server.get_secret(number))
    fake.command("fault", kind="throttle", path="/secrets/", retry_after=3)
    raises(SecretServerClientError, lambda: server.get_secret(number))
    fake.command("fault", kind="expired-token")
    assert raises(SecretServerClientError, lambda: server.get_secret(number)).message.startswith("Authentication")
    fake.command("fault", kind="refuse-login")
    assert raises(SecretServerClientError, lambda: client(fake).get_secret(number)).message == "Login failed."


def beyond_the_sdk(fake: Fake) -> None:
    header = client(fake).headers()
    api = base(fake) + "/api/v1"

    def ask(method: str, path: str, body=None) -> requests.Response:
        return requests.request(method, api + path, json=body, headers=header, timeout=10)

    template = ask("GET", "/secret-templates/6007").json()
    fields = {each["fieldSlugName"]: each["secretTemplateFieldId"] for each in template["fields"]}
    secret = {"name": "made here", "folderId": 42, "secretTemplateId": 6007, "siteId": 1}
    items = [{"fieldId": fields["value"], "slug": "value", "itemValue": "one"}]
    number = ask("POST", "/secrets", {**secret, "items": items}).json()["id"]
    assert ask("GET", f"/secrets/{number}/fields/value").json() == "one"
    assert ask("PUT", f"/secrets/{number}/fields/value", {"value": "two"}).json() == "two"
    assert ask("GET", f"/secrets/{number}/fields/value").json() == "two"
    for wrong in ({**secret, "items": None}, {**secret, "items": []}, {**secret, "siteId": 0, "items": items}):
        answer = ask("POST", "/secrets", wrong)
        assert answer.status_code == 400 and answer.json()["modelState"], answer.text
    assert ask("DELETE", f"/secrets/{number}").json()["id"] == number
    assert ask("GET", f"/secrets/{number}").json()["errorCode"] == "API_AccessDenied"
    assert ask("GET", "/secrets?filter.searchText=made+here").json()["records"] == []
    assert ask("POST", "/oauth-expiration").ok
    ended = ask("GET", "/secrets")
    assert ended.status_code == 403 and ended.json() == {"message": "Authentication failed or expired token."}


def main() -> None:
    isolate()
    for check in (reading, searching, logging_in, faults, beyond_the_sdk):
        with Fake("delinea") as fake:
            os.environ["REQUESTS_CA_BUNDLE"] = fake.authority
            check(fake)
            print(check.__name__)


if __name__ == "__main__":
    main()
