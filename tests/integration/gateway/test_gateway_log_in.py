"""Log-ins: throttled by account and address, found by e-mail in all tenants in silence."""

import asyncio
from itertools import count
from statistics import median
from time import perf_counter
from uuid import uuid4

import aiohttp
import pytest

from deploy.environment import Installation
from tests.integration.gateway.conftest import PROXY
from tests.integration.gateway.tenant import PASSWORD, Tenant, calling_from, log_in, provision

ANOTHER_PASSWORD = "staple battery horse"
_hosts = count(1)


def some_address() -> str:
    """An address of this machine that no test has used."""
    number = next(_hosts)
    return f"127.1.{number // 250}.{number % 250 + 1}"


@pytest.fixture
async def other_tenant(tenant: Tenant, provisioned: Installation) -> Tenant:
    return await provision(tenant.session, tenant.url, provisioned.secrets.operator_key)


async def test_five_wrong_tries_wait_and_right_ones_do_not_count(tenant: Tenant) -> None:
    for _ in range(6):
        assert (await log_in(tenant.session, tenant.url, tenant.email))[0] == 200
    for _ in range(5):
        assert (await log_in(tenant.session, tenant.url, tenant.email, "wrong"))[0] == 401
    status, problem = await log_in(tenant.session, tenant.url, tenant.email)
    assert (status, problem["code"]) == (429, "rate_limited")
    assert 1 <= problem["retry_after_seconds"] <= 5


async def test_concurrent_wrong_tries_are_all_counted(tenant: Tenant) -> None:
    answers = await asyncio.gather(
        *(log_in(tenant.session, tenant.url, tenant.email, "no") for _ in range(12))
    )
    statuses = [status for status, _ in answers]
    assert 5 <= statuses.count(401) <= 6 and statuses.count(429) >= 6


async def test_strangers_do_not_keep_the_owner_out(tenant: Tenant) -> None:
    _, email = await tenant.hire()
    for _ in range(5):
        async with calling_from(some_address()) as stranger:
            form = {"password": "wrong", "tenant": tenant.short_name}
            tries = (log_in(stranger, tenant.url, email, **form) for _ in range(8))
            statuses = [status for status, _ in await asyncio.gather(*tries)]
            assert statuses.count(401) >= 5 and 429 in statuses
    async with calling_from(some_address()) as owner:
        assert (await log_in(owner, tenant.url, email))[0] == 200


async def test_an_owner_is_let_in_from_a_known_address_whatever_strangers_do(
    tenant: Tenant,
) -> None:
    _, email = await tenant.hire()
    home = some_address()
    async with calling_from(home) as owner:
        assert (await log_in(owner, tenant.url, email))[0] == 200
        statuses = []
        form = {"password": "wrong", "tenant": tenant.short_name}
        for _ in range(21):
            async with calling_from(some_address()) as stranger:
                tries = (log_in(stranger, tenant.url, email, **form) for _ in range(5))
                statuses += [status for status, _ in await asyncio.gather(*tries)]
        assert statuses[:100] == [401] * 100 and 429 in statuses
        assert (await log_in(owner, tenant.url, email))[0] == 200


async def test_an_address_that_guesses_many_accounts_waits_for_all_of_them(tenant: Tenant) -> None:
    _, email = await tenant.hire()
    address = some_address()
    async with calling_from(address) as known, calling_from(address) as guesser:
        assert (await log_in(known, tenant.url, email))[0] == 200
        await asyncio.gather(
            *(log_in(guesser, tenant.url, f"{uuid4().hex}@example.com", "wrong") for _ in range(50))
        )
        assert (await log_in(guesser, tenant.url, tenant.email))[0] == 429
        # Who logged in from there before is not held up by a neighbour behind the same address.
        assert (await log_in(known, tenant.url, email))[0] == 200


async def test_only_a_trusted_proxy_says_where_a_client_is(tenant: Tenant) -> None:
    async def address_seen(session: aiohttp.ClientSession) -> str:
        headers = {"x-forwarded-for": "198.51.100.4, 203.0.113.99"}
        form = {"username": tenant.email, "password": PASSWORD}
        async with session.post(
            f"{tenant.url}/api/v1/auth/token", data=form, headers=headers
        ) as response:
            pair = await response.json()
        _, page, _ = await tenant.call("GET", "/api/v1/me/sessions", pair["access_token"])
        (own,) = (item for item in page["items"] if item["current"])
        return str(own["address"])

    assert await address_seen(tenant.session) == "127.0.0.1"
    async with calling_from(PROXY) as proxy:
        assert await address_seen(proxy) == "203.0.113.99"


async def test_one_email_works_in_several_tenants(tenant: Tenant, other_tenant: Tenant) -> None:
    _, email = await tenant.hire()
    await other_tenant.hire(email=email, password=ANOTHER_PASSWORD)
    for password, owner in ((PASSWORD, tenant), (ANOTHER_PASSWORD, other_tenant)):
        status, pair = await log_in(tenant.session, tenant.url, email, password)
        assert status == 200
        assert await tenant_of(tenant, pair["access_token"]) == str(owner.id)


async def test_a_tenant_is_asked_for_only_where_it_must_be(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    _, email = await tenant.hire()
    await other_tenant.hire(email=email)
    status, problem = await log_in(tenant.session, tenant.url, email)
    assert (status, problem["code"]) == (409, "tenant_required")
    assert problem["tenants"] == sorted([tenant.short_name, other_tenant.short_name])
    for owner in (tenant, other_tenant):
        status, pair = await log_in(tenant.session, tenant.url, email, tenant=owner.short_name)
        assert status == 200
        assert await tenant_of(tenant, pair["access_token"]) == str(owner.id)
    for wrong in ({"tenant": "nobodys"}, {"tenant": tenant.short_name, "password": "wrong"}):
        assert (await log_in(tenant.session, tenant.url, email, **wrong))[0] == 401


async def test_nobody_learns_by_the_time_that_an_email_is_a_customer_elsewhere(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    _, in_one = await tenant.hire()
    _, in_two = await tenant.hire()
    await other_tenant.hire(email=in_two, password=ANOTHER_PASSWORD)
    times: dict[str, list[float]] = {in_one: [], in_two: [], f"{uuid4().hex}@example.com": []}
    for _ in range(7):
        for email, taken in times.items():
            async with calling_from(some_address()) as stranger:
                started_at = perf_counter()
                assert (await log_in(stranger, tenant.url, email, "wrong"))[0] == 401
                taken.append(perf_counter() - started_at)
    # Another comparison would take twice as long; other things on this machine take their part.
    medians = [median(taken) for taken in times.values()]
    assert max(medians) < 1.5 * min(medians), times


async def test_a_leavers_email_is_free_again_until_they_return(tenant: Tenant) -> None:
    leaver, email = await tenant.hire()
    path = f"/api/v1/employees/{leaver}"
    assert (await tenant.call("PATCH", path, json={"active": False}))[0] == 200
    successor, _ = await tenant.hire(email=email, password=ANOTHER_PASSWORD)
    assert (await log_in(tenant.session, tenant.url, email))[0] == 401
    assert (await log_in(tenant.session, tenant.url, email, ANOTHER_PASSWORD))[0] == 200
    status, problem, _ = await tenant.call("PATCH", path, json={"active": True})
    assert (status, problem["code"]) == (409, "duplicate_email")
    moved = {"email": f"{uuid4().hex}@example.com"}
    assert (await tenant.call("PATCH", f"/api/v1/employees/{successor}", json=moved))[0] == 200
    assert (await tenant.call("PATCH", path, json={"active": True}))[0] == 200
    assert (await log_in(tenant.session, tenant.url, email))[0] == 200


async def test_a_short_name_is_one_tenants(tenant: Tenant, provisioned: Installation) -> None:
    key = provisioned.secrets.operator_key
    short_name = f"acme-{uuid4().hex[:8]}"
    named = await provision(tenant.session, tenant.url, key, short_name=short_name)
    assert named.short_name == short_name
    _, me, _ = await named.call("GET", "/api/v1/me")
    assert me["tenant_short_name"] == short_name
    body = {
        "name": "Холдинг",
        "time_zone": "UTC",
        "currency": "RUB",
        "admin": {"name": "А", "email": "a@example.com", "password": PASSWORD},
    }
    for wanted, refusal in ((short_name, (409, "duplicate_short_name")), ("Так", (422, "invalid"))):
        status, problem, _ = await tenant.call(
            "POST", "/api/v1/tenants", key, json={**body, "short_name": wanted}
        )
        assert (status, problem["code"]) == refusal


async def tenant_of(tenant: Tenant, token: str) -> str:
    status, me, _ = await tenant.call("GET", "/api/v1/me", token)
    assert status == 200, me
    return str(me["tenant_id"])
