"""API keys: their end, their owner, their last use, their networks."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from deploy.environment import Installation
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant
from tests.support.wait import eventually

STATEMENT = "/api/v1/motivation/statement"


async def make_key(tenant: Tenant, token: str | None = None, **fields: Any) -> dict[str, Any]:
    body = {"name": "1С Зарплата", "scopes": ["payroll"], **fields}
    status, key, _ = await tenant.call("POST", "/api/v1/api-keys", token, json=body)
    assert status == 201, key
    made: dict[str, Any] = key
    return made


async def status_of(tenant: Tenant, key: dict[str, Any], path: str = STATEMENT) -> int:
    return (await tenant.call("GET", path, key["secret"]))[0]


async def keys(tenant: Tenant) -> dict[str, dict[str, Any]]:
    _, page, _ = await tenant.call("GET", "/api/v1/api-keys")
    return {key["id"]: key for key in page["items"]}


@pytest.fixture(autouse=True)
def statement(services: StubServices) -> None:
    services.on(f"GET {STATEMENT}", body={"ok": True})


async def test_a_key_ends_after_a_year_unless_told_otherwise(tenant: Tenant) -> None:
    usual, short = await make_key(tenant), await make_key(tenant, expires_in_days=1)
    for key, days in ((usual, 365), (short, 1)):
        left = datetime.fromisoformat(key["expires_at"]) - datetime.now(UTC)
        assert timedelta(days=days, minutes=-5) < left <= timedelta(days=days, minutes=1)


@pytest.mark.parametrize("days", [0, 1096])
async def test_a_key_without_an_end_is_refused(tenant: Tenant, days: int) -> None:
    body = {"name": "x", "scopes": ["bi"], "expires_in_days": days}
    status, problem, _ = await tenant.call("POST", "/api/v1/api-keys", json=body)
    assert (status, problem["errors"][0]["field"]) == (422, "expires_in_days")


async def test_an_expired_key_is_refused(tenant: Tenant, provisioned: Installation) -> None:
    key = await make_key(tenant)
    assert await status_of(tenant, key) == 200
    admin = await asyncpg.connect(provisioned.admin_url("gateway"))
    await admin.execute(
        "UPDATE api_key SET expires_at = now() WHERE tenant_id = $1 AND id = $2",
        tenant.id,
        UUID(key["id"]),
    )
    await admin.close()

    async def refused() -> bool:
        return await status_of(tenant, key) == 401

    assert await eventually(refused, every=0.2)
    assert key["id"] not in await keys(tenant)


async def test_the_last_use_of_a_key_is_shown(tenant: Tenant) -> None:
    key = await make_key(tenant)
    assert (await keys(tenant))[key["id"]]["last_used_at"] is None
    await tenant.call("GET", STATEMENT, key["secret"][:-1] + "_")
    assert (await keys(tenant))[key["id"]]["last_used_at"] is None
    assert await status_of(tenant, key) == 200
    used_at = datetime.fromisoformat((await keys(tenant))[key["id"]]["last_used_at"])
    assert abs(datetime.now(UTC) - used_at) < timedelta(minutes=1)


async def test_a_key_ends_with_its_owner_and_does_not_come_back(tenant: Tenant) -> None:
    admin_id, token = await tenant.employee(roles=["admin"])
    key = await make_key(tenant, token)
    assert await status_of(tenant, key) == 200
    path = f"/api/v1/employees/{admin_id}"
    assert (await tenant.call("PATCH", path, json={"active": False}))[0] == 200

    async def refused() -> bool:
        return await status_of(tenant, key) == 401

    assert await eventually(refused, every=0.2)
    assert (await tenant.call("PATCH", path, json={"active": True}))[0] == 200
    assert await status_of(tenant, key) == 401


async def test_a_key_ends_when_its_owner_is_no_admin_any_more(tenant: Tenant) -> None:
    admin_id, token = await tenant.employee(roles=["admin"])
    key = await make_key(tenant, token)
    path = f"/api/v1/employees/{admin_id}"
    assert (await tenant.call("PATCH", path, json={"roles": ["seller"]}))[0] == 200
    assert await status_of(tenant, key) == 401


async def test_a_key_that_was_handed_over_outlives_its_maker(tenant: Tenant) -> None:
    admin_id, token = await tenant.employee(roles=["admin"])
    key = await make_key(tenant, token)
    to = {"admin_id": str(tenant.admin_id)}
    status, view, _ = await tenant.call("POST", f"/api/v1/api-keys/{key['id']}/hand-over", json=to)
    assert (status, view["owner_id"], view["created_by"]) == (
        200,
        str(tenant.admin_id),
        str(admin_id),
    )
    path = f"/api/v1/employees/{admin_id}"
    assert (await tenant.call("PATCH", path, json={"active": False}))[0] == 200
    assert await status_of(tenant, key) == 200


async def test_a_key_is_handed_over_to_admins_only(tenant: Tenant) -> None:
    key = await make_key(tenant)
    seller_id, _ = await tenant.employee()
    to = {"admin_id": str(seller_id)}
    status, problem, _ = await tenant.call(
        "POST", f"/api/v1/api-keys/{key['id']}/hand-over", json=to
    )
    assert (status, problem["errors"][0]["field"]) == (404, "admin_id")


async def test_a_key_is_good_only_in_its_networks(tenant: Tenant) -> None:
    here = await make_key(tenant, addresses=["127.0.0.1", "10.0.0.0/8"])
    elsewhere = await make_key(tenant, addresses=["203.0.113.9/24"])
    assert here["addresses"] == ["10.0.0.0/8", "127.0.0.1/32"]
    assert elsewhere["addresses"] == ["203.0.113.0/24"]
    assert [await status_of(tenant, key) for key in (here, elsewhere)] == [200, 403]
    body = {"name": "x", "scopes": ["bi"], "addresses": ["example.com"]}
    status, problem, _ = await tenant.call("POST", "/api/v1/api-keys", json=body)
    assert (status, problem["errors"][0]["rule"]) == (422, "network")


async def test_a_key_for_a_room_that_is_not_there_is_refused(tenant: Tenant) -> None:
    body = {"name": "x", "scopes": ["inbound"], "room_ids": [str(tenant.id)]}
    status, problem, _ = await tenant.call("POST", "/api/v1/api-keys", json=body)
    assert (status, problem["errors"][0]["field"]) == (404, "room_ids")


async def test_a_key_acts_in_the_role_of_the_scope_that_opens_the_request(
    tenant: Tenant, services: StubServices
) -> None:
    room_id = str(tenant.id)
    services.on(f"GET /api/v1/rooms/{room_id}", body={"id": room_id})
    key = await make_key(tenant, scopes=["inbound", "payroll", "audit"], room_ids=[room_id])
    services.on("POST /api/v1/activities", 201, {"id": str(tenant.id)})
    assert await status_of(tenant, key) == 200
    caller = services.requests[-1].caller
    assert caller and caller.roles == {"accountant"} and not caller.room_ids
    await tenant.call("POST", "/api/v1/activities", key["secret"], json={})
    caller = services.requests[-1].caller
    assert caller and caller.roles == {"seller"}
    assert [str(room) for room in caller.room_ids] == [room_id]
    assert (await tenant.call("GET", "/api/v1/audit", key["secret"]))[0] == 200
    assert (await tenant.call("GET", "/api/v1/api-keys", key["secret"]))[0] == 403
    assert (await tenant.call("GET", "/api/v1/employees", key["secret"]))[0] == 404
    assert services.requests[-1].caller and "admin" not in services.requests[-1].caller.roles
