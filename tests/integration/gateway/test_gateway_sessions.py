"""Sessions: both their tokens and their streams end at once and for good."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from deploy.environment import Installation
from tests.integration.gateway.conftest import GRACE_SECONDS
from tests.integration.gateway.listening import listening
from tests.integration.gateway.tenant import PASSWORD, Tenant, log_in

ANOTHER_PASSWORD = "staple battery horse"


@pytest.fixture
async def accounts(provisioned: Installation) -> AsyncIterator[Any]:
    """The gateway's database, past its walls."""
    connection = await asyncpg.connect(provisioned.admin_url("gateway"))
    yield connection
    await connection.close()


async def refresh(tenant: Tenant, token: str) -> tuple[int, dict[str, str]]:
    status, body, _ = await tenant.call(
        "POST", "/api/v1/auth/refresh", json={"refresh_token": token}
    )
    return status, body


async def is_open(tenant: Tenant, token: str) -> bool:
    """Whether an access token is good: an unknown path says no more than that."""
    return (await tenant.call("GET", "/api/v1/nothing", token))[0] == 404


async def log_out(tenant: Tenant, employee_id: UUID, pair: dict[str, str]) -> None:
    body = {"refresh_token": pair["refresh_token"]}
    assert (await tenant.call("POST", "/api/v1/auth/logout", json=body))[0] == 204


async def log_out_everywhere(tenant: Tenant, employee_id: UUID, pair: dict[str, str]) -> None:
    status, _, _ = await tenant.call("DELETE", "/api/v1/me/sessions", pair["access_token"])
    assert status == 204


async def replace_password(tenant: Tenant, employee_id: UUID, pair: dict[str, str]) -> None:
    path = f"/api/v1/employees/{employee_id}"
    assert (await tenant.call("PATCH", path, json={"password": ANOTHER_PASSWORD}))[0] == 200


async def deactivate_and_return(tenant: Tenant, employee_id: UUID, pair: dict[str, str]) -> None:
    for active in (False, True):
        path = f"/api/v1/employees/{employee_id}"
        assert (await tenant.call("PATCH", path, json={"active": active}))[0] == 200


async def reuse_a_refresh_token(tenant: Tenant, employee_id: UUID, pair: dict[str, str]) -> None:
    assert (await refresh(tenant, pair["refresh_token"]))[0] == 200
    await asyncio.sleep(GRACE_SECONDS + 0.5)
    assert (await refresh(tenant, pair["refresh_token"]))[0] == 401


End = Callable[[Tenant, UUID, dict[str, str]], Awaitable[None]]


@pytest.mark.parametrize(
    "end",
    [
        log_out,
        log_out_everywhere,
        replace_password,
        deactivate_and_return,
        reuse_a_refresh_token,
    ],
)
async def test_an_ended_session_is_over_for_both_tokens_and_its_stream(
    tenant: Tenant, end: End
) -> None:
    employee_id, email = await tenant.hire()
    _, pair = await log_in(tenant.session, tenant.url, email)
    assert await is_open(tenant, pair["access_token"])
    async with listening(tenant, pair["access_token"]) as listener:
        await end(tenant, employee_id, pair)
        assert not await is_open(tenant, pair["access_token"])
        assert (await refresh(tenant, pair["refresh_token"]))[0] == 401
        assert await asyncio.wait_for(listener.next(), 10) is None
    assert await is_open(tenant, tenant.token)


async def test_two_tabs_that_refresh_at_once_stay_logged_in(tenant: Tenant) -> None:
    answers = await asyncio.gather(*(refresh(tenant, tenant.refresh) for _ in range(8)))
    assert [status for status, _ in answers] == [200] * 8
    (successor,) = {body["refresh_token"] for _, body in answers}
    assert successor != tenant.refresh
    for _, body in answers:
        assert await is_open(tenant, body["access_token"])
    assert (await refresh(tenant, successor))[0] == 200


async def test_own_sessions_are_listed_and_ended_one_by_one(tenant: Tenant) -> None:
    headers = {"user-agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"}
    async with tenant.session.post(
        f"{tenant.url}/api/v1/auth/token",
        data={"username": tenant.email, "password": PASSWORD},
        headers=headers,
    ) as response:
        pair = await response.json()
    _, page, _ = await tenant.call("GET", "/api/v1/me/sessions", pair["access_token"])
    newest, oldest = page["items"]
    assert (newest["device"], newest["address"]) == ("Firefox, Windows", "127.0.0.1")
    assert newest["current"] and not oldest["current"]
    assert newest["created_at"] == newest["last_used_at"] < newest["expires_at"]
    path = f"/api/v1/me/sessions/{newest['id']}"
    assert (await tenant.call("DELETE", path))[0] == 204
    assert not await is_open(tenant, pair["access_token"])
    assert (await tenant.call("DELETE", path))[0] == 404
    _, page, _ = await tenant.call("GET", "/api/v1/me/sessions")
    assert [session["current"] for session in page["items"]] == [True]


async def test_nobody_ends_the_session_of_somebody_else(tenant: Tenant) -> None:
    _, token = await tenant.employee()
    _, page, _ = await tenant.call("GET", "/api/v1/me/sessions", token)
    path = f"/api/v1/me/sessions/{page['items'][0]['id']}"
    assert (await tenant.call("DELETE", path))[0] == 404
    assert await is_open(tenant, token)


@pytest.mark.parametrize(
    ("opened_days_ago", "ends_in_days"),
    [(1, 30), (89, 1)],
)
async def test_a_used_session_lasts_longer_but_not_for_ever(
    tenant: Tenant, accounts: Any, opened_days_ago: int, ends_in_days: int
) -> None:
    await accounts.execute(
        "UPDATE session SET created_at = now() - make_interval(days => $2) WHERE tenant_id = $1",
        tenant.id,
        opened_days_ago,
    )
    assert (await refresh(tenant, tenant.refresh))[0] == 200
    left = await accounts.fetchval(
        "SELECT expires_at - now() FROM session WHERE tenant_id = $1", tenant.id
    )
    assert timedelta(days=ends_in_days) - left < timedelta(minutes=1)


async def test_an_expired_session_is_over_for_both_tokens(tenant: Tenant, accounts: Any) -> None:
    await accounts.execute("UPDATE session SET expires_at = now() WHERE tenant_id = $1", tenant.id)
    await asyncio.sleep(1.1)
    assert not await is_open(tenant, tenant.token)
    assert (await refresh(tenant, tenant.refresh))[0] == 401
