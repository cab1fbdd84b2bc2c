"""The second factor: asked for, enrolled, used once, recovered, reset."""

from typing import Any

from tests.integration.gateway.tenant import PASSWORD, Tenant
from tests.support.authenticator import Authenticator
from tests.support.wait import eventually

AUTH = "/api/v1/auth"
ME = "/api/v1/me/second-factor"


async def log_in(tenant: Tenant, email: str | None = None) -> tuple[int, Any]:
    form = {"username": email or tenant.email, "password": PASSWORD}
    async with tenant.session.post(f"{tenant.url}{AUTH}/token", data=form) as response:
        return response.status, await response.json()


async def answer(tenant: Tenant, challenge: str, code: str, path: str = "") -> tuple[int, Any]:
    body = {"challenge": challenge, "code": code}
    url = f"{tenant.url}{AUTH}/second-factor{path}"
    async with tenant.session.post(url, json=body) as response:
        return response.status, await response.json()


async def challenge_of(tenant: Tenant, email: str | None = None) -> str:
    status, problem = await log_in(tenant, email)
    assert (status, problem["code"]) == (401, "second_factor_required"), problem
    return str(problem["challenge"])


async def enrol(tenant: Tenant, token: str | None = None) -> tuple[Authenticator, list[str]]:
    """A confirmed factor of the admin, or of whose token it is, with its recovery codes."""
    status, enrolment, _ = await tenant.call("POST", ME, token, json={"password": PASSWORD})
    assert status == 200, enrolment
    assert enrolment["otpauth_uri"].startswith("otpauth://totp/Sales%20Launch:")
    device = Authenticator(enrolment["secret"])
    code = {"code": device.next()}
    status, confirmed, _ = await tenant.call("POST", f"{ME}/confirmation", token, json=code)
    assert status == 200, confirmed
    return device, confirmed["recovery_codes"]


async def test_a_password_alone_opens_nothing_once_a_factor_is_there(tenant: Tenant) -> None:
    assert (await log_in(tenant))[0] == 200
    device, _ = await enrol(tenant)
    challenge = await challenge_of(tenant)
    status, session = await answer(tenant, challenge, device.next())
    assert status == 200, session
    status, state, _ = await tenant.call("GET", ME, session["access_token"])
    assert (status, state) == (200, {"active": True, "required": False, "recovery_codes_left": 10})


async def test_a_challenge_is_no_access_token(tenant: Tenant) -> None:
    await enrol(tenant)
    assert (await tenant.call("GET", ME, await challenge_of(tenant)))[0] == 401


async def test_a_code_counts_once(tenant: Tenant) -> None:
    device, _ = await enrol(tenant)
    challenge, code = await challenge_of(tenant), device.next()
    assert (await answer(tenant, challenge, code))[0] == 200
    status, problem = await answer(tenant, await challenge_of(tenant), code)
    assert (status, problem["code"]) == (401, "unauthenticated")


async def test_codes_are_throttled_as_passwords_are(tenant: Tenant) -> None:
    device, _ = await enrol(tenant)
    challenge = await challenge_of(tenant)
    tries = [(await answer(tenant, challenge, "000000"))[0] for _ in range(6)]
    assert tries[0] == 401 and tries[-1] == 429
    assert (await answer(tenant, challenge, device.next()))[0] == 429


async def test_a_recovery_code_counts_once_and_is_recorded(tenant: Tenant) -> None:
    _, codes = await enrol(tenant)
    assert len(set(codes)) == 10
    assert (await answer(tenant, await challenge_of(tenant), codes[0].lower()))[0] == 200
    assert (await answer(tenant, await challenge_of(tenant), codes[0]))[0] == 401
    status, session = await answer(tenant, await challenge_of(tenant), codes[1])
    assert status == 200
    _, state, _ = await tenant.call("GET", ME, session["access_token"])
    assert state["recovery_codes_left"] == 8

    async def recorded() -> list[dict[str, Any]]:
        _, page, _ = await tenant.call("GET", "/api/v1/audit?operation=answer_challenge")
        return page["items"] if len(page["items"]) == 3 else []

    entries = await eventually(recorded)
    assert [entry["details"].get("recovery_code") for entry in entries] == [True, None, True]
    assert not [code for code in codes if code in str(entries)]


async def test_a_forged_challenge_is_refused(tenant: Tenant) -> None:
    device, _ = await enrol(tenant)
    challenge = await challenge_of(tenant)
    for forged in (challenge[:-4] + "AAAA", "x", "é", "A" * 999):
        assert (await answer(tenant, forged, device.next()))[0] == 401


async def test_the_tenant_asks_everyone_for_a_factor(tenant: Tenant) -> None:
    assert (await tenant.call("PUT", "/api/v1/security", json={"second_factor": "everyone"}))[
        0
    ] == 200
    status, problem = await log_in(tenant)
    assert (status, problem["enrolment_required"]) == (401, True)
    challenge = {"challenge": problem["challenge"]}
    assert (await answer(tenant, challenge["challenge"], "000000"))[0] == 401
    async with tenant.session.post(
        f"{tenant.url}{AUTH}/second-factor/enrolment", json=challenge
    ) as response:
        assert response.status == 200
        device = Authenticator((await response.json())["secret"])
    status, session = await answer(tenant, challenge["challenge"], device.next(), "/confirmation")
    assert (status, len(session["recovery_codes"])) == (200, 10)
    assert (await tenant.call("GET", ME, session["access_token"]))[0] == 200
    removal = {"code": device.next()}
    refused = await tenant.call("POST", f"{ME}/removal", session["access_token"], json=removal)
    assert (refused[0], refused[1]["code"]) == (403, "forbidden")


async def test_a_tenant_that_asks_admins_alone_lets_sellers_in(tenant: Tenant) -> None:
    email = f"seller-{tenant.id}@example.com"
    await tenant.employee(email=email)
    assert (await tenant.call("PUT", "/api/v1/security", json={"second_factor": "admins"}))[
        0
    ] == 200
    assert (await log_in(tenant, email))[0] == 200
    assert (await log_in(tenant))[0] == 401


async def test_only_admins_choose_who_needs_a_factor(tenant: Tenant) -> None:
    _, token = await tenant.employee()
    settings = {"second_factor": "nobody"}
    assert (await tenant.call("PUT", "/api/v1/security", token, json=settings))[0] == 403


async def test_a_factor_is_begun_with_the_password_and_removed_with_a_code(tenant: Tenant) -> None:
    wrong = await tenant.call("POST", ME, json={"password": "not the password"})
    assert (wrong[0], wrong[1]["errors"][0]["rule"]) == (422, "wrong_password")
    device, _ = await enrol(tenant)
    again = await tenant.call("POST", ME, json={"password": PASSWORD})
    assert (again[0], again[1]["code"]) == (409, "second_factor_active")
    assert (await tenant.call("POST", f"{ME}/removal", json={"code": "000000"}))[0] == 401
    assert (await tenant.call("POST", f"{ME}/removal", json={"code": device.next()}))[0] == 204
    assert (await log_in(tenant))[0] == 200


async def test_an_admin_resets_a_colleagues_factor_and_not_their_own(tenant: Tenant) -> None:
    email = f"lost-{tenant.id}@example.com"
    employee_id, token = await tenant.employee(email=email)
    await enrol(tenant, token)
    await challenge_of(tenant, email)
    path = f"/api/v1/employees/{employee_id}/second-factor"
    assert (await tenant.call("DELETE", path, token))[0] == 403
    assert (await tenant.call("DELETE", path))[0] == 204
    assert (await tenant.call("DELETE", path))[0] == 404
    assert (await log_in(tenant, email))[0] == 200
    own = f"/api/v1/employees/{tenant.admin_id}/second-factor"
    assert (await tenant.call("DELETE", own))[0] == 403
    _, page, _ = await tenant.call("GET", "/api/v1/audit?operation=reset_second_factor")
    assert str(employee_id) in {target for entry in page["items"] for target in entry["target_ids"]}


async def test_a_new_password_ends_the_challenge(tenant: Tenant) -> None:
    email = f"changed-{tenant.id}@example.com"
    employee_id, token = await tenant.employee(email=email)
    device, _ = await enrol(tenant, token)
    challenge = await challenge_of(tenant, email)
    change = {"password": "another long password"}
    assert (await tenant.call("PATCH", f"/api/v1/employees/{employee_id}", json=change))[0] == 200
    assert (await answer(tenant, challenge, device.next()))[0] == 401
