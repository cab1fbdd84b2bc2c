"""A head's room: from the read model and from the activities' owner, and without either."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.integration.gateway.events import activity_state, activity_view
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant
from tests.support.money import rub

PATH = "/api/v1/dashboards/room"
PAY = {"total": rub(0)}


async def _works(
    tenant: Tenant, services: StubServices, room: UUID, seller: UUID, **changes: Any
) -> None:
    """An activity in the seller's work, as a command's response shows it."""
    activity_id = uuid4()
    state = activity_state(room, uuid4(), uuid4(), seller)
    view = {**activity_view(activity_id, 2, state, "Ромашка"), **changes}
    services.on(f"POST /api/v1/activities/{activity_id}/take", 200, view)
    assert (await tenant.call("POST", f"/api/v1/activities/{activity_id}/take"))[0] == 200


def _results(services: StubServices, room: UUID, *sellers: dict[str, Any]) -> None:
    nobody = {"won": 0, "lost": 1, "receipts": []}
    body = {"room_id": str(room), "period": "2026-11", "sellers": sellers, "nobody": nobody}
    services.on(f"GET /api/v1/rooms/{room}/results", 200, body)


def _seller(employee_id: UUID, name: str, **results: Any) -> dict[str, Any]:
    nothing = {"won": 0, "lost": 0, "receipts": []}
    return {"employee_id": str(employee_id), "name": name, "active": True, **nothing, **results}


async def test_a_room_shows_who_has_what_in_work_and_what_the_month_brought(
    tenant: Tenant, services: StubServices
) -> None:
    room, anna, boris = uuid4(), uuid4(), uuid4()
    hour = timedelta(hours=1)
    late, soon = ((datetime.now(UTC) + offset).isoformat() for offset in (-hour, hour))
    await _works(tenant, services, room, anna, stage="invoiced", reset_due_at=soon)
    step = {"what": "Позвонить", "due_at": late}
    await _works(tenant, services, room, anna, next_step=step)
    await _works(tenant, services, uuid4(), anna)
    free = activity_view(uuid4(), 1, activity_state(room, uuid4(), uuid4()), "Ромашка")
    services.on("POST /api/v1/activities", 201, free)
    await tenant.call("POST", "/api/v1/activities", json={})
    _results(
        services,
        room,
        _seller(anna, "Анна", won=2, receipts=[rub(100)]),
        _seller(boris, "Борис", receipts=[rub(50)], refunds=[rub(7)], late_invoices=3),
    )
    status, seen, _ = await tenant.call("GET", f"{PATH}?room_id={room}")
    assert (status, seen["missing"]) == (200, [])
    load = {
        "in_work": 2,
        "by_stage": {"in_work": 1, "invoiced": 1},
        "overdue_steps": 1,
        "without_next_step": 1,
        "about_to_reset": 1,
    }
    idle = {**dict.fromkeys(load, 0), "by_stage": {}}
    assert [(one["name"], one["load"], one["pay"]) for one in seen["sellers"]] == [
        ("Анна", load, PAY),
        ("Борис", idle, PAY),
    ]
    nothing: dict[str, Any] = {"won": 0, "lost": 0, "receipts": [], "refunds": []}
    nothing |= {"late_invoices": 0, "untouched": 0}
    assert seen["sellers"][0]["results"] == {**nothing, "won": 2, "receipts": [rub(100)]}
    assert seen["load"] == load
    assert seen["results"] == {
        "won": 2,
        "lost": 1,
        "receipts": [rub(150)],
        "refunds": [rub(7)],
        "late_invoices": 3,
        "untouched": 0,
    }
    assert seen["funnel"] == {"new": 1, "in_work": 1, "invoiced": 1, "won": 2, "lost": 1}


async def test_without_the_owner_the_load_is_shown_and_the_rest_is_missing(
    tenant: Tenant, services: StubServices
) -> None:
    room = uuid4()
    anna, _ = await tenant.employee(name="Анна", room_ids=[str(room)])
    await _works(tenant, services, room, anna)
    services.on(f"GET /api/v1/rooms/{room}/results", 503, {"code": "unavailable"})
    status, seen, _ = await tenant.call("GET", f"{PATH}?room_id={room}")
    assert (status, seen["missing"]) == (200, ["results", "funnel"])
    (seller,) = seen["sellers"]
    assert (seller["name"], seller["load"]["in_work"], seller["results"]) == ("Анна", 1, None)
    assert (seen["results"], seen["funnel"], seen["pool_count"]) == (None, None, 0)


async def test_a_room_is_for_its_heads(tenant: Tenant, services: StubServices) -> None:
    room, other = uuid4(), uuid4()
    _results(services, room)
    _results(services, other)
    rooms = [str(room), str(other)]
    _, head = await tenant.employee(
        roles=["head", "seller"], room_ids=rooms, headed_room_ids=[str(room)]
    )
    _, seller = await tenant.employee(room_ids=rooms)
    for token, asked, expected in (
        (head, room, 200),
        (head, other, 403),
        (head, uuid4(), 404),
        (seller, room, 403),
    ):
        assert (await tenant.call("GET", f"{PATH}?room_id={asked}", token))[0] == expected
    # An admin sees every room of the tenant; the owner knows whether this is one.
    assert (await tenant.call("GET", f"{PATH}?room_id={uuid4()}"))[0] == 404
    assert (await tenant.call("GET", PATH, head))[0] == 422
    status, refused, _ = await tenant.call("GET", f"{PATH}?room_id={room}&period=11", head)
    assert (status, refused["errors"][0]["field"]) == (422, "period")
