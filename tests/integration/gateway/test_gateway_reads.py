"""Reads of the gateway itself: own writes included, foreign rooms not, queries judged."""

from uuid import UUID, uuid4

import pytest

from shared.room_settings import DEFAULTS
from tests.integration.gateway.events import activity_state, activity_view
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant


async def test_an_own_write_is_in_the_next_read_of_everybody(
    tenant: Tenant, services: StubServices
) -> None:
    room, company, client, activity_id = uuid4(), uuid4(), uuid4(), uuid4()
    await create(tenant, services, "rooms", id=room, name="Север", company_ids=[str(company)])
    await create(tenant, services, "companies", id=company, name="ООО", currency="RUB")
    seller, token = await tenant.employee(room_ids=[str(room)])
    status, me, _ = await tenant.call("GET", "/api/v1/me", token)
    assert status == 200
    assert me["rooms"] == [{"id": str(room), "name": "Север"}]
    assert me["companies"] == [{"id": str(company), "name": "ООО"}]

    free = activity_view(activity_id, 1, activity_state(room, client, company), "Ромашка")
    services.on("POST /api/v1/activities", 201, free)
    await tenant.call("POST", "/api/v1/activities", json={})
    status, page, _ = await tenant.call("GET", f"/api/v1/pool?room_id={room}", token)
    assert (status, page) == (200, {"items": [free], "next_cursor": None})

    taken = activity_view(activity_id, 2, activity_state(room, client, company, seller), "Р")
    services.on(f"POST /api/v1/activities/{activity_id}/take", 200, taken)
    await tenant.call("POST", f"/api/v1/activities/{activity_id}/take", token)
    assert (await tenant.call("GET", "/api/v1/pool", token))[1]["items"] == []
    _, desk, _ = await tenant.call("GET", "/api/v1/desk", token)
    assert [activity["id"] for activity in desk["mine"]["in_work"]] == [str(activity_id)]
    assert desk["missing"] == []


async def test_changed_room_settings_are_in_the_next_desk(
    tenant: Tenant, services: StubServices
) -> None:
    room, company = uuid4(), uuid4()
    await create(tenant, services, "rooms", id=room, name="Север", company_ids=[str(company)])
    _, token = await tenant.employee(room_ids=[str(room)])
    limits = {"vip_in_development_limit": 1, "vip_by_receipts_limit": 2}
    path = f"/api/v1/rooms/{room}/settings"
    services.on(f"PUT {path}", 200, {"version": 1, **DEFAULTS, **limits})
    await tenant.call("PUT", f"{path}?company_id={company}", json={})
    _, desk, _ = await tenant.call("GET", "/api/v1/desk", token)
    assert desk["vip"]["places"] == {"in_development": 1, "by_receipts": 2}


async def test_a_foreign_room_is_not_found(tenant: Tenant, services: StubServices) -> None:
    _, token = await tenant.employee(room_ids=[str(uuid4())])
    foreign = uuid4()
    for path in ("pool", "desk", "stream"):
        status, problem, _ = await tenant.call("GET", f"/api/v1/{path}?room_id={foreign}", token)
        assert (status, problem["code"]) == (404, "not_found"), path
    # An admin sees every room of the tenant; the owner knows whether this is one.
    services.requests.clear()
    assert (await tenant.call("GET", f"/api/v1/pool?room_id={foreign}"))[0] == 404
    assert services.requests[-1].path == "/api/v1/pool"


@pytest.mark.parametrize(
    "query",
    [
        "room_id=1",
        "limit=0",
        "limit=201",
        "limit=%D9%A3",
        "limit=" + "9" * 30,
        "cursor=x",
        f"room_id={UUID(int=1)}&cursor=%00",
        "&".join(f"a{number}=1" for number in range(60)),
    ],
)
async def test_a_malformed_query_is_invalid(tenant: Tenant, query: str) -> None:
    status, problem, _ = await tenant.call("GET", f"/api/v1/pool?{query}")
    assert (status, problem["code"]) == (422, "invalid")
    assert problem["errors"][0]["message"]


async def create(tenant: Tenant, services: StubServices, noun: str, **fields: object) -> None:
    """Creates a room or company through the gateway, as the directory would answer."""
    services.on(f"POST /api/v1/{noun}", 201, {"version": 1, "time_zone": "UTC", **fields})
    assert (await tenant.call("POST", f"/api/v1/{noun}", json={}))[0] == 201
