"""Saved views: one's own, or a room's; nobody else's are seen or removed."""

from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from deploy.environment import Installation
from services.gateway.api.saved_views import MOST
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant, provision

PATH = "/api/v1/views"
LATE = {"screen": "board", "name": "Просрочено", "filters": {"step": "late"}}


async def save(tenant: Tenant, token: str, **fields: Any) -> dict[str, Any]:
    status, view, _ = await tenant.call("POST", PATH, token, json={**LATE, **fields})
    assert status == 201, view
    return dict(view)


async def names(tenant: Tenant, token: str) -> list[str]:
    status, body, _ = await tenant.call("GET", PATH, token)
    assert status == 200, body
    return [view["name"] for view in body["items"]]


async def test_a_view_is_ones_own_and_the_same_name_replaces_it(tenant: Tenant) -> None:
    seller, token = await tenant.employee(room_ids=[str(uuid4())])
    _, other = await tenant.employee(room_ids=[str(uuid4())])
    view = await save(tenant, token)
    assert view["employee_id"] == str(seller) and view["room_id"] is None
    again = await save(tenant, token, filters={"step": "none", "company": str(uuid4())})
    assert again["id"] == view["id"]
    _, body, _ = await tenant.call("GET", PATH, token)
    assert body["items"] == [again]
    assert await names(tenant, other) == []
    status, _, _ = await tenant.call("DELETE", f"{PATH}/{view['id']}", other)
    assert status == 404
    status, _, _ = await tenant.call("DELETE", f"{PATH}/{view['id']}", token)
    assert status == 204
    assert await names(tenant, token) == []


async def test_a_rooms_view_is_seen_in_it_and_removed_by_its_head(
    tenant: Tenant, services: StubServices
) -> None:
    room, elsewhere = str(uuid4()), str(uuid4())
    services.on(f"GET /api/v1/rooms/{room}", body={"id": room})
    _, token = await tenant.employee(room_ids=[room])
    _, colleague = await tenant.employee(room_ids=[room])
    _, stranger = await tenant.employee(room_ids=[elsewhere])
    _, head = await tenant.employee(room_ids=[room], roles=["head"])
    view = await save(tenant, token, room_id=room)
    for person, seen in ((colleague, True), (head, True), (tenant.token, True), (stranger, False)):
        assert (await names(tenant, person) == [view["name"]]) is seen
    path = f"{PATH}/{view['id']}"
    assert [(await tenant.call("DELETE", path, who))[0] for who in (stranger, colleague, head)] == [
        404,
        403,
        204,
    ]
    for person in (token, tenant.token):
        of_nobody = {**LATE, "room_id": elsewhere}
        status, problem, _ = await tenant.call("POST", PATH, person, json=of_nobody)
        assert (status, problem["noun"]) == (404, "room")


async def test_views_of_another_tenant_do_not_exist(
    tenant: Tenant, session: aiohttp.ClientSession, provisioned: Installation
) -> None:
    _, token = await tenant.employee(room_ids=[str(uuid4())])
    view = await save(tenant, token)
    other = await provision(session, tenant.url, provisioned.secrets.operator_key)
    assert await names(other, other.token) == []
    assert (await other.call("DELETE", f"{PATH}/{view['id']}"))[0] == 404
    assert await names(tenant, token) == [view["name"]]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"screen": "directory"}, "screen"),
        ({"name": " "}, "name"),
        ({"name": "я" * 61}, "name"),
        ({"filters": {"Ш": "1"}}, "filters"),
        ({"filters": {"step": "x" * 201}}, "filters"),
        ({"filters": {f"f_{'a' * number}": "1" for number in range(21)}}, "filters"),
        ({"more": 1}, "more"),
    ],
)
async def test_what_is_no_view_is_refused(
    tenant: Tenant, fields: dict[str, Any], field: str
) -> None:
    status, problem, _ = await tenant.call("POST", PATH, json={**LATE, **fields})
    assert status == 422
    assert problem["errors"][0]["field"].startswith(field)
    assert problem["errors"][0]["message"]


async def test_nobody_keeps_more_than_a_hundred(tenant: Tenant) -> None:
    _, token = await tenant.employee(room_ids=[str(uuid4())])
    for number in range(MOST):
        await save(tenant, token, name=f"Вид {number}")
    status, problem, _ = await tenant.call("POST", PATH, token, json=LATE)
    assert (status, problem["code"], problem["limit"]) == (409, "too_many_views", MOST)
    await save(tenant, token, name="Вид 7", filters={})
    assert len(await names(tenant, token)) == MOST
