"""Deadlines move to where changed settings put them."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.activities.handlers import deadlines
from services.activities.timers import reset_overdue
from shared.jobs.runner import JobRunner
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.deadlines import days_to_go, in_work, moment
from tests.integration.activities.jobs import let_jobs_run, open_jobs
from tests.integration.activities.tenant import Tenant


async def test_changed_settings_move_every_open_deadline_of_the_room_and_company(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    activities = await in_work(tenant, 5)
    seller = await tenant.user()
    free, lost = await tenant.register(seller), await tenant.register(seller, take=True)
    await tenant.do(seller, lost, "lose", reason="нет бюджета")
    for days in (3, 0, 30):
        await tenant.set_room_settings(activity_reset_days=days)
        for activity in activities:
            now = await tenant.see(activity)
            due = moment(now["progress_at"]) + timedelta(days=days) if days else None
            assert (moment(now["reset_due_at"]) if now["reset_due_at"] else None) == due
        assert (await tenant.see(free))["version"] == 1
        assert (await tenant.see(lost))["reset_due_at"] is None
    assert (await tenant.event_types(activities[0]))[2:] == ["activity.deadline_moved"] * 3


async def misplace(tenant: Tenant, activity: Any, days: int) -> None:
    """As a command leaves the deadline that had read other settings and commits just after these
    were set.
    """
    await tenant.reader.execute(
        "UPDATE activity SET reset_due_at = progress_at + make_interval(days => $3)"
        " WHERE tenant_id = $1 AND id = $2",
        tenant.tenant_id,
        UUID(activity["id"]),
        days,
    )


async def test_a_deadline_written_by_old_settings_is_moved_a_minute_later(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=14)
    kept, late = await in_work(tenant, 2)
    await tenant.set_room_settings(activity_reset_days=3)
    await misplace(tenant, late, 14)
    (job,) = await open_jobs(tenant)
    assert job["next_run_at"] - job["created_at"] >= deadlines.LAST_LOOK_AFTER
    await let_jobs_run(tenant, context)
    assert [await days_to_go(tenant, activity) for activity in (kept, late)] == [3, 3]
    assert (await tenant.event_types(kept))[2:] == ["activity.deadline_moved"]
    assert (await tenant.event_types(late))[2:] == ["activity.deadline_moved"] * 2


async def test_a_large_room_is_realigned_in_batches_each_deadline_once(
    new_tenant: NewTenant, context: ServiceContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "BATCH", 3)
    tenant = await new_tenant(activity_reset_days=14)
    activities = await in_work(tenant, 20)
    async with context.database.begin_for(tenant.tenant_id) as tx:
        job = await deadlines.enqueue_realignment(
            tx, tenant.room_id, tenant.company_id, tenant.admin.id
        )
    await tenant.reader.execute(
        "UPDATE room_settings SET activity_reset_days = 5 WHERE tenant_id = $1", tenant.tenant_id
    )
    await JobRunner(context).advance_often(tenant.tenant_id, job.id, 4)
    await let_jobs_run(tenant, context)
    assert {await days_to_go(tenant, activity) for activity in activities} == {5}
    for activity in activities:
        assert (await tenant.event_types(activity))[2:] == ["activity.deadline_moved"]
    jobs = (await tenant.call(tenant.admin, "GET", "/jobs")).body["items"]
    assert {seen["state"] for seen in jobs} == {"succeeded"}
    assert sum(seen["done"] for seen in jobs) == 20
    assert next(seen["total"] for seen in jobs if seen["id"] == str(job.id)) == 20


async def test_realigning_does_not_wait_for_an_activity_that_somebody_works_on(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=14)
    held, idle = await in_work(tenant, 2)
    async with tenant.reader.transaction():
        await tenant.reader.execute(
            "SELECT 1 FROM activity WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
            tenant.tenant_id,
            UUID(held["id"]),
        )
        await tenant.set_room_settings(activity_reset_days=3)
        assert [await days_to_go(tenant, activity) for activity in (held, idle)] == [14, 3]
    again = (await open_jobs(tenant))[0]
    assert again["next_run_at"] - again["created_at"] <= deadlines.AGAIN_AFTER
    await let_jobs_run(tenant, context)
    assert [await days_to_go(tenant, activity) for activity in (held, idle)] == [3, 3]


async def test_a_command_judges_by_settings_before_deadlines_are_realigned(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(activity_reset_days=14)
    seller = await tenant.user()
    longer, shorter = (
        await tenant.register(seller, take=True),
        await tenant.register(seller, take=True),
    )
    for activity, since, written in ((longer, 10, 5), (shorter, 20, 30)):
        await tenant.rewind(activity, timedelta(days=since))
        await misplace(tenant, activity, written)
    await tenant.do(seller, longer, "interactions", kind="call")
    assert (await tenant.event_types(longer))[2:] == [
        "activity.deadline_moved",
        "interaction.recorded",
    ]
    refused = await tenant.command(seller, shorter, "interactions", kind="call")
    assert (refused.status, refused.body["code"]) == (409, "not_in_work")


async def test_the_timer_spares_activities_that_settings_gave_more_time(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=14)
    (activity,) = await in_work(tenant, 1)
    await tenant.rewind(activity, timedelta(days=10))
    await misplace(tenant, activity, 5)
    await reset_overdue(context)
    assert (await tenant.see(activity))["status"] == "in_work"
    assert await days_to_go(tenant, activity) == 14


async def test_settings_changed_while_sellers_work_govern_every_deadline(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant(activity_reset_days=30)
    sellers = await tenant.users(4)
    activities = [
        await tenant.register(sellers[number % 4], take=number % 2 == 0) for number in range(16)
    ]

    async def work(number: int) -> None:
        seller, activity = sellers[number % 4], activities[number]
        if number % 2:
            assert (await tenant.command(seller, activity, "take")).status == 200
        for _ in range(6):
            assert (
                await tenant.command(seller, activity, "interactions", kind="call")
            ).status == 200

    async def change() -> None:
        for days in (20, 5, 0, 10):
            await tenant.set_room_settings(activity_reset_days=days)

    await asyncio.gather(*(work(number) for number in range(16)), change())
    await let_jobs_run(tenant, context)
    assert {await days_to_go(tenant, activity) for activity in activities} == {10}
    for activity in activities:
        await tenant.event_types(activity)
