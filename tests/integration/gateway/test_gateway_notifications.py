"""Notifications over a real bus and database: who is told what, once, and what they choose."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg

from deploy.environment import Installation
from tests.integration.gateway.events import COMPANY, activity_state
from tests.integration.gateway.listening import listening
from tests.integration.gateway.notifying import (
    aged,
    event_now,
    has,
    promised,
    told,
    warn,
    warned,
)
from tests.integration.gateway.tenant import Tenant
from tests.support.bus import Bus
from tests.support.wait import eventually


async def test_a_due_step_is_told_to_its_responsible_alone_and_live(
    tenant: Tenant, bus: Bus
) -> None:
    room, activity = uuid4(), uuid4()
    seller, token = await tenant.employee(room_ids=[str(room)])
    _, other = await tenant.employee(room_ids=[str(room)])
    at = datetime.now(UTC) + timedelta(seconds=4)
    async with listening(tenant, token) as listener:
        await asyncio.sleep(1.5)
        await bus.publish([promised(tenant.id, activity, 1, room, seller, at)])
        event = await listener.next()
        while event and event["event"] != "notification.changed":
            event = await listener.next()
    (item,) = await told(tenant, token)
    assert event and event["data"]["id"] == item["id"]
    assert (item["kind"], item["activity_id"], item["count"]) == ("next_step", str(activity), 1)
    assert item["moment"] == at.isoformat().replace("+00:00", "Z")
    assert await told(tenant, other) == []


async def test_a_step_that_moved_or_ended_is_not_told_at_its_old_time(
    tenant: Tenant, bus: Bus
) -> None:
    room, moved, finished, passed_on = uuid4(), uuid4(), uuid4(), uuid4()
    seller, token = await tenant.employee(room_ids=[str(room)])
    soon = datetime.now(UTC) + timedelta(seconds=3)
    await bus.publish(
        promised(tenant.id, activity, 1, room, seller, soon)
        for activity in (moved, finished, passed_on)
    )
    await bus.publish([promised(tenant.id, moved, 2, room, seller, soon + timedelta(hours=5))])
    state = activity_state(room, uuid4(), COMPANY, seller)
    done = {"kind": "call", "has_note": False, "by": seller, "step": "kept"}
    await bus.publish([event_now(tenant.id, "interaction.recorded", finished, 2, state, **done)])
    theirs = activity_state(room, uuid4(), COMPANY, uuid4(), next_step_due_at=soon)
    taken = {"responsible": theirs["responsible_id"], "how": "assigned"}
    await bus.publish([event_now(tenant.id, "activity.taken", passed_on, 2, theirs, **taken)])
    await asyncio.sleep(6)
    assert [item["kind"] for item in await told(tenant, token)] == ["taken_away"]


async def test_events_read_again_or_long_past_tell_nobody_again(
    tenant: Tenant, bus: Bus, provisioned: Installation
) -> None:
    room = uuid4()
    seller, token = await tenant.employee(room_ids=[str(room)])
    warning = warned(tenant.id, room, seller)
    old = aged(warned(tenant.id, room, seller), timedelta(hours=13))
    await bus.publish([warning, old])
    await eventually(has(tenant, token, "reset_warning"))
    connection = await asyncpg.connect(provisioned.admin_url("gateway"))
    # As if all of it had been forgotten but what people were told.
    for table in ("inbox", "followed_activity", "agenda", "room_notice"):
        await connection.execute(f"DELETE FROM {table} WHERE tenant_id = $1", tenant.id)
    await connection.close()
    await bus.publish([warning, old, warning])
    await warn(tenant, token, bus, room, seller)
    assert len(await told(tenant, token)) == 2


async def test_what_comes_into_a_pool_is_told_together_if_it_is_still_free(
    tenant: Tenant, bus: Bus, provisioned: Installation
) -> None:
    room, ids = uuid4(), [uuid4() for _ in range(4)]
    _, token = await tenant.employee(room_ids=[str(room)])
    other, _ = await tenant.employee(room_ids=[str(room)])
    free = activity_state(room, uuid4(), COMPANY)
    await bus.publish(event_now(tenant.id, "activity.registered", id_, 1, free) for id_ in ids)
    taken = activity_state(room, uuid4(), COMPANY, other)
    fields = {"responsible": other, "how": "taken", "by": other}
    await bus.publish([event_now(tenant.id, "activity.taken", ids[0], 2, taken, **fields)])
    connection = await asyncpg.connect(provisioned.admin_url("gateway"))
    read = (
        "SELECT count(*) = 4 AND count(*) FILTER (WHERE status = 'in_work') = 1"
        " FROM followed_activity WHERE tenant_id = $1"
    )

    async def is_read() -> bool:
        return bool(await connection.fetchval(read, tenant.id))

    await eventually(is_read)
    await connection.execute(
        "UPDATE room_notice SET due_at = now() WHERE tenant_id = $1 AND subject_id = $2",
        tenant.id,
        ids[1],
    )
    await connection.close()
    await eventually(has(tenant, token, "pool"))
    (item,) = await told(tenant, token)
    assert (item["count"], item["subject_id"], item["activity_id"]) == (3, str(room), None)


async def test_an_overdue_step_reaches_the_head_once(
    tenant: Tenant, bus: Bus, provisioned: Installation
) -> None:
    room, activity = uuid4(), uuid4()
    seller, _ = await tenant.employee(room_ids=[str(room)])
    _, head = await tenant.employee(roles=["head"], room_ids=[str(room)])
    at = datetime.now(UTC) - timedelta(hours=1)
    await bus.publish([promised(tenant.id, activity, 1, room, seller, at)])
    connection = await asyncpg.connect(provisioned.admin_url("gateway"))
    hasten = (
        "UPDATE room_notice SET due_at = now() WHERE tenant_id = $1 AND kind = 'step_overdue'"
        " RETURNING 1"
    )

    async def is_due() -> bool:
        return bool(await connection.fetchval(hasten, tenant.id))

    await eventually(is_due)
    await eventually(has(tenant, head, "step_overdue"))
    await is_due()
    await asyncio.sleep(2.5)
    await connection.close()
    assert [item["activity_id"] for item in await told(tenant, head)] == [str(activity)]


async def test_who_may_not_read_it_any_more_is_told_nothing(tenant: Tenant, bus: Bus) -> None:
    seller, token = await tenant.employee(room_ids=[str(uuid4())])
    await bus.publish([warned(tenant.id, uuid4(), seller)])
    await asyncio.sleep(3)
    assert await told(tenant, token) == []


async def test_notifications_are_read_and_unread_by_their_owner(tenant: Tenant, bus: Bus) -> None:
    room = uuid4()
    seller, token = await tenant.employee(room_ids=[str(room)])
    _, other = await tenant.employee(room_ids=[str(room)])
    for _ in range(3):
        await warn(tenant, token, bus, room, seller)
    status, page, _ = await tenant.call("GET", "/api/v1/notifications?limit=2", token)
    assert (status, len(page["items"]), page["unread"]) == (200, 2, 3)
    rest = await told(tenant, token, f"?cursor={page['next_cursor']}")
    assert len(rest) == 1
    first = page["items"][0]
    path = f"/api/v1/notifications/{first['id']}"
    assert (await tenant.call("POST", f"{path}/read", other))[0] == 404
    status, read, _ = await tenant.call("POST", f"{path}/read", token)
    assert status == 200 and read["read_at"]
    assert len(await told(tenant, token, "?unread=true")) == 2
    assert (await tenant.call("POST", f"{path}/unread", token))[1]["read_at"] is None
    body = {"until": first["shown_at"]}
    assert (await tenant.call("POST", "/api/v1/notifications/read", token, json=body))[0] == 204
    assert await told(tenant, token, "?unread=true") == []
    assert (await tenant.call("GET", "/api/v1/notifications?cursor=x", token))[0] == 422


async def test_choices_are_versioned_checked_and_heeded(tenant: Tenant, bus: Bus) -> None:
    room = uuid4()
    seller, token = await tenant.employee(room_ids=[str(room)])
    path = "/api/v1/me/notifications"
    status, defaults, headers = await tenant.call("GET", path, token)
    assert (status, headers["ETag"], len(defaults["kinds"])) == (200, '"0"', 13)
    off = {"kind": "reset_warning", "enabled": False}
    body = {
        "time_zone": "Asia/Omsk",
        "quiet_hours": {"begins": "22:00", "ends": "07:30"},
        "kinds": [off, {"kind": "next_step", "enabled": True, "lead_minutes": 60}],
    }
    first = {"If-Match": '"0"'}
    status, chosen, headers = await tenant.call("PUT", path, token, json=body, headers=first)
    assert (status, chosen["version"], headers["ETag"]) == (200, 1, '"1"')
    assert (await tenant.call("GET", path, token))[1] == chosen
    status, problem, _ = await tenant.call("PUT", path, token, json=body, headers=first)
    assert (status, problem["code"], problem["version"]) == (409, "stale", 1)
    for wrong, field, rule in (
        ({"time_zone": "Mars"}, "time_zone", "time_zone"),
        ({"quiet_hours": {"begins": "25:00", "ends": "07:00"}}, "quiet_hours.begins", "value"),
        ({"kinds": [off, off]}, "kinds", "distinct"),
        ({"kinds": [{**off, "lead_minutes": 5}]}, "kinds", "not_ahead"),
        ({"kinds": [{"kind": "other", "enabled": True}]}, "kinds.0.kind", "one_of"),
    ):
        status, problem, _ = await tenant.call("PUT", path, token, json={**body, **wrong})
        error = problem["errors"][0]
        assert (status, error["field"], error["rule"]) == (422, field, rule), problem
    await bus.publish([warned(tenant.id, room, seller)])
    await asyncio.sleep(3)
    assert await told(tenant, token) == []
