"""azure-identity and azure-keyvault-secrets are served by the fake as by Azure.

The SDK takes the fake's authority from REQUESTS_CA_BUNDLE. It compares the challenge's resource with the vault's host; for
localhost that is switched off by its own option, and for a host below vault.localhost it is left on. What the SDK cannot
show: that numbers in the answers of IMDS are texts (it takes both), addresses of next pages with another host (it follows
them), and names of errors below the statuses that it makes exceptions of. The last check asks for some of it.
"""

from __future__ import annotations

import base64
import logging
import os
import tempfile

import requests
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ServiceResponseError,
)
from azure.core.pipeline.policies import RetryPolicy
from azure.identity import ClientSecretCredential, ManagedIdentityCredential, WorkloadIdentityCredential
from azure.keyvault.secrets import SecretClient

from checking import Fake, isolate, raises

SCOPE = "https://vault.azure.net/.default"


def credential(fake: Fake, client_id: str | None = None, client_secret: str | None = None, tenant: str | None = None):
    return ClientSecretCredential(
        tenant or fake.details["tenant-id"],
        client_id or fake.details["client-id"],
        client_secret or fake.details["client-secret"],
        authority=fake.details["authority-host"],
        disable_instance_discovery=True,
    )


def client(fake: Fake, who=None, address: str | None = None, verify: bool = False, retries: int = 0) -> SecretClient:
    return SecretClient(
        vault_url=address or fake.address,
        credential=who or credential(fake),
        verify_challenge_resource=verify,
        retry_policy=RetryPolicy(retry_total=retries, retry_backoff_factor=0.01),
    )


def refused(status: int, code: str, work, inner: str | None = None) -> None:
    problem = raises(HttpResponseError, work)
    assert problem.status_code == status and problem.error.code == code, problem
    found = problem.error.innererror
    assert (found or {}).get("code") == inner, found


def operations(fake: Fake) -> None:
    vault = client(fake)
    made = vault.set_secret("DB-Password", "made up", content_type="text/plain", tags={"key": "DB"}, enabled=True)
    again = vault.get_secret("db-password")
    assert again.value == "made up" and again.name == "DB-Password" and again.properties.version == made.properties.version
    assert again.properties.tags == {"key": "DB"} and again.properties.content_type == "text/plain"
    second = vault.set_secret("DB-Password", "changed")
    assert vault.get_secret("DB-Password").value == "changed" and vault.get_secret("DB-Password").properties.tags is None
    assert vault.get_secret("DB-Password", made.properties.version).value == "made up"
    vault.update_secret_properties("DB-Password", second.properties.version, tags={"a": "b"}, content_type="x")
    assert vault.get_secret("DB-Password").properties.tags == {"a": "b"}
    versions = {each.version for each in vault.list_properties_of_secret_versions("DB-Password")}
    assert versions == {made.properties.version, second.properties.version}

    vault.update_secret_properties("DB-Password", enabled=False)
    refused(403, "Forbidden", lambda: vault.get_secret("DB-Password"), "SecretDisabled")
    vault.update_secret_properties("DB-Password", enabled=True)
    raises(ResourceNotFoundError, lambda: vault.get_secret("no-such-secret"), "SecretNotFound")
    raises(ResourceNotFoundError, lambda: vault.get_secret("DB-Password", "0" * 32))
    refused(400, "BadParameter", lambda: vault.set_secret("under_score", "x"))
    refused(400, "BadParameter", lambda: vault.set_secret("large", "x" * 25_601))
    vault.set_secret("largest", "x" * 25_600)
    refused(400, "BadParameter", lambda: vault.set_secret("tags", "x", tags={str(n): "" for n in range(16)}))


def deletion(fake: Fake) -> None:
    vault = client(fake)
    vault.set_secret("doomed", "made up")
    deleted = vault.begin_delete_secret("doomed").result()
    assert deleted.recovery_id.endswith("/deletedsecrets/doomed")
    raises(ResourceNotFoundError, lambda: vault.get_secret("doomed"))
    raises(ResourceExistsError, lambda: vault.set_secret("doomed", "x"), "ObjectIsDeletedButRecoverable")
    assert [each.name for each in vault.list_deleted_secrets()] == ["doomed"]
    assert vault.begin_recover_deleted_secret("doomed").result().name == "doomed"
    assert vault.get_secret("doomed").value == "made up"
    blob = vault.backup_secret("doomed")
    raises(ResourceExistsError, lambda: vault.restore_secret_backup(blob))
    vault.begin_delete_secret("doomed").wait()
    vault.purge_deleted_secret("doomed")
    raises(ResourceNotFoundError, lambda: vault.get_deleted_secret("doomed"))
    assert vault.restore_secret_backup(blob).name == "doomed"

    fake.command("vault", transition=1, purge_protection=True)
    poller = vault.begin_delete_secret("doomed", _polling_interval=0.2)
    raises(ResourceExistsError, lambda: vault.set_secret("doomed", "x"), "ObjectIsBeingDeleted")
    poller.wait()
    refused(403, "Forbidden", lambda: vault.purge_deleted_secret("doomed"))
    vault.begin_recover_deleted_secret("doomed", _polling_interval=0.2).wait()
    fake.command("vault")


def lists(fake: Fake) -> None:
    for index in range(60):
        fake.command("put", name=f"list-{index:02}", value="made up", tags={"n": str(index)})
    vault = client(fake)
    found = [each for each in vault.list_properties_of_secrets() if each.name.startswith("list-")]
    assert [each.name for each in found] == [f"list-{index:02}" for index in range(60)]
    assert found[7].tags == {"n": "7"} and found[7].version is None
    fake.command("paging", empty_pages=2)
    pages = [list(page) for page in vault.list_properties_of_secrets(max_page_size=10).by_page()]
    assert pages[:2] == [[], []] and len(pages[2]) == 10
    fake.command("paging")


def credentials(fake: Fake) -> None:
    assert credential(fake).get_token(SCOPE).token
    raises(ClientAuthenticationError, lambda: credential(fake, client_secret="wrong").get_token(SCOPE), "AADSTS7000215")
    raises(ClientAuthenticationError, lambda: credential(fake, client_id="other").get_token(SCOPE), "AADSTS700016")
    raises(ClientAuthenticationError, lambda: credential(fake, tenant="other").get_token(SCOPE))
    raises(ClientAuthenticationError, lambda: credential(fake).get_token("https://other.example/.default"), "AADSTS500011")

    def federated(path: str) -> WorkloadIdentityCredential:
        return WorkloadIdentityCredential(
            tenant_id=fake.details["tenant-id"],
            client_id=fake.details["client-id"],
            token_file_path=path,
            authority=fake.details["authority-host"],
            disable_instance_discovery=True,
        )

    client(fake, federated(fake.details["federated-token-file"])).get_secret("DB-Password")
    with tempfile.NamedTemporaryFile("w") as other:
        other.write("another assertion")
        other.flush()
        raises(ClientAuthenticationError, lambda: federated(other.name).get_token(SCOPE), "AADSTS70021")

    fake.command("application", label="reader", client_id="reader", client_secrets=["made up"], permissions=["get"])
    reader = client(fake, credential(fake, "reader", "made up"))
    reader.get_secret("DB-Password")
    refused(403, "Forbidden", lambda: reader.set_secret("DB-Password", "x"), "AccessDenied")
    refused(403, "Forbidden", lambda: list(reader.list_properties_of_secrets()), "AccessDenied")


def managed_identities(fake: Fake) -> None:
    fake.command("identity", label="assigned", client_id="assigned-id")

    def get(client_id: str | None = None) -> None:
        client(fake, ManagedIdentityCredential(client_id=client_id)).get_secret("DB-Password")
        carried.append(fake.requests()[-1]["credential"])

    carried: list[str] = []
    os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = fake.details["imds-address"]
    get()
    get("assigned-id")
    raises(ClientAuthenticationError, lambda: get("no-such-identity"))
    del os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"]
    os.environ |= {"IDENTITY_ENDPOINT": fake.details["app-service-endpoint"], "IDENTITY_HEADER": fake.details["identity-header"]}
    get()
    os.environ["IDENTITY_HEADER"] = "wrong"
    raises(ClientAuthenticationError, get)
    del os.environ["IDENTITY_ENDPOINT"], os.environ["IDENTITY_HEADER"]
    assert carried == ["machine", "assigned", "machine"], carried


def challenges(fake: Fake) -> None:
    fake.command("clear-requests")
    # A vault that the SDK has not met before: it remembers challenges by address.
    client(fake, address=f"https://127.0.0.1:{fake.port}").set_secret("challenged", "made up")
    data = [entry for entry in fake.requests() if entry["path"].startswith("/secrets")]
    assert [entry["status"] for entry in data] == [401, 200]
    assert data[0]["length"] == 0 and data[0]["credential"] is None and data[1]["credential"] == "agent"

    verified = client(fake, address=fake.details["vault-address"], verify=True)
    assert verified.get_secret("challenged").value == "made up"
    raises(ValueError, lambda: client(fake, verify=True).get_secret("challenged"), "does not match the requested domain")
    fake.command("challenge", tenant="00000000-9999-9999-9999-999999999999")
    foreign = client(fake, address=f"https://foreign.vault.localhost:{fake.port}")
    raises(ClientAuthenticationError, lambda: foreign.get_secret("challenged"), "additionally_allowed_tenants")
    fake.command("challenge")

    vault = client(fake)
    vault.get_secret("challenged")
    fake.command("demand-claims", claims='{"access_token":{"nbf":{"essential":true,"value":"1795339815"}}}')
    fake.command("clear-requests")
    assert vault.get_secret("challenged").value == "made up"
    assert [entry["status"] for entry in fake.requests() if "/token" in entry["path"]] == [200]
    fake.command("demand-claims")

    fake.command("expire-tokens", label="agent")
    raises(HttpResponseError, lambda: vault.get_secret("challenged"))
    assert client(fake).get_secret("challenged").value == "made up"


def faults(fake: Fake) -> None:
    vault = client(fake)
    vault.get_secret("challenged")
    fake.command("fault", kind="throttle", path="/secrets")
    refused(429, "Throttled", lambda: vault.get_secret("challenged"))
    fake.command("fault", kind="throttle", path="/secrets", retry_after=0)
    assert client(fake, retries=3).get_secret("challenged").value == "made up"
    fake.command("fault", kind="error", status=503, path="/secrets")
    refused(503, "ServiceUnavailable", lambda: vault.get_secret("challenged"))
    fake.command("fault", kind="refuse-login")
    raises(ClientAuthenticationError, lambda: client(fake).get_secret("challenged"), "AADSTS7000215")
    for kind in ("cut", "drop"):
        fake.command("fault", kind=kind, path="/secrets")
        raises((ServiceResponseError, HttpResponseError), lambda: vault.get_secret("challenged"))


def beyond_the_sdk(fake: Fake) -> None:
    address = fake.details["imds-address"] + "/metadata/identity/oauth2/token"
    asked = {"api-version": "2018-02-01", "resource": "https://vault.azure.net"}
    answer = requests.get(address, asked, headers={"Metadata": "true"}, timeout=5).json()
    assert isinstance(answer["expires_in"], str) and isinstance(answer["expires_on"], str)
    assert requests.get(address, asked, timeout=5).status_code == 400

    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    listing = lambda: requests.get(fake.address + "/secrets?api-version=7.4", headers=bearer, timeout=5).json()
    assert listing()["nextLink"].startswith(fake.address + "/secrets?api-version=7.4&$skiptoken=")
    fake.command("paging", next_link_base="https://elsewhere.example:443")
    assert listing()["nextLink"].startswith("https://elsewhere.example:443/secrets?")
    claims = '{"access_token":{"xms_cc":{}}}'
    fake.command("demand-claims", claims=claims)
    refused = requests.get(fake.address + "/secrets?api-version=7.4", headers=bearer, timeout=5)
    named = refused.headers["WWW-Authenticate"].partition('claims="')[2].rstrip('"')
    assert refused.status_code == 401 and base64.urlsafe_b64decode(named).decode() == claims
    shown = str(fake.requests())
    assert answer["access_token"] not in shown and fake.details["identity-header"] not in shown


def main() -> None:
    isolate()
    # The SDK logs what it then throws.
    logging.disable()
    with Fake("azure") as fake:
        os.environ["REQUESTS_CA_BUNDLE"] = fake.authority
        for check in (operations, deletion, lists, credentials, managed_identities, challenges, faults, beyond_the_sdk):
            check(fake)
            print(check.__name__)


if __name__ == "__main__":
    main()
