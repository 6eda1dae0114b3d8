"""beyondtrust-bips-library, BeyondTrust's own, is served by the fake as by Secrets Safe.

It is told the fake's authority. It reads texts out of the member Password, so that only a fake that fills it can be read with it;
it signs out after each request that failed; it wants 200 of a deletion. What it cannot show: second factors, that a session
needs all of its cookies, that values are left out without `decrypt`, lists by folder in the address, and that a title is
searched in any case of its letters. The last check asks for those as the documentation has them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import requests
from secrets_safe_library import exceptions
from secrets_safe_library.authentication import Authentication
from secrets_safe_library.secrets_safe import SecretsSafe

from checking import Fake, isolate, raises

OWNERS = [{"user_id": 12, "name": "agent", "email": "made-up@example.com"}]


def credential(fake: Fake, run_as: str | None = None) -> str:
    # The library's key is what stands behind `key=`.
    return f"{fake.details['api-key']}; runas={run_as or fake.details['run-as']};"


def authentication(fake: Fake, version: str = "3.1", run_as: str | None = None) -> Authentication:
    return Authentication(
        api_url=fake.details["api-address"],
        api_key=credential(fake, run_as),
        api_version=version,
        verify_ca=fake.authority,
    )


def signed_in(fake: Fake, version: str = "3.1") -> tuple[Authentication, SecretsSafe]:
    session = authentication(fake, version)
    answer = session.get_api_access()
    assert answer.status_code == 200 and answer.json()["UserId"] == 12, answer.text
    return session, SecretsSafe(authentication=session, decrypt=True)


def reading(fake: Fake) -> None:
    fake.command("folder", id="00000000-0000-0000-0000-000000000001", name="team", parent=fake.details["folder-id"])
    place = {"folder": "00000000-0000-0000-0000-000000000001"}
    fake.command("put", title="text", kind="Text", Text="made up", **place)
    fake.command("put", title="login", kind="Credential", Username="ann", Password="made up too", **place)
    fake.command("put", title="file", kind="File", content="bytes of a file", FileName="a.bin", **place)
    for version in ("3.0", "3.1", "3.2"):
        _, safe = signed_in(fake, version)
        found = safe.get_secrets(["kestra/team/text", "kestra/team/login", "kestra/team/file"])
        assert list(found.values()) == ["made up", "made up too", "bytes of a file"], found
        metadata = safe.get_secret_with_metadata("kestra/team/login")["kestra/team/login-metadata"]
        assert metadata["Username"] == "ann" and metadata["FolderPath"] == "kestra/team", metadata
    session, safe = signed_in(fake)
    raises(exceptions.LookupError, lambda: safe.get_secret("kestra/team/nothing"), "was not found")
    assert session.get_api_access().status_code == 200 and session.sign_app_out()
    raises(exceptions.LookupError, lambda: safe.get_secret("kestra/team/text"), "401")


def writing(fake: Fake) -> None:
    _, safe = signed_in(fake)
    folder = fake.details["folder-id"]
    made = safe.create_secret("text", folder, text="made up", owners=OWNERS, description="d", notes="n")
    assert made["SecretType"] == "Text" and made["Title"] == "text" and made["FolderId"] == folder
    assert safe.get_secret("kestra/text") == "made up"
    safe.update_secret(made["Id"], folder, title="text", text="changed", owners=OWNERS, description="d", notes="n")
    assert safe.get_secret("kestra/text") == "changed"
    stored = fake.command("stored", title="text")
    assert stored["count"] == 1 and stored["members"]["Notes"] == "n", stored
    login = safe.create_secret("login", folder, username="ann", password="made up too", owners=OWNERS)
    assert login["SecretType"] == "Credential" and safe.get_secret("kestra/login") == "made up too"
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "a.bin"
        path.write_bytes(b"bytes of a file")
        file = safe.create_secret("file", folder, file_path=str(path), owners=OWNERS)
    assert file["SecretType"] == "File" and safe.get_secret("kestra/file") == "bytes of a file"
    listed = safe.list_secrets_by_folder_id(folder)
    assert sorted(each["Title"] for each in listed) == ["file", "login", "text"]
    safe.delete_secret_by_id(made["Id"])
    raises(exceptions.LookupError, lambda: safe.get_secret("kestra/text"))


def signing_in(fake: Fake) -> None:
    assert authentication(fake, run_as="nobody").get_api_access().status_code == 401
    session, safe = signed_in(fake)
    fake.command("put", title="text", kind="Text", Text="made up")
    fake.command("expire-sessions")
    raises(exceptions.LookupError, lambda: safe.get_secret("kestra/text"), "401")
    assert session.get_api_access().status_code == 200
    assert safe.get_secret("kestra/text") == "made up"
    fake.command("fault", kind="refuse-login")
    assert session.get_api_access().status_code == 401
    assert session.get_api_access().status_code == 200
    for kind, text in (("error", "500"), ("throttle", "429"), ("expired-token", "401")):
        fake.command("fault", kind=kind, path="secrets-safe/secrets")
        raises(exceptions.LookupError, lambda: safe.get_secret("kestra/text"), text)
        assert session.get_api_access().status_code == 200


def beyond_the_library(fake: Fake) -> None:
    base, folder = fake.details["api-address"], fake.details["folder-id"]
    session = requests.Session()
    session.verify = fake.authority
    session.headers["Authorization"] = f"PS-Auth key={credential(fake)}"

    def get(path: str):
        return session.get(f"{base}/{path}", timeout=10)

    assert get(f"Secrets-Safe/Folders/{folder}").status_code == 401
    fake.command("second-factor", demanded=True)
    refused = session.post(f"{base}/Auth/SignAppIn", timeout=10)
    assert refused.status_code == 401 and refused.headers["WWW-Authenticate-2FA"]
    fake.command("second-factor", demanded=False)
    assert session.post(f"{base}/Auth/SignAppIn", timeout=10).ok and len(session.cookies) == 2
    number = fake.command("put", title="Text", kind="Text", Text="made up")["id"]
    assert get(f"secrets-safe/folders/{folder}/secrets").json()[0]["Text"] is None
    found = get("secrets-safe/secrets?title=tEXT&decrypt=true&version=3.2").json()
    assert found["TotalCount"] == 1 and found["Data"][0]["Text"] == "made up"
    body = {"Title": "Text", "Text": "changed", "FolderId": folder, "Owners": [{"UserId": 12}]}
    assert session.put(f"{base}/secrets-safe/secrets/{number}/text", json=body, timeout=10).ok
    assert fake.command("stored", title="Text")["members"]["Text"] == "changed"
    for wrong in ({**body, "Owners": []}, {**body, "Text": "x" * 4097}, {**body, "Title": ""}):
        answer = session.post(f"{base}/secrets-safe/folders/{folder}/secrets/text", json=wrong, timeout=10)
        assert answer.status_code == 400, answer.text
    fake.command("put", title="second", kind="Text", Text="made up")
    assert [each["Title"] for each in get("secrets-safe/secrets?limit=1&offset=1").json()] == ["second"]
    session.cookies.pop("BIGipServerPasswordSafe")
    assert get("secrets-safe/secrets").status_code == 401


def main() -> None:
    isolate()
    for check in (reading, writing, signing_in, beyond_the_library):
        with Fake("beyondtrust") as fake:
            check(fake)
            print(check.__name__)


if __name__ == "__main__":
    main()
