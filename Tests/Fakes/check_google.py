"""google-cloud-secret-manager, over REST, and google-auth are served by the fake as by Google.

The SDK takes the fake's authority from REQUESTS_CA_BUNDLE. It checks no checksum of a payload and sends none by itself, so
that the check computes them with the known values of CRC-32C. What it cannot show: members that are left out because they
are empty (it fills them in), numbers in texts (it takes both), and the way a JWT is refused in detail; the last check asks
for some of it.
"""

from __future__ import annotations

import json
import os

import google.auth
import requests
from google.api_core import exceptions
from google.auth import exceptions as auth_exceptions
from google.auth import identity_pool, impersonated_credentials
from google.auth.transport.requests import Request as AuthRequest
from google.cloud.secretmanager_v1 import SecretManagerServiceClient
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials

from checking import Fake, isolate, raises

SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
PARENT = "projects/acme-prod"
KNOWN_CHECKSUMS = {b"a": 3251651376, b"123456789": 3808858755, b"hunter2": 1736498283, b"s3cr\0t": 1167915893}


def from_file(path: str):
    return google.auth.load_credentials_from_file(path, scopes=SCOPES)[0]


def client(fake: Fake, credentials=None) -> SecretManagerServiceClient:
    return SecretManagerServiceClient(
        transport="rest",
        client_options={"api_endpoint": fake.address},
        credentials=credentials or from_file(fake.details["service-account-file"]),
    )


def exchanging(path: str, token_uri: str):
    """Credentials that get a token with their JWT, rather than to show the JWT."""
    credentials = service_account.Credentials.from_service_account_file(path, scopes=SCOPES)
    assert credentials._token_uri == token_uri
    credentials.refresh(AuthRequest())
    return credentials


def create(google: SecretManagerServiceClient, id: str, **members) -> str:
    secret = {"replication": {"automatic": {}}, **members}
    return google.create_secret(request={"parent": PARENT, "secret_id": id, "secret": secret}).name


def add(google: SecretManagerServiceClient, name: str, data: bytes, checksum: int | None = None):
    payload = {"data": data} if checksum is None else {"data": data, "data_crc32c": checksum}
    return google.add_secret_version(request={"parent": name, "payload": payload})


def access(google: SecretManagerServiceClient, name: str, version: str = "latest"):
    return google.access_secret_version(request={"name": f"{name}/versions/{version}"}, retry=None)


def refused(status: str, work, *texts: str) -> exceptions.GoogleAPICallError:
    """The SDK makes one exception of several names that share a status of HTTP."""
    problem = raises(exceptions.GoogleAPICallError, work, *texts)
    assert problem.response.json()["error"]["status"] == status, problem
    return problem


def operations(fake: Fake) -> None:
    google = client(fake)
    name = create(google, "DB_PASSWORD", labels={"application": "payments"}, annotations={"kestra-key": "DB.PASSWORD"})
    assert name == "projects/424242424242/secrets/DB_PASSWORD"
    refused("ALREADY_EXISTS", lambda: create(google, "DB_PASSWORD"))
    refused("NOT_FOUND", lambda: access(google, name), "not found or has no versions")
    for data, checksum in KNOWN_CHECKSUMS.items():
        version = add(google, name, data, checksum)
        assert version.client_specified_payload_checksum and version.state.name == "ENABLED"
        answer = access(google, f"{PARENT}/secrets/DB_PASSWORD")
        assert answer.payload.data == data and answer.payload.data_crc32c == checksum and answer.name == version.name
    refused("INVALID_ARGUMENT", lambda: add(google, name, b"a", 1), "checksum")
    add(google, name, b"")
    assert access(google, name).payload.data == b"" and access(google, name).payload.data_crc32c == 0
    add(google, name, b"x" * 65_536)
    refused("INVALID_ARGUMENT", lambda: add(google, name, b"x" * 65_537))
    assert access(google, name, "1").payload.data == b"a"
    refused("NOT_FOUND", lambda: access(google, name, "99"), "Secret Version")
    refused("NOT_FOUND", lambda: access(google, f"{PARENT}/secrets/other"))
    refused("INVALID_ARGUMENT", lambda: create(google, "dots.are.wrong"))
    refused("INVALID_ARGUMENT", lambda: create(google, "labels", labels={"key": "Upper"}))

    listed = list(google.list_secret_versions(request={"parent": name}))
    assert [each.name.rpartition("/")[2] for each in listed] == ["6", "5", "4", "3", "2", "1"]


def states(fake: Fake) -> None:
    google = client(fake)
    name = create(google, "states")
    first, second = add(google, name, b"first"), add(google, name, b"second")
    google.disable_secret_version(request={"name": second.name})
    refused("FAILED_PRECONDITION", lambda: access(google, name), "is in DISABLED state")
    assert access(google, name, "1").payload.data == b"first"
    google.enable_secret_version(request={"name": second.name})
    assert access(google, name).payload.data == b"second"
    refused("FAILED_PRECONDITION", lambda: google.disable_secret_version(request={"name": first.name, "etag": '"old"'})
    )
    destroyed = google.destroy_secret_version(request={"name": second.name})
    assert destroyed.state.name == "DESTROYED"
    refused("FAILED_PRECONDITION", lambda: access(google, name), "is in DESTROYED state")
    assert google.get_secret_version(request={"name": second.name}).state.name == "DESTROYED"

    secret = google.get_secret(request={"name": name})
    updated = google.update_secret(
        request={"secret": {"name": name, "labels": {"a": "b"}, "etag": secret.etag}, "update_mask": {"paths": ["labels"]}}
    )
    assert dict(updated.labels) == {"a": "b"} and updated.etag != secret.etag
    stale = {"secret": {"name": name, "etag": secret.etag}, "update_mask": {"paths": ["labels"]}}
    refused("FAILED_PRECONDITION", lambda: google.update_secret(request=stale))
    google.update_secret(
        request={"secret": {"name": name, "version_aliases": {"good": 1}}, "update_mask": {"paths": ["version_aliases"]}}
    )
    assert access(google, name, "good").payload.data == b"first"
    refused("FAILED_PRECONDITION", lambda: google.delete_secret(request={"name": name, "etag": secret.etag}))
    google.delete_secret(request={"name": name, "etag": google.get_secret(request={"name": name}).etag})
    refused("NOT_FOUND", lambda: google.get_secret(request={"name": name}))


def lists(fake: Fake) -> None:
    for index in range(7):
        fake.command("put", id=f"list-{index}", value="made up", labels={"n": str(index), "even": str(index % 2)})
    google = client(fake)

    def ids(filter: str = "") -> list[str]:
        found = google.list_secrets(request={"parent": PARENT, "page_size": 3, "filter": filter})
        return [each.name.rpartition("/")[2] for each in found if "list-" in each.name]

    assert ids() == [f"list-{index}" for index in range(6, -1, -1)]
    assert ids("labels.even=0") == ["list-6", "list-4", "list-2", "list-0"]
    assert ids("labels.even=0 labels.n=4") == ids("labels.even=0 AND labels.n=4") == ["list-4"]
    assert ids("labels.n=1 OR labels.n=2") == ["list-2", "list-1"]
    assert ids("labels.n:* AND NOT labels.even=0 name:LIST") == ["list-5", "list-3", "list-1"]
    refused("INVALID_ARGUMENT", lambda: ids("nonsense"))
    fake.command("paging", empty_pages=2)
    pages = list(google.list_secrets(request={"parent": PARENT, "page_size": 3}).pages)
    assert [len(page.secrets) for page in pages[:3]] == [0, 0, 3]
    fake.command("paging")


def permissions(fake: Fake) -> None:
    reader = fake.command("service-account", name="reader", roles=["secretAccessor"])
    google = client(fake, from_file(reader["file"]))
    assert access(google, f"{PARENT}/secrets/list-1").payload.data == b"made up"
    refused("NOT_FOUND", lambda: access(google, f"{PARENT}/secrets/missing"))
    refused("PERMISSION_DENIED", lambda: list(google.list_secrets(request={"parent": PARENT})), "secrets.list")
    refused("PERMISSION_DENIED", lambda: google.get_secret(request={"name": f"{PARENT}/secrets/list-1"}))
    fake.command("roles", email=reader["email"], roles=["secretAccessor"], only=["list-1"])
    assert access(google, f"{PARENT}/secrets/list-1").payload.data == b"made up"
    for id in ("list-2", "missing"):
        denied = refused("PERMISSION_DENIED", lambda: access(google, f"{PARENT}/secrets/{id}"), "or it may not exist")
        assert denied.reason == "IAM_PERMISSION_DENIED"
    refused("PERMISSION_DENIED", lambda: access(google, "projects/other/secrets/list-1"))


def credentials(fake: Fake) -> None:
    secret = f"{PARENT}/secrets/list-1"

    def carried(credentials) -> str:
        assert access(client(fake, credentials), secret).payload.data == b"made up"
        return fake.requests()[-1]["credential"]

    exchanged = exchanging(fake.details["service-account-file"], fake.details["token-uri"])
    assert exchanged.token.startswith("ya29.")
    assert access(client(fake, exchanged), secret).payload.data == b"made up"
    fake.command("expire-tokens", label="agent")
    # Without the SDK, which would fetch another token.
    answer = requests.get(
        f"{fake.address}/v1/{secret}/versions/latest:access",
        headers={"Authorization": f"Bearer {exchanged.token}"},
        timeout=5,
    )
    assert answer.status_code == 401 and answer.json()["error"]["status"] == "UNAUTHENTICATED"
    wrong = service_account.Credentials.from_service_account_file(fake.details["service-account-file"], scopes=SCOPES)
    other = fake.command("service-account", name="other", roles=["admin"])
    with open(other["file"]) as file:
        wrong._signer = service_account.Credentials.from_service_account_info(json.load(file)).signer
    raises(auth_exceptions.RefreshError, lambda: wrong.refresh(AuthRequest()), "invalid_grant")
    fake.command("fault", kind="skew", seconds=7200, path="/token")
    late = service_account.Credentials.from_service_account_file(fake.details["service-account-file"], scopes=SCOPES)
    raises(auth_exceptions.RefreshError, lambda: late.refresh(AuthRequest()), "short-lived token")

    assert carried(person(fake)) == "person"
    with open(fake.details["impersonated-service-account-file"]) as file:
        url = json.load(file)["service_account_impersonation_url"]
    target = url.rpartition("/")[2].partition(":")[0]
    assert carried(
        impersonated_credentials.Credentials(person(fake), target, SCOPES, iam_endpoint_override=url)
    ) == "impersonated"
    assert carried(external(fake, "external-account-file")) == "impersonated"
    assert carried(external(fake, "external-account-url-file")) == "impersonated"
    direct = external(fake, "external-account-direct-file")
    refused("PERMISSION_DENIED", lambda: access(client(fake, direct), secret))
    fake.command("subject-tokens", accepted=["another"])
    unknown = external(fake, "external-account-file")
    raises(auth_exceptions.GoogleAuthError, lambda: unknown.refresh(AuthRequest()), "invalid_grant")

    os.environ |= {"GCE_METADATA_HOST": fake.details["metadata-host"], "GCE_METADATA_IP": fake.details["metadata-host"]}
    on_machine, project = google.auth.default(scopes=SCOPES)
    assert project == "acme-prod"
    assert carried(on_machine) == "machine"


def external(fake: Fake, file: str) -> identity_pool.Credentials:
    """Made by its own class: the dispatch over all kinds of files would ask Google for the project's id."""
    return identity_pool.Credentials.from_file(fake.details[file], scopes=SCOPES)


def person(fake: Fake) -> Credentials:
    """Made by hand: google-auth would ask Google, whatever endpoint the file names."""
    with open(fake.details["authorized-user-file"]) as file:
        members = json.load(file)
    names = ("refresh_token", "token_uri", "client_id", "client_secret")
    return Credentials(None, **{name: members[name] for name in names})


def faults(fake: Fake) -> None:
    google = client(fake)
    name = f"{PARENT}/secrets/list-1"
    fake.command("fault", kind="throttle", path=":access", retry_after=2)
    throttled = refused("RESOURCE_EXHAUSTED", lambda: access(google, name), "Quota exceeded")
    assert throttled.reason == "RATE_LIMIT_EXCEEDED"
    for status, kind in {503: exceptions.ServiceUnavailable, 500: exceptions.InternalServerError}.items():
        fake.command("fault", kind="error", status=status, path=":access")
        raises(kind, lambda: access(google, name))
    fake.command("fault", kind="error", status=502, html=True, path=":access")
    raises(exceptions.BadGateway, lambda: access(google, name))
    # The SDK shows the JWT again by itself.
    fake.command("fault", kind="expired-token")
    assert access(google, name).payload.data == b"made up"
    fake.command("corrupt", times=1)
    assert access(google, name).payload.data != b"made up"


def beyond_the_sdk(fake: Fake) -> None:
    metadata = "http://" + fake.details["metadata-host"]
    path = metadata + "/computeMetadata/v1/instance/service-accounts/default/token"
    answer = requests.get(path, headers={"Metadata-Flavor": "Google"}, timeout=5)
    assert answer.headers["Metadata-Flavor"] == "Google" and answer.json()["expires_in"] == 3599
    assert requests.get(path, timeout=5).status_code == 403
    fake.command("metadata")
    assert requests.get(path, headers={"Metadata-Flavor": "Google"}, timeout=5).status_code == 404

    def get(resource: str) -> dict:
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return requests.get(f"{fake.address}/v1/{PARENT}/{resource}", headers=headers, timeout=5).json()

    fake.command("put", id="nothing-in-it")
    assert get("secrets/nothing-in-it/versions/latest:access")["payload"] == {"dataCrc32c": "0"}
    assert get("secrets/nothing-in-it/versions/1")["state"] == "ENABLED"
    fake.command("put", id="regional", value="made up", location="europe-west1")
    assert get("locations/europe-west1/secrets/regional")["name"].endswith("/locations/europe-west1/secrets/regional")
    assert get("secrets/regional")["error"]["status"] == "NOT_FOUND"
    shown = str(fake.requests())
    assert answer.json()["access_token"] not in shown


def main() -> None:
    isolate()
    with Fake("google") as fake:
        os.environ["REQUESTS_CA_BUNDLE"] = fake.authority
        for check in (operations, states, lists, permissions, credentials, faults, beyond_the_sdk):
            check(fake)
            print(check.__name__)


if __name__ == "__main__":
    main()
