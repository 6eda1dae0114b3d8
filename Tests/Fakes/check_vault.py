"""hvac, whose own tests run against real servers, is served by the fake as by Vault.

What hvac cannot show, and is read from Vault's documentation only: the verb PATCH (hvac reads, changes and writes), the
header X-Vault-Index and status 412, redirects from a standby (hvac's HTTP library follows them by itself), and numbers that
keep their literal (Python's JSON reads them as numbers). The requests at the end ask for these without hvac.
"""

from __future__ import annotations

import hvac
import requests
from hvac import exceptions

from checking import Fake, isolate, raises


def client(fake: Fake, token: str | None = None, **more) -> hvac.Client:
    return hvac.Client(url=fake.address, verify=fake.authority, token=token, **more)


def versioned_secrets(fake: Fake) -> None:
    kv = client(fake, fake.details["root-token"]).secrets.kv.v2
    first = kv.create_or_update_secret("app1/api", {"API_TOKEN": "made up", "count": 1}, cas=0)
    assert first["data"]["version"] == 1
    raises(
        exceptions.InvalidRequest,
        lambda: kv.create_or_update_secret("app1/api", {"x": "y"}, cas=0),
        "check-and-set parameter did not match the current version",
    )
    kv.patch("app1/api", {"API_TOKEN": "<changed> & \u2028"})
    read = kv.read_secret_version("app1/api", raise_on_deleted_version=True)
    assert read["data"]["data"] == {"API_TOKEN": "<changed> & \u2028", "count": 1}
    assert read["data"]["metadata"]["version"] == 2 and read["data"]["metadata"]["destroyed"] is False
    assert kv.read_secret_version("app1/api", version=1, raise_on_deleted_version=True)["data"]["data"]["count"] == 1

    kv.update_metadata("app1/api", custom_metadata={"owner": "team-a"}, max_versions=2)
    kv.create_or_update_secret("app1/api", {"n": "3"})
    metadata = kv.read_secret_metadata("app1/api")["data"]
    assert metadata["custom_metadata"] == {"owner": "team-a"} and metadata["current_version"] == 3
    assert sorted(metadata["versions"]) == ["2", "3"] and metadata["oldest_version"] == 2

    kv.delete_latest_version_of_secret("app1/api")
    deleted = raises(
        exceptions.InvalidPath, lambda: kv.read_secret_version("app1/api", raise_on_deleted_version=True)
    )
    assert deleted.json["data"]["metadata"]["deletion_time"]
    assert kv.read_secret_version("app1/api", raise_on_deleted_version=False)["data"]["data"] is None
    kv.undelete_secret_versions("app1/api", versions=[3])
    assert kv.read_secret_version("app1/api", raise_on_deleted_version=True)["data"]["data"] == {"n": "3"}
    kv.delete_secret_versions("app1/api", versions=[2])
    kv.destroy_secret_versions("app1/api", versions=[3])
    destroyed = raises(
        exceptions.InvalidPath, lambda: kv.read_secret_version("app1/api", raise_on_deleted_version=False)
    )
    assert destroyed.json["data"]["metadata"]["destroyed"] is True

    kv.create_or_update_secret("app1/both", {"a": "b"})
    kv.create_or_update_secret("app1/both/below", {"a": "b"})
    assert kv.list_secrets("app1")["data"]["keys"] == ["api", "both", "both/"]
    strict = client(fake, fake.details["root-token"], strict_http=True).secrets.kv.v2
    assert strict.list_secrets("app1")["data"]["keys"] == ["api", "both", "both/"]
    raises(exceptions.InvalidPath, lambda: kv.list_secrets("nothing"))
    kv.delete_metadata_and_all_versions("app1/both")
    assert kv.list_secrets("app1")["data"]["keys"] == ["api", "both/"]
    raises(exceptions.InvalidPath, lambda: kv.read_secret_version("app1/both", raise_on_deleted_version=True))
    assert kv.read_configuration()["data"]["cas_required"] is False


def plain_secrets(fake: Fake) -> None:
    vault = client(fake, fake.details["root-token"])
    kv = vault.secrets.kv.v1
    kv.create_or_update_secret("old/api", {"password": "made up"}, mount_point="kv1")
    assert kv.read_secret("old/api", mount_point="kv1")["data"] == {"password": "made up"}
    assert kv.list_secrets("old", mount_point="kv1")["data"]["keys"] == ["api"]
    kv.delete_secret("old/api", mount_point="kv1")
    raises(exceptions.InvalidPath, lambda: kv.read_secret("old/api", mount_point="kv1"))
    wrong = raises(exceptions.InvalidPath, lambda: kv.read_secret("app1/api", mount_point="secret"))
    assert "Invalid path for a versioned K/V secrets engine" in wrong.text
    raises(exceptions.InvalidPath, lambda: kv.read_secret("x", mount_point="no-such-mount"), "no handler for route")


def logins(fake: Fake) -> None:
    fake.command("user", name="John", password="made up", policies=["default"], ttl=1200)
    vault = client(fake)
    login = vault.auth.userpass.login("john", "made up")
    assert login["auth"]["lease_duration"] == 1200 and login["auth"]["renewable"]
    assert vault.is_authenticated()
    raises(exceptions.InvalidRequest, lambda: vault.auth.userpass.login("john", "wrong"), "invalid username or password")
    for _ in range(4):
        raises(exceptions.InvalidRequest, lambda: vault.auth.userpass.login("john", "wrong"))
    raises(exceptions.Forbidden, lambda: vault.auth.userpass.login("john", "made up"))
    fake.command("advance", seconds=16 * 60)
    vault.auth.userpass.login("john", "made up")

    fake.command("auth", path="team/approle", kind="approle")
    role = fake.command("approle", name="agent", mount="team/approle", secret_id_uses=1)
    vault.auth.approle.login(role["role_id"], role["secret_id"], mount_point="team/approle")
    raises(
        exceptions.InvalidRequest,
        lambda: vault.auth.approle.login(role["role_id"], role["secret_id"], mount_point="team/approle"),
        "invalid role or secret ID",
    )

    fake.command("kubernetes-role", name="agent", jwts=["first"])
    vault.auth.kubernetes.login("agent", "first")
    raises(exceptions.InvalidRequest, lambda: vault.auth.kubernetes.login("other", "first"), 'invalid role name "other"')
    fake.command("kubernetes-role", name="agent", jwts=["second"])
    raises(exceptions.Forbidden, lambda: vault.auth.kubernetes.login("agent", "first"))


def token_life(fake: Fake) -> None:
    made = fake.command("token", label="short", ttl=100, max_ttl=150, policies=["default"])
    vault = client(fake, made["token"])
    data = vault.auth.token.lookup_self()["data"]
    assert 98 <= data["ttl"] <= 100 and data["renewable"] and data["explicit_max_ttl"] == 150
    fake.command("advance", seconds=90)
    renewed = vault.auth.token.renew_self(increment="100s")
    assert 58 <= renewed["auth"]["lease_duration"] <= 60 and renewed["warnings"]
    fake.command("advance", seconds=61)
    raises(exceptions.Forbidden, vault.auth.token.lookup_self, "invalid token")

    fixed = client(fake, fake.command("token", label="fixed", renewable=False, policies=["default"])["token"])
    raises(exceptions.InvalidRequest, fixed.auth.token.renew_self, "lease is not renewable")
    fixed.auth.token.revoke_self()
    raises(exceptions.Forbidden, fixed.auth.token.lookup_self)

    twice = client(fake, fake.command("token", label="twice", num_uses=2, policies=["default"])["token"])
    assert twice.auth.token.lookup_self()["data"]["num_uses"] == 1
    twice.auth.token.lookup_self()
    raises(exceptions.Forbidden, twice.auth.token.lookup_self)


def policies(fake: Fake) -> None:
    fake.command("put", path="allowed/one", data={"value": "made up"})
    fake.command("put", path="hidden/one", data={"value": "made up"})
    paths = {"secret/data/allowed/*": ["read"], "secret/metadata/allowed/*": ["list", "read"]}
    vault = client(fake, fake.command("token", label="reader", policies=["default"], paths=paths)["token"])
    kv = vault.secrets.kv.v2
    assert kv.read_secret_version("allowed/one", raise_on_deleted_version=True)["data"]["data"]["value"] == "made up"
    raises(exceptions.InvalidPath, lambda: kv.read_secret_version("allowed/two", raise_on_deleted_version=True))
    for name in ("hidden/one", "hidden/two"):
        denied = raises(exceptions.Forbidden, lambda: kv.read_secret_version(name, raise_on_deleted_version=True))
        assert "invalid token" not in denied.text
    raises(exceptions.Forbidden, lambda: kv.create_or_update_secret("allowed/one", {"a": "b"}))
    assert kv.list_secrets("allowed")["data"]["keys"] == ["one"]
    raises(exceptions.Forbidden, lambda: kv.list_secrets("hidden"))


def namespaces(fake: Fake) -> None:
    fake.command("namespace", path="team-a")
    fake.command("put", path="where", data={"value": "team-a"}, namespace="team-a")
    fake.command("put", path="where", data={"value": "root"})
    fake.command("user", name="anna", password="made up", namespace="team-a")
    inside = client(fake, namespace="team-a/")
    inside.auth.userpass.login("anna", "made up")
    read = inside.secrets.kv.v2.read_secret_version("where", raise_on_deleted_version=True)
    assert read["data"]["data"]["value"] == "team-a"
    outside = client(fake, inside.token)
    raises(exceptions.Forbidden, lambda: outside.secrets.kv.v2.read_secret_version("where", raise_on_deleted_version=True))
    raises(exceptions.InvalidRequest, lambda: outside.auth.userpass.login("anna", "made up"))


def wrapping(fake: Fake) -> None:
    fake.command("approle", name="wrapped")
    root = client(fake, fake.details["root-token"])
    made = root.auth.approle.generate_secret_id("wrapped", wrap_ttl="60s")
    token = made["wrap_info"]["token"]
    assert made["wrap_info"]["creation_path"] == "auth/approle/role/wrapped/secret-id"
    looked_up = client(fake).write("sys/wrapping/lookup", token=token)
    assert looked_up["data"]["creation_path"] == "auth/approle/role/wrapped/secret-id"
    secret_id = client(fake, token).sys.unwrap()["data"]["secret_id"]
    role_id = root.auth.approle.read_role_id("wrapped")["data"]["role_id"]
    client(fake).auth.approle.login(role_id, secret_id)
    raises(exceptions.InvalidRequest, client(fake, token).sys.unwrap, "wrapping token is not valid or does not exist")

    other = fake.command("secret-id", role="wrapped", wrap_ttl=60)
    assert root.sys.unwrap(other["wrapping_token"])["data"]["secret_id"] == other["secret_id"]
    late = fake.command("secret-id", role="wrapped", wrap_ttl=60)
    fake.command("advance", seconds=61)
    raises(exceptions.InvalidRequest, client(fake, late["wrapping_token"]).sys.unwrap)


def health(fake: Fake) -> None:
    vault = client(fake)
    expected = {"active": 200, "standby": 429, "performance-standby": 473, "dr-secondary": 472, "sealed": 503,
                "uninitialized": 501}
    for state, status in expected.items():
        fake.command("state", state=state)
        assert vault.sys.read_health_status(method="HEAD").status_code == status
        bare = requests.get(fake.address + "/v1/sys/health", verify=fake.authority, timeout=5)
        assert bare.status_code == status and bare.json()["sealed"] == (state in ("sealed", "uninitialized"))
    fake.command("state", state="standby")
    # With GET, because hvac's HEAD leaves the query out.
    assert vault.sys.read_health_status(method="GET", standby_ok=True)["standby"] is True
    fake.command("state", state="sealed")
    assert vault.sys.is_sealed()
    root = client(fake, fake.details["root-token"])
    raises(exceptions.VaultDown, lambda: root.secrets.kv.v2.list_secrets(""), "Vault is sealed")
    fake.command("state", state="active")


def faults(fake: Fake) -> None:
    root = client(fake, fake.details["root-token"])
    read = lambda: root.secrets.kv.v2.read_secret_version("allowed/one", raise_on_deleted_version=True)
    fake.command("fault", kind="throttle", path="secret/data")
    raises(exceptions.RateLimitExceeded, read, "rate limit quota exceeded")
    for status, kind in {500: exceptions.InternalServerError, 502: exceptions.BadGateway, 503: exceptions.VaultDown}.items():
        fake.command("fault", kind="error", status=status)
        raises(kind, read)
    for kind in ("cut", "drop"):
        fake.command("fault", kind=kind)
        raises(requests.RequestException, read)
    fake.command("fault", kind="wrong-json")
    assert isinstance(read(), requests.Response)
    read()


def beyond_hvac(fake: Fake) -> None:
    root = {"X-Vault-Request": "true", "X-Vault-Token": fake.details["root-token"]}

    def get(path: str, headers=None, **more) -> requests.Response:
        return requests.get(fake.address + "/v1/" + path, headers=headers or root, verify=fake.authority, timeout=5, **more)

    fake.command("put", path="numbers", json='{"long": 12345678901234567890, "exact": 1.50}')
    assert '"exact":1.50,"long":12345678901234567890' in get("secret/data/numbers").text
    assert get("sys/internal/ui/mounts/kv1/x").json()["data"]["options"] is None
    assert get("sys/internal/ui/mounts/secret/x").json()["data"]["options"] == {"version": "2"}
    assert get("secret/data/numbers", {"X-Vault-Token": "x"}).status_code == 412

    patched = requests.patch(
        fake.address + "/v1/secret/data/numbers",
        json={"data": {"long": None}},
        headers={**root, "Content-Type": "application/merge-patch+json"},
        verify=fake.authority,
        timeout=5,
    )
    assert patched.json()["data"]["version"] == 2
    assert get("secret/data/numbers").json()["data"]["data"] == {"exact": 1.5}

    fake.command("state", state="standby", redirect="active")
    moved = get("secret/data/numbers", allow_redirects=False)
    assert moved.status_code == 307
    assert moved.headers["Location"] == fake.details["active-address"] + "/v1/secret/data/numbers"
    assert requests.get(moved.headers["Location"], headers=root, verify=fake.authority, timeout=5).status_code == 200
    fake.command("state", state="active")

    post = requests.post(fake.address + "/v1/secret/data/x", json={"data": {}}, headers=root, verify=fake.authority, timeout=5)
    index = post.headers["X-Vault-Index"]
    fake.command("lag", requests=2)
    statuses = [get("secret/data/x", {**root, "X-Vault-Index": index}).status_code for _ in range(3)]
    assert statuses == [412, 412, 200]


def record(fake: Fake) -> None:
    assert {entry["credential"] for entry in fake.requests()} >= {"root", "reader", "anna", "agent"}
    shown = str(fake.requests())
    assert fake.details["root-token"] not in shown
    fake.command("clear-requests")
    assert fake.requests() == []


def open_bao() -> None:
    with Fake("vault", flavour="openbao") as bao:
        token = bao.command("token", label="ended", ttl=10, policies=["default"])["token"]
        assert token.startswith("s.")
        bao.command("advance", seconds=11)
        refused = raises(exceptions.Forbidden, client(bao, token).auth.token.lookup_self, "permission denied")
        assert "invalid token" not in str(refused)


def main() -> None:
    isolate()
    with Fake("vault", enterprise="yes") as fake:
        for check in (versioned_secrets, plain_secrets, logins, token_life, policies, namespaces, wrapping, health, faults,
                      beyond_hvac, record):
            check(fake)
            print(check.__name__)
    open_bao()
    print("open_bao")


if __name__ == "__main__":
    main()
