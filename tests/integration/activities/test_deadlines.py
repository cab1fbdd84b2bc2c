"""Deadlines: who is late is judged by them, each resets once, and all follow the room settings."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import orjson

from services.activities.timers import reset_overdue
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.deadlines import days_to_go, in_work, moment
from tests.integration.activities.jobs import let_jobs_run


async def test_two_timers_at_once_reset_each_activity_once(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenants = [await new_tenant() for _ in range(2)]
    activities = [
        (tenant, activity) for tenant in tenants for activity in await in_work(tenant, 25)
    ]
    late = datetime.now(UTC) + timedelta(days=14, hours=1)
    await asyncio.gather(*(reset_overdue(context, late) for _ in range(2)))
    for tenant, activity in activities:
        assert await tenant.event_types(activity) == [
            "activity.registered",
            "activity.taken",
            "activity.reset",
        ]
        now = await tenant.see(activity)
        assert (now["status"], now["responsible_id"], now["reset_due_at"]) == ("free", None, None)


async def test_an_activity_resets_at_its_deadline_and_not_before(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=3)
    (activity,) = await in_work(tenant, 1)
    due = moment(activity["reset_due_at"])
    await reset_overdue(context, due - timedelta(microseconds=1))
    assert (await tenant.see(activity))["status"] == "in_work"
    await reset_overdue(context, due)
    assert (await tenant.see(activity))["status"] == "free"


async def test_a_seller_waits_after_a_reset_and_others_do_not(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=1, retake_cooldown_seconds=3600)
    anna, boris = await tenant.users(2)
    activity = await tenant.register(anna, take=True)
    await reset_overdue(context, datetime.now(UTC) + timedelta(days=1, minutes=1))
    refused = await tenant.command(anna, activity, "take")
    assert (refused.status, refused.body["code"]) == (429, "too_soon")
    assert (await tenant.do(boris, activity, "take"))["responsible_id"] == str(boris.id)


async def test_concurrent_changes_of_settings_are_all_recorded_in_a_row(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    await asyncio.gather(
        *(tenant.set_room_settings(activity_reset_days=days) for days in range(1, 9))
    )
    path = f"/rooms/{tenant.room_id}/settings/history?company_id={tenant.company_id}"
    history = (await tenant.pages(tenant.admin, path, 3))[::-1]
    assert [change["version"] for change in history] == list(range(1, 10))
    assert all(later["before"] == earlier["after"] for earlier, later in pairwise(history))
    assert {change["changed_by"] for change in history} == {str(tenant.admin.id)}


async def test_an_interaction_starts_the_deadline_anew_and_a_note_does_not(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    noted = await tenant.do(seller, activity, "interactions", kind="note", note="мысль")
    assert noted["reset_due_at"] == activity["reset_due_at"]
    called = await tenant.do(seller, activity, "interactions", kind="call")
    assert moment(called["reset_due_at"]) > moment(activity["reset_due_at"])


async def test_a_passed_deadline_counts_before_the_timer_comes(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(retake_cooldown_seconds=3600)
    anna, boris = await tenant.users(2)
    activity = await tenant.register(anna, take=True)
    await tenant.rewind(activity, timedelta(days=14, seconds=1))
    late = await tenant.command(anna, activity, "interactions", kind="call")
    assert (late.status, late.body["code"]) == (409, "not_in_work")
    refused = await tenant.command(anna, activity, "take")
    assert (refused.status, refused.body["code"]) == (429, "too_soon")
    assert (await tenant.do(boris, activity, "take"))["responsible_id"] == str(boris.id)
    assert await tenant.event_types(activity) == [
        "activity.registered",
        "activity.taken",
        "activity.reset",
        "activity.taken",
    ]
    whole = await tenant.see(activity)
    assert [entry["who"] for entry in whole["timeline"]][:2] == [str(boris.id), None]


async def test_a_broken_activity_keeps_no_other_from_its_reset(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    """Neither those of its own tenant nor those of another; it is told, and tried again later."""
    poor, well = [await new_tenant() for _ in range(2)]
    broken, *others = [(poor, activity) for activity in await in_work(poor, 4)]
    others += [(well, activity) for activity in await in_work(well, 2)]
    await poor.reader.execute(
        "UPDATE activity SET trade = '{}' WHERE tenant_id = $1 AND id = $2",
        poor.tenant_id,
        UUID(broken[1]["id"]),
    )
    late = datetime.now(UTC) + timedelta(days=14, hours=1)
    await reset_overdue(context, late)
    for tenant, activity in others:
        assert (await tenant.see(activity))["status"] == "free"
    assert "KeyError" in context.turns.degraded()["timer reset_overdue"]
    status = await poor.reader.fetchval(
        "SELECT status FROM activity WHERE tenant_id = $1 AND id = $2",
        poor.tenant_id,
        UUID(broken[1]["id"]),
    )
    assert status == "in_work"
    await poor.reader.execute("DELETE FROM activity WHERE id = $1", UUID(broken[1]["id"]))


async def test_a_shorter_period_takes_nothing_within_a_day_that_had_time_left(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=30)
    seller = await tenant.user()
    late, later_still = await in_work(tenant, 2)
    mine = await tenant.register(seller, take=True)
    for activity, days in ((late, 20), (later_still, 29), (mine, 20)):
        await tenant.rewind(activity, timedelta(days=days))
    changed_at = datetime.now(UTC)
    await tenant.set_room_settings(activity_reset_days=3)
    await tenant.set_room_settings(activity_reset_days=2)
    await let_jobs_run(tenant, context)
    await reset_overdue(context)
    due = moment((await tenant.see(late))["reset_due_at"])
    assert timedelta(0) <= due - changed_at - timedelta(hours=24) < timedelta(seconds=30)
    assert abs(await days_to_go(tenant, later_still) - 30) < 0.01
    called = await tenant.do(seller, mine, "interactions", kind="call")
    assert await days_to_go(tenant, called) == 2
    await reset_overdue(context, due)
    assert (await tenant.see(late))["status"] == "free"


async def test_the_event_of_changed_settings_tells_the_notice(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(activity_reset_days=30, vip_reset_days=60)
    await tenant.set_room_settings(activity_reset_days=3, vip_reset_days=60)
    value = await tenant.reader.fetchval(
        "SELECT value FROM outbox WHERE tenant_id = $1 AND type = 'room_settings.changed'"
        " ORDER BY aggregate_version DESC LIMIT 1",
        tenant.tenant_id,
    )
    *_, notice = orjson.loads(value)["reset_notices"]
    assert (notice["activity_reset_days"], notice["vip_reset_days"]) == (30, 60)
    left = moment(notice["until"]) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)
