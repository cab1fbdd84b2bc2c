"""Calendars by secret addresses: what they show, to whom, and for how long."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from icalendar import Calendar

from shared.events.renewals import RenewalScheduled
from tests.integration.gateway.events import COMPANY, ZERO, activity_state, published
from tests.integration.gateway.notifying import event_now, promised
from tests.integration.gateway.tenant import Tenant
from tests.support.bus import Bus
from tests.support.service_process import Service
from tests.support.wait import eventually

PATH = "/api/v1/me/calendar"


async def fetch(tenant: Tenant, url: str, **headers: str) -> tuple[int, Any, str]:
    """Status, events by kind and tag of a calendar, without any log-in."""
    async with tenant.session.get(url, headers=headers) as response:
        text = await response.text()
        tag = response.headers.get("ETag", "")
        if response.status != 200:
            return response.status, {}, tag
        assert response.content_type == "text/calendar"
        events = Calendar.from_ical(text).walk("VEVENT")
        return 200, {str(event["UID"]).partition("-")[0]: event for event in events}, tag


def renewal_of(contract: Any, room: Any) -> RenewalScheduled:
    state = {
        "contract_id": contract,
        "company_id": COMPANY,
        "room_id": room,
        "client_id": uuid4(),
        "term_months": 12,
        "number": 1,
        "due_on": "2027-11-01",
        "products": [],
        "amount": ZERO,
        "status": "scheduled",
        "has_note": False,
        "activity_id": None,
        "withdrawal": None,
    }
    return RenewalScheduled.model_validate({"renewal_id": uuid4(), "by": None, "state": state})


async def test_a_calendar_shows_what_is_before_a_person_and_what_was_cancelled(
    tenant: Tenant, bus: Bus
) -> None:
    room, activity, contract = uuid4(), uuid4(), uuid4()
    seller, token = await tenant.employee(room_ids=[str(room)])
    status, made, _ = await tenant.call("POST", PATH, token)
    assert (status, made["active"]) == (201, True)
    url = made["url"]
    assert await fetch(tenant, url) == (200, {}, (await fetch(tenant, url))[2])
    at = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    invoice = {"invoice_id": uuid4(), "number": "7", "due_on": "2026-12-05"}
    state = activity_state(
        room,
        uuid4(),
        COMPANY,
        seller,
        next_step_due_at=at,
        due_invoices=[{**invoice, "overdue_at": at + timedelta(days=5)}],
    )
    call = {"kind": "call", "has_note": False, "by": seller}
    await bus.publish([event_now(tenant.id, "interaction.recorded", activity, 3, state, **call)])
    won = activity_state(room, uuid4(), COMPANY, seller, status="won", stage="won", won_at=at)
    await bus.publish([event_now(tenant.id, "activity.won", contract, 5, won, won_at=at)])
    renewal = renewal_of(contract, room)
    await bus.publish([published(tenant.id, renewal, renewal.renewal_id, 1)])

    async def shown() -> Any:
        _, events, tag = await fetch(tenant, url)
        return (events, tag) if len(events) == 3 else None

    events, tag = await eventually(shown)
    step = events["next_step"]
    assert (step["SEQUENCE"], step["STATUS"], step["DTSTART"].dt) == (3, "CONFIRMED", at)
    assert step["URL"].endswith(f"/activities/{activity}")
    assert step.walk("VALARM")[0]["TRIGGER"].dt == timedelta(minutes=-15)
    assert events["invoice"]["DTSTART"].dt == date(2026, 12, 5)
    assert events["renewal"]["DTSTART"].dt == date(2027, 11, 1)
    assert (await fetch(tenant, url, **{"If-None-Match": tag}))[0] == 304
    done = activity_state(room, uuid4(), COMPANY, seller)
    await bus.publish([event_now(tenant.id, "interaction.recorded", activity, 4, done, **call)])

    async def is_cancelled() -> bool:
        step = (await fetch(tenant, url))[1]["next_step"]
        return bool(step["STATUS"] == "CANCELLED" and step["SEQUENCE"] == 4)

    await eventually(is_cancelled)
    assert (await fetch(tenant, url, **{"If-None-Match": tag}))[0] == 200


async def test_an_address_ends_as_it_is_replaced_removed_or_its_person_leaves(
    tenant: Tenant, gateway: Service
) -> None:
    seller, token = await tenant.employee()
    assert (await tenant.call("GET", PATH, token))[1] == {"active": False, "created_at": None}
    assert (await tenant.call("DELETE", PATH, token))[0] == 404
    first = (await tenant.call("POST", PATH, token))[1]["url"]
    second = (await tenant.call("POST", PATH, token))[1]["url"]
    assert [(await fetch(tenant, url))[0] for url in (first, second)] == [404, 200]
    assert (await tenant.call("DELETE", PATH, token))[0] == 204
    third = (await tenant.call("POST", PATH, token))[1]["url"]
    assert [(await fetch(tenant, url))[0] for url in (second, third)] == [404, 200]
    shown = (await tenant.call("GET", PATH, token))[1]
    assert shown["active"] and "url" not in shown
    body = {"active": False}
    assert (await tenant.call("PATCH", f"/api/v1/employees/{seller}", json=body))[0] == 200
    assert (await fetch(tenant, third))[0] == 404
    for secret in ("nothing", f"{uuid4().hex}.secret", "%00"):
        assert (await fetch(tenant, f"{tenant.url}/calendar/{secret}.ics"))[0] in (404, 422)
    assert third.rpartition(".")[0].rpartition(".")[2] not in gateway.tail(2000)


async def test_a_room_that_was_left_is_not_in_the_calendar_any_more(
    tenant: Tenant, bus: Bus
) -> None:
    room = uuid4()
    seller, token = await tenant.employee(room_ids=[str(room)])
    url = (await tenant.call("POST", PATH, token))[1]["url"]
    soon = datetime.now(UTC) + timedelta(days=1)
    await bus.publish([promised(tenant.id, uuid4(), 1, room, seller, soon)])

    async def has_step() -> bool:
        return "next_step" in (await fetch(tenant, url))[1]

    await eventually(has_step)
    body = {"room_ids": [str(uuid4())]}
    assert (await tenant.call("PATCH", f"/api/v1/employees/{seller}", json=body))[0] == 200
    assert await fetch(tenant, url) == (200, {}, (await fetch(tenant, url))[2])
