"""The responsible is warned of a reset: once for each deadline, by whatever process comes first."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.activities.handlers import alerts
from services.activities.timers import reset_overdue, send_alerts
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant


def warning_of(activity: Any) -> datetime:
    return datetime.fromisoformat(activity["reset_warning_at"])


async def in_work(tenant: Tenant, count: int) -> list[Any]:
    seller = await tenant.user()
    return [await tenant.register(seller, take=True) for _ in range(count)]


async def warnings(tenant: Tenant, activity: Any) -> int:
    return (await tenant.event_types(activity)).count("activity.reset_warned")


async def test_two_timers_at_once_warn_of_each_deadline_once(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenants = [await new_tenant() for _ in range(2)]
    activities = [
        (tenant, activity) for tenant in tenants for activity in await in_work(tenant, 12)
    ]
    late = max(warning_of(activity) for _, activity in activities)
    await asyncio.gather(*(send_alerts(context, late) for _ in range(2)))
    await send_alerts(context, late + timedelta(hours=1))
    for tenant, activity in activities:
        assert await warnings(tenant, activity) == 1
        shown = await tenant.see(activity)
        assert (shown["status"], shown["reset_due_at"]) == ("in_work", activity["reset_due_at"])
        assert shown["timeline"][0]["what"] == "activity.reset_warned"


async def test_a_timer_killed_in_the_middle_warns_once_when_it_is_back(
    new_tenant: NewTenant, context: ServiceContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = await new_tenant()
    worked = await in_work(tenant, 3)
    late = max(map(warning_of, worked))
    with monkeypatch.context() as killed:

        async def die(*_: object) -> None:
            raise asyncio.CancelledError

        killed.setattr(alerts, "save_events", die)
        with pytest.raises(asyncio.CancelledError):
            await send_alerts(context, late)
    assert [await warnings(tenant, activity) for activity in worked] == [0, 0, 0]
    await send_alerts(context, late)
    assert [await warnings(tenant, activity) for activity in worked] == [1, 1, 1]


async def test_progress_makes_a_new_deadline_and_a_new_warning(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    assert warning_of(activity) == datetime.fromisoformat(activity["reset_due_at"]) - timedelta(
        days=1
    )
    await send_alerts(context, warning_of(activity) - timedelta(microseconds=1))
    assert await warnings(tenant, activity) == 0
    await send_alerts(context, warning_of(activity))
    called = await tenant.do(seller, activity, "interactions", kind="call")
    await send_alerts(context, warning_of(activity) + timedelta(microseconds=1))
    assert await warnings(tenant, activity) == 1
    await send_alerts(context, warning_of(called))
    assert await warnings(tenant, activity) == 2


async def test_what_has_reset_meanwhile_is_not_warned_of(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    (activity,) = await in_work(tenant, 1)
    late = datetime.fromisoformat(activity["reset_due_at"])
    await send_alerts(context, late)
    assert (await tenant.event_types(activity))[2:] == ["activity.reset"]
    await reset_overdue(context, late)
    assert len(await tenant.event_types(activity)) == 3


async def test_a_room_chooses_when_its_sellers_are_warned(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    (activity,) = await in_work(tenant, 1)
    due_at = datetime.fromisoformat(activity["reset_due_at"])
    await tenant.set_options(warn_before_hours=72)
    assert warning_of(await tenant.see(activity)) == due_at - timedelta(hours=72)
    await tenant.set_options(warn_before_hours=0)
    assert (await tenant.see(activity))["reset_warning_at"] is None
    await send_alerts(context, due_at - timedelta(seconds=1))
    assert await warnings(tenant, activity) == 0


async def test_a_shorter_period_warns_at_once_of_what_is_about_to_be_lost(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=30)
    (activity,) = await in_work(tenant, 1)
    await tenant.rewind(activity, timedelta(days=20))
    await tenant.set_room_settings(activity_reset_days=3)
    await send_alerts(context, datetime.now(UTC) + timedelta(seconds=1))
    assert await warnings(tenant, activity) == 1
    value = await tenant.reader.fetchval(
        "SELECT value FROM outbox WHERE tenant_id = $1 AND type = 'activity.reset_warned'",
        tenant.tenant_id,
    )
    event = orjson.loads(value)
    left = datetime.fromisoformat(event["due_at"]) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)
    assert (event["by"], event["responsible"]) == (None, activity["responsible_id"])


async def untouched(tenant: Tenant, activity: Any) -> list[tuple[bool, str | None]]:
    rows = await tenant.reader.fetch(
        "SELECT value FROM outbox WHERE tenant_id = $1 AND aggregate_id = $2"
        " AND type = 'activity.untouched' ORDER BY aggregate_version",
        tenant.tenant_id,
        UUID(activity["id"]),
    )
    events = [orjson.loads(row["value"]) for row in rows]
    return [(event["escalated"], event["responsible"]) for event in events]


async def test_what_nobody_works_is_told_once_and_once_more_to_the_head(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    await tenant.set_options(first_touch_minutes=30, escalate_after_minutes=60)
    seller = await tenant.user()
    free, taken = await tenant.register(), await tenant.register(seller, take=True)
    now = datetime.now(UTC)
    for minutes in (29, 31, 32, 91, 92, 200):
        moment = now + timedelta(minutes=minutes)
        await asyncio.gather(*(send_alerts(context, moment) for _ in range(2)))
        expected = [] if minutes < 30 else [False] if minutes < 90 else [False, True]
        assert await untouched(tenant, free) == [(escalated, None) for escalated in expected]
    assert await untouched(tenant, taken) == [(False, str(seller.id)), (True, str(seller.id))]
    await tenant.register(seller, take=True)
    listed = await tenant.pages(seller, "/activities?untouched=true", 10)
    assert {item["id"] for item in listed} == {free["id"], taken["id"]}
    results = f"/rooms/{tenant.room_id}/results"
    counted = (await tenant.call(tenant.admin, "GET", results)).body
    assert counted["nobody"]["untouched"] == 1
    assert [each["untouched"] for each in counted["sellers"]] == [1]
    await tenant.do(seller, taken, "interactions", kind="call")
    listed = await tenant.pages(seller, "/activities?untouched=true", 10)
    assert [item["id"] for item in listed] == [free["id"]]


async def test_work_ends_the_wait_and_a_take_begins_it_anew(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    worked, earlier = await tenant.register(), await tenant.register()
    await tenant.set_options(first_touch_minutes=30)
    seller = await tenant.user()
    called, noted, lost = [await tenant.register(seller, take=True) for _ in range(3)]
    await tenant.do(seller, called, "interactions", kind="call")
    await tenant.do(seller, noted, "interactions", kind="note", note="мысль")
    await tenant.do(seller, lost, "lose", reason="нет бюджета")
    await tenant.do(seller, worked, "take")
    late = datetime.now(UTC) + timedelta(minutes=31)
    await send_alerts(context, late)
    await send_alerts(context, late + timedelta(days=1))
    told = [await untouched(tenant, each) for each in (worked, noted, called, lost, earlier)]
    assert told == [[(False, str(seller.id))], [(False, str(seller.id))], [], [], []]
