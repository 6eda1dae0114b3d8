"""conjur-api, CyberArk's own, is served by the fake as by Conjur.

It asks for tokens with an API key, which it gets for a password first, or with a token of somebody else, and reads
the end of a token itself. What it cannot show: versions that are not there, values in Base64 (it never asks for
them), pages, that a piece of policy is refused while another one is loaded, and empty values. The last check asks
for those as the documentation has them.
"""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

import requests
from conjur_api import Client
from conjur_api.errors.errors import HttpStatusError
from conjur_api.models import ConjurConnectionInfo, CredentialsData, SslVerificationMode
from conjur_api.providers import (
    AuthnAuthenticationStrategy,
    JWTAuthenticationStrategy,
    LdapAuthenticationStrategy,
    SimpleCredentialsProvider,
)

from checking import Fake, isolate, raises

POLICY = """
- !variable
  id: made/by-policy
  annotations:
    application: payments
- !variable plain
"""


def client(fake: Fake, strategy, service: str | None = None) -> Client:
    info = ConjurConnectionInfo(fake.address, fake.details["account"], fake.authority, service)
    return Client(info, SslVerificationMode.CA_BUNDLE, strategy, async_mode=False)


def known(fake: Fake, kind=AuthnAuthenticationStrategy, service: str | None = None, **who: str) -> Client:
    provider = SimpleCredentialsProvider()
    provider.save(CredentialsData(machine=fake.address, **who))
    return client(fake, kind(provider), service)


def host(fake: Fake) -> Client:
    return known(fake, username=fake.details["username"], api_key=fake.details["api-key"])


def using(fake: Fake) -> None:
    conjur = host(fake)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "policy.yml"
        path.write_text(POLICY)
        conjur.load_policy_file("kestra", str(path))
        raises(HttpStatusError, lambda: conjur.get("kestra/plain"), "404")
        conjur.set("kestra/plain", "made up")
        conjur.set("kestra/made/by-policy", "made up too")
        assert conjur.get("kestra/plain") == b"made up"
        conjur.set("kestra/plain", "changed")
        assert conjur.get("kestra/plain") == b"changed" and conjur.get("kestra/plain", "1") == b"made up"
        assert conjur.get_many("kestra/plain", "kestra/made/by-policy") == {
            "kestra/plain": "changed",
            "kestra/made/by-policy": "made up too",
        }
        raises(HttpStatusError, lambda: conjur.get_many("kestra/plain", "kestra/nothing"), "404")
        listed = conjur.list({"kind": "variable", "inspect": True})
        assert [each["id"] for each in listed] == ["acme:variable:kestra/made/by-policy", "acme:variable:kestra/plain"]
        assert listed[0]["annotations"][0]["value"] == "payments" and listed[1]["secrets"][-1]["version"] == 2
        path.write_text("- !delete\n  record: !variable plain\n")
        conjur.update_policy_file("kestra", str(path))
    raises(HttpStatusError, lambda: conjur.get("kestra/plain"), "404")
    raises(HttpStatusError, lambda: conjur.set("kestra/plain", "x"), "404")
    assert conjur.whoami()["username"] == fake.details["username"]


def authenticating(fake: Fake) -> None:
    fake.command("put", id="kestra/x", value="made up")
    fake.command("role", login="alice@devops", label="alice", password="made up, a:b")
    assert known(fake, username="alice@devops", password="made up, a:b").get("kestra/x") == b"made up"
    raises(HttpStatusError, lambda: known(fake, username="alice@devops", password="wrong").get("kestra/x"), "401")
    fake.command("role", login="bob", label="bob", password="made up", authenticator="authn-ldap/corporate")
    found = known(fake, LdapAuthenticationStrategy, "corporate", username="bob", password="made up")
    assert found.get("kestra/x") == b"made up"
    fake.command("role", login="host/pod", label="pod", authenticator="authn-jwt/cluster")
    fake.command("jwts", login="host/pod", accepted=["made-up-token"])
    assert client(fake, JWTAuthenticationStrategy("made-up-token"), "cluster").get("kestra/x") == b"made up"
    raises(HttpStatusError, lambda: client(fake, JWTAuthenticationStrategy("x"), "cluster").get("kestra/x"), "401")
    conjur = host(fake)
    assert conjur.get("kestra/x") == b"made up"
    fake.command("expire-tokens")
    raises(HttpStatusError, lambda: conjur.get("kestra/x"), "401")
    fake.command("role", login="reader", label="reader", password="made up", may_read=False, sees=["kestra/"])
    reader = known(fake, username="reader", password="made up")
    raises(HttpStatusError, lambda: reader.get("kestra/x"), "403")
    fake.command("put", id="elsewhere", value="made up")
    raises(HttpStatusError, lambda: reader.get("elsewhere"), "404")
    conjur = host(fake)
    for kind, text in (("error", "500"), ("throttle", "429"), ("expired-token", "401")):
        fake.command("fault", kind=kind, path="/secrets")
        raises(HttpStatusError, lambda: conjur.get("kestra/x"), text)
        conjur = host(fake)


def beyond_the_library(fake: Fake) -> None:
    account, key = fake.details["account"], fake.details["api-key"]
    session = requests.Session()
    session.verify = fake.authority
    path = f"{fake.address}/authn/{account}/host%2Fkestra%2Fagent/authenticate"
    token = session.post(path, data=key, timeout=10).text
    encoded = base64.b64encode(token.encode()).decode()
    session.headers["Authorization"] = f'Token token="{encoded}"'
    session.headers["Accept-Encoding"] = "identity"

    def get(path: str, **headers: str):
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return session.get(f"{fake.address}/{path}", headers=named, timeout=10)

    value = bytes(range(256))
    fake.command("put", id="a/b", base64=base64.b64encode(value).decode())
    assert get("secrets/acme/variable/a%2Fb").content == value == get("secrets/acme/variable/a/b").content
    assert get("secrets/acme/variable/a%2Fb?version=7").status_code == 404
    assert get("secrets/acme/variable/a%2Fb?version=x").status_code == 422
    ids = "secrets?variable_ids=acme%3Avariable%3Aa%2Fb"
    assert get(ids).status_code == 406
    batch = get(ids, Accept_Encoding="base64")
    assert batch.headers["Content-Encoding"] == "base64"
    text = batch.json()["acme:variable:a/b"]
    assert base64.b64decode(text) == value and len(text.split("\n")[0]) == 60
    named = get("secrets?variable_ids=acme:variable:a/b,acme:variable:none").json()["error"]
    assert named["code"] == "not_found" and "acme:variable:none" in named["message"]
    for number in range(11):
        fake.command("put", id=f"n{number:02}", value="made up")
    assert len(get("resources/acme?kind=variable&offset=0").json()) == 10
    assert len(get("resources/acme?kind=variable&offset=10&limit=10").json()) == 2
    assert get("resources/acme?kind=variable&limit=1001").status_code == 422
    assert get("resources/acme?count=true").json() == {"count": 12}
    assert get("resources/acme/variable/a%2Fb").json()["id"] == "acme:variable:a/b"
    url = f"{fake.address}/secrets/acme/variable/a%2Fb"
    assert session.post(url, data=b"", timeout=10).status_code == 422
    for _ in range(2):
        assert session.post(url, data=b"new", timeout=10).status_code == 201
    assert fake.command("stored", id="a/b")["versions"] == 2
    fake.command("busy", times=1)
    policy = f"{fake.address}/policies/acme/policy/kestra"
    assert session.post(policy, data="- !variable x", timeout=10).status_code == 409
    assert session.post(policy, data="- !variable x", timeout=10).status_code == 201
    assert session.post(policy, data="- !delete { record: !variable x }", timeout=10).status_code == 422
    assert session.patch(policy, data="- !delete { record: !variable x }", timeout=10).status_code == 201
    assert session.post(policy, data="- !variable 'x", timeout=10).status_code == 422


def main() -> None:
    isolate()
    for check in (using, authenticating, beyond_the_library):
        with Fake("conjur") as fake:
            check(fake)
            print(check.__name__)


if __name__ == "__main__":
    main()
