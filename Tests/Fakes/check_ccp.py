"""pyaim and aiobastion, which others wrote for the Central Credential Provider, are served by the fake as by that.

pyaim sends the names of parameters in small letters, and takes every answer with status 404 for a missing service.
aiobastion always shows a client certificate. What they cannot show: the codes of errors behind pyaim's words, and
that names are found in any case of their letters. The last check asks for those as the documentation has them.
"""

from __future__ import annotations

import asyncio

import requests
from aiobastion.aim import EPV_AIM
from aiobastion.exceptions import CyberarkAIMnotFound, CyberarkAPIException
from pyaim import CCPPasswordREST

from checking import Fake, isolate, raises


def certificate(fake: Fake) -> tuple[str, str]:
    return fake.details["client-certificate"], fake.details["client-key"]


def with_pyaim(fake: Fake) -> None:
    provider = CCPPasswordREST(fake.address, verify=fake.authority, cert=certificate(fake))

    def ask(name: str, application: str = "Kestra"):
        return provider.GetPassword(appid=application, safe="KestraMain", object=name, reason="a check")

    fake.command("put", name="company.team-KEY", content='made "up"\\', UserName="ann", Address="host")
    found = ask("company.team-KEY")
    assert found["Content"] == 'made "up"\\' and found["UserName"] == "ann" and found["Name"] == "company.team-KEY"
    assert provider.GetPassword(appid="Kestra", safe="KestraMain", username="ann")["Address"] == "host"
    raises(ConnectionError, lambda: ask("nothing"), "404")
    raises(ConnectionError, lambda: ask("company.team-KEY", "Stranger"), "403")
    for kind, text in (("error", "500"), ("throttle", "Status 429"), ("cut", "Network error")):
        fake.command("fault", kind=kind)
        raises(ConnectionError, lambda: ask("company.team-KEY"), text)
    stranger = CCPPasswordREST(fake.address, verify=fake.authority)
    raises(ConnectionError, lambda: stranger.GetPassword(appid="Kestra", safe="KestraMain", object="x"))


def with_aiobastion(fake: Fake) -> None:
    crt, key = certificate(fake)

    async def ask(application: str, name: str) -> str:
        provider = EPV_AIM(
            appid=application, cert=crt, key=key, host=f"localhost:{fake.port}", verify=fake.authority
        )
        provider.validate_and_setup_aim_ssl()
        async with provider:
            return await provider.get_secret(safe="KestraMain", object=name)

    fake.command("put", name="KEY", content="made up")
    assert asyncio.run(ask("Kestra", "KEY")) == "made up"
    raises(CyberarkAIMnotFound, lambda: asyncio.run(ask("Kestra", "nothing")), "APPAP004E")
    raises(CyberarkAPIException, lambda: asyncio.run(ask("Stranger", "KEY")), "APPAP306E")


def beyond_the_libraries(fake: Fake) -> None:
    fake.command("put", name="KEY", content="made up")
    fake.command("put", name="KEY", content="other", safe="Other")
    fake.command("application", id="Narrow", safes=["Other"])

    def get(query: str, path: str = "AIMWebService/api/Accounts"):
        return requests.get(
            f"{fake.address}/{path}?{query}", verify=fake.authority, cert=certificate(fake), timeout=10
        )

    assert get("AppID=Kestra&Safe=kestramain&Folder=root&Object=key").json()["Name"] == "KEY"
    for query, status, code in (
        ("AppID=Kestra&Safe=KestraMain&Object=none", 404, "APPAP004E"),
        ("AppID=Narrow&Safe=KestraMain&Object=KEY", 404, "APPAP004E"),
        ("AppID=Kestra&Object=KEY", 400, "APPAP227E"),
        ("AppID=Kestra&Safe=KestraMain", 400, "AIMWS030E"),
        ("Safe=KestraMain&Object=KEY", 400, "AIMWS031E"),
        ("AppID=Stranger&Safe=KestraMain&Object=KEY", 403, "APPAP306E"),
    ):
        answer = get(query)
        assert answer.status_code == status and answer.json()["ErrorCode"] == code, (query, answer.text)
        assert answer.json()["ErrorMsg"]
    elsewhere = get("AppID=Kestra", "elsewhere")
    assert elsewhere.status_code == 404 and elsewhere.text.startswith("<html>")


def main() -> None:
    isolate()
    for check in (with_pyaim, with_aiobastion, beyond_the_libraries):
        with Fake("ccp", client_certificate="demanded") as fake:
            check(fake)
            print(check.__name__)


if __name__ == "__main__":
    main()
