"""doppler-sdk is served by the fake as by Doppler.

The SDK takes the fake's authority from REQUESTS_CA_BUNDLE. What it cannot show: values in a download (its model keeps four
sample names only), change requests, names without managed ones (it leaves
out what is false), ETag, null values, Basic authentication, limits and their headers, visibility. The last
check asks for these as the vendor's command line and Terraform provider do; that real limits come with these headers is the
vendor's to promise, and no client shows it.
"""

from __future__ import annotations

import os

import requests
from dopplersdk import DopplerSDK
from http_exceptions import HTTPException
from http_exceptions.client_exceptions import (
    BadRequestException,
    ForbiddenException,
    NotFoundException,
    TooManyRequestsException,
    UnauthorizedException,
)

from checking import Fake, isolate, raises


def client(fake: Fake, token: str | None = None) -> DopplerSDK:
    sdk = DopplerSDK()
    sdk.set_base_url(fake.address)
    sdk.set_access_token(token or fake.details["token"])
    return sdk


def place(fake: Fake) -> dict[str, str]:
    return {"project": fake.details["project"], "config": fake.details["config"]}


def operations(fake: Fake) -> None:
    sdk, here = client(fake), place(fake)
    sdk.secrets.update({**here, "secrets": {"DB_PASSWORD": "made up", "OTHER": "x"}})
    found = sdk.secrets.get(name="DB_PASSWORD", **here)
    assert found.name == "DB_PASSWORD" and found.value["computed"] == "made up", found
    managed = ["DOPPLER_CONFIG", "DOPPLER_ENVIRONMENT", "DOPPLER_PROJECT"]
    assert sdk.secrets.names(**here).names == sorted(["DB_PASSWORD", "OTHER", *managed])
    sdk.secrets.update({**here, "secrets": {"DB_PASSWORD": "${OTHER}-changed"}})
    assert sdk.secrets.get(name="DB_PASSWORD", **here).value["computed"] == "x-changed"
    sdk.secrets.download(format="json", secrets="DB_PASSWORD", **here)
    sdk.secrets.delete(name="DB_PASSWORD", **here)
    assert sdk.secrets.names(**here).names == sorted(["OTHER", *managed])
    assert sdk.auth.me().type_ == "service_token"


def refusals(fake: Fake) -> None:
    sdk, here = client(fake), place(fake)
    raises(NotFoundException, lambda: sdk.secrets.get(name="NO_SUCH", **here))
    raises(NotFoundException, lambda: sdk.secrets.delete(name="NO_SUCH", **here))
    raises(NotFoundException, lambda: sdk.secrets.names(project=here["project"], config="other"))
    raises(NotFoundException, lambda: sdk.secrets.names(project="other", config="other"))
    raises(BadRequestException, lambda: sdk.secrets.update({**here, "secrets": {"small": "x"}}))
    raises(UnauthorizedException, lambda: client(fake, "wrong").secrets.names(**here))
    token = fake.command("token", label="reader", may_write=False, **here)["token"]
    reader = client(fake, token)
    reader.secrets.names(**here)
    raises(ForbiddenException, lambda: reader.secrets.update({**here, "secrets": {"A": "x"}}))
    fake.command("config", project="second", config="dev")
    raises(ForbiddenException, lambda: reader.secrets.names(project="second", config="dev"))
    client(fake).secrets.names(project="second", config="dev")


def faults(fake: Fake) -> None:
    sdk, here = client(fake), place(fake)
    fake.command("fault", kind="throttle", retry_after=1)
    raises(TooManyRequestsException, lambda: sdk.secrets.names(**here))
    fake.command("fault", kind="error", status=503)
    assert sdk.secrets.names(**here).names
    fake.command("fault", kind="error", status=502)
    raises(HTTPException, lambda: sdk.secrets.names(**here))
    for kind in ("cut", "drop"):
        fake.command("fault", kind=kind)
        raises(requests.exceptions.RequestException, lambda: sdk.secrets.names(**here))


def beyond_the_sdk(fake: Fake) -> None:
    here, session = place(fake), requests.Session()
    session.auth = (fake.details["token"], "")
    address = fake.address + "/v3/configs/config/secrets"

    def change(**members: object) -> requests.Response:
        return session.post(address, json={**here, "change_requests": [members]}, timeout=5)

    answer = change(name="MADE", originalName=None, value="one", visibility="unmasked").json()
    assert answer["secrets"]["MADE"]["rawVisibility"] == "unmasked" and len(answer["secrets"]) > 1
    assert change(name="MADE", originalName="MADE", originalValue="wrong", value="two").status_code == 400
    assert change(name="RENAMED", originalName="MADE", value=None).ok
    assert change(name="RENAMED", originalName="RENAMED", value="two").ok

    download = {**here, "format": "json", "secrets": "RENAMED,NO_SUCH"}
    plain = session.get(address + "/names", params={**here, "include_managed_secrets": "false"}, timeout=5).json()
    assert plain == {"names": ["OTHER", "RENAMED"]}, plain
    values = session.get(address + "/download", params=download, timeout=5)
    assert values.json() == {"RENAMED": "two"}, values.json()
    unchanged = session.get(
        address + "/download", params=download, headers={"If-None-Match": values.headers["ETag"]}, timeout=5
    )
    assert unchanged.status_code == 304
    everything = session.get(address + "/download", params={**here, "format": "json"}, timeout=5).json()
    assert everything["DOPPLER_PROJECT"] == here["project"]
    assert change(name="RENAMED", originalName="RENAMED", shouldDelete=True).ok

    one = lambda **more: session.get(address[:-1], params={**here, **more}, timeout=5)
    assert "Could not find requested secret" in one(name="RENAMED").json()["messages"][0]
    fake.command("missing", null=True)
    assert one(name="RENAMED").json()["value"]["computed"] is None
    fake.command("missing")
    fake.command("put", name="HIDDEN", value="made up", visibility="restricted")
    blind = fake.command("token", label="blind", sees_restricted=False)["token"]
    session.auth = (blind, "")
    hidden = one(name="HIDDEN").json()["value"]
    assert hidden["computed"] is None and hidden["computedVisibility"] == "restricted"

    note = session.post(
        fake.address + "/v3/projects/project/note",
        params={"project": here["project"]},
        json={"secret": "HIDDEN", "note": "made up"},
        timeout=5,
    )
    assert note.json() == {"secret": "HIDDEN", "note": "made up"}

    fake.command("limit", requests=2)
    left = [session.get(address + "/names", params=here, timeout=5) for _ in range(3)]
    assert [each.status_code for each in left] == [200, 200, 429]
    assert [each.headers["X-RateLimit-Remaining"] for each in left] == ["1", "0", "0"]
    fake.command("advance", seconds=61)
    assert session.get(address + "/names", params=here, timeout=5).ok
    assert fake.details["token"] not in str(fake.requests())


def main() -> None:
    isolate()
    with Fake("doppler") as fake:
        os.environ["REQUESTS_CA_BUNDLE"] = fake.authority
        for check in (operations, refusals, faults, beyond_the_sdk):
            check(fake)
            print(check.__name__)


if __name__ == "__main__":
    main()
