"""aiobastion, which others wrote for the web access (PVWA) of Privileged Access Manager, is served by the fake as by
that.

CyberArk publishes no library of its own for it in Python. aiobastion takes the quotes of the token away instead of
reading JSON, sends no cookies back that a server on another port than 443 sets, asks for pages of 1000, and looks
at the whole of a user's list for exact matches. What it cannot show: balancers that want their cookie, that a
log-on without concurrentSession ends other sessions, that a scheme before the token is refused, values with quotes
and backslashes as JSON, and small pages. The last check asks for those as the documentation has them.
"""

from __future__ import annotations

import asyncio

import requests
from aiobastion import EPV, exceptions
from aiobastion.accounts import PrivilegedAccount

from checking import Fake, isolate


def client(fake: Fake) -> EPV:
    return EPV(serialized={"api_host": f"localhost:{fake.port}", "verify": fake.authority, "keep_cookies": False})


async def logged_on(fake: Fake, **more: str) -> EPV:
    vault = client(fake)
    try:
        await vault.login(*(more.get(name, fake.details[name]) for name in ("username", "password")))
    except Exception:
        await vault.close_session()
        raise
    return vault


def account(fake: Fake, key: str) -> PrivilegedAccount:
    return PrivilegedAccount(
        name=f"main@company.team@{key}",
        platformId=fake.details["platform-id"],
        safeName=fake.details["safe"],
        address="company.team",
        userName=key,
        secret="made up",
        secretType="password",
        platformAccountProperties={"application": "payments"},
    )


async def using(fake: Fake) -> None:
    vault = await logged_on(fake)
    number = await vault.account.add_account_to_safe(account(fake, "KEY"))
    found = await vault.account.search_account_by(username="KEY", address="company.team", safe=fake.details["safe"])
    assert [each.id for each in found] == [number], found
    assert found[0].name == "main@company.team@KEY" and found[0].platformAccountProperties["application"] == "payments"
    assert await vault.account.get_password(found[0]) == "made up"
    assert await vault.account.set_password(found[0], 'a "new" one\\')
    assert await vault.account.get_password(found[0]) == 'a "new" one\\'
    changed = await vault.account.update_single_fc(found[0], "environment", "tests")
    assert changed.platformAccountProperties["environment"] == "tests", changed.platformAccountProperties
    try:
        await vault.account.add_account_to_safe(account(fake, "KEY"))
        raise AssertionError("it was made twice")
    except exceptions.CyberarkAPIException as problem:
        assert problem.http_status == 409, problem
    fake.command("put", name="ssh", secret="made up too", type="key", address="host", user="root")
    assert await vault.account.get_secret((await vault.account.search_account_by(username="root"))[0]) == "made up too"
    assert await vault.account.delete(number)
    assert await vault.account.search_account_by(username="KEY") == []
    assert await vault.logoff() and fake.command("sessions")["count"] == 0


async def logging_on(fake: Fake) -> None:
    try:
        await logged_on(fake, password="wrong")
        raise AssertionError("a wrong password was taken")
    except exceptions.GetTokenException as problem:
        assert "Invalid credentials" in str(problem)
    fake.command("user", username="ann", password="made up", label="ann", challenge=True)
    try:
        await logged_on(fake, username="ann", password="made up")
        raise AssertionError("no challenge was made")
    except exceptions.ChallengeResponseException:
        pass
    vault = await logged_on(fake)
    fake.command("expire-sessions")
    assert await vault.check_token() is False
    await vault.close_session()
    for kind, more, kind_of in (
        ("error", {"status": 500}, exceptions.CyberarkAPIException),
        ("error", {"status": 404}, exceptions.CyberarkNotFoundException),
        ("throttle", {}, exceptions.CyberarkException),
        ("expired-token", {}, exceptions.CyberarkException),
    ):
        vault = await logged_on(fake)
        fake.command("fault", kind=kind, path="/Accounts", **more)
        try:
            await vault.account.search_account_by(username="KEY")
            raise AssertionError(f"{kind} was not met")
        except kind_of:
            await vault.close_session()


async def beyond_the_library(fake: Fake) -> None:
    base = f"{fake.address}/PasswordVault/API"
    login = {"username": fake.details["username"], "password": fake.details["password"]}

    def log_on(**more):
        url = f"{base}/auth/CyberArk/Logon"
        answer = requests.post(url, json={**login, **more}, verify=fake.authority, timeout=10)
        assert answer.status_code == 200, answer.text
        return {"Authorization": answer.json(), "Cookie": f"CA22222={answer.cookies['CA22222']}"}

    def get(path: str, headers: dict[str, str]):
        return requests.get(f"{base}/{path}", headers=headers, verify=fake.authority, timeout=10)

    def post(path: str, body: dict, headers: dict[str, str]):
        return requests.post(f"{base}/{path}", json=body, headers=headers, verify=fake.authority, timeout=10)

    first, second = log_on(concurrentSession=True), log_on(concurrentSession=True)
    assert get("Accounts", second).status_code == 200 and get("Accounts", first).status_code == 200
    for wrong in ({"Cookie": first["Cookie"]}, {"Cookie": ""}, {"Authorization": f"Bearer {second['Authorization']}"}):
        refused = get("Accounts", {**second, **wrong})
        assert refused.status_code == 401 and refused.json()["ErrorCode"] == "PASWS006E"
    third = log_on()
    assert get("Accounts", third).status_code == 200 and get("Accounts", second).status_code == 401
    for number in range(3):
        fake.command("put", name=f"n{number}", secret='q"\\', address="company.team", user=f"KEY{number}")
    page = get("Accounts?search=COMPANY.team&filter=safename%20eq%20kestramain&offset=0&limit=2", third).json()
    assert [each["name"] for each in page["value"]] == ["n0", "n1"] and "offset=2" in page["nextLink"], page
    page = get("Accounts?search=company.team&offset=2&limit=2", third).json()
    assert [each["name"] for each in page["value"]] == ["n2"] and "nextLink" not in page
    assert get("Accounts?limit=1001", third).status_code == 400
    number = page["value"][0]["id"]
    shown = post(f"Accounts/{number}/Password/Retrieve", {}, third)
    assert shown.json() == 'q"\\' and get(f"accounts/{number}", third).json()["name"] == "n2"
    wrong = {"no_such": "x"}
    body = {"name": "x", "safeName": "KestraMain", "platformId": "KestraSecret", "platformAccountProperties": wrong}
    assert post("Accounts", body, third).status_code == 400


def main() -> None:
    isolate()
    for check, options in ((using, {}), (logging_on, {}), (beyond_the_library, {"balancer": "yes"})):
        with Fake("cyberark", **options) as fake:
            asyncio.run(check(fake))
            print(check.__name__)


if __name__ == "__main__":
    main()
