"""Deadlines: who is late is judged by them, each resets once, and all follow the room settings."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from services.activities.handlers import deadlines
from services.activities.timers import reset_overdue
from shared.jobs.runner import JobRunner
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewWorld
from tests.integration.activities.world import World


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def in_work(world: World, count: int) -> list[Any]:
    seller = await world.person()
    return [await world.register(seller, take=True) for _ in range(count)]


async def rewind(world: World, activity: Any, since: timedelta) -> None:
    """As if the last progress had been `since` before now."""
    await world.reader.execute(
        "UPDATE activity SET progress_at = now() - $3::interval,"
        " reset_due_at = reset_due_at - (progress_at - now()) - $3::interval"
        " WHERE tenant_id = $1 AND id = $2",
        world.tenant_id,
        UUID(activity["id"]),
        since,
    )


async def test_two_timers_at_once_reset_each_activity_once(
    new_world: NewWorld, context: ServiceContext
) -> None:
    worlds = [await new_world() for _ in range(2)]
    activities = [(world, activity) for world in worlds for activity in await in_work(world, 25)]
    late = datetime.now(UTC) + timedelta(days=14, hours=1)
    await asyncio.gather(*(reset_overdue(context, late) for _ in range(2)))
    for world, activity in activities:
        assert await world.event_types(activity) == [
            "activity.registered",
            "activity.taken",
            "activity.reset",
        ]
        now = await world.see(activity)
        assert (now["status"], now["responsible_id"], now["reset_due_at"]) == ("free", None, None)


async def test_an_activity_resets_at_its_deadline_and_not_before(
    new_world: NewWorld, context: ServiceContext
) -> None:
    world = await new_world(activity_reset_days=3)
    (activity,) = await in_work(world, 1)
    due = moment(activity["reset_due_at"])
    await reset_overdue(context, due - timedelta(microseconds=1))
    assert (await world.see(activity))["status"] == "in_work"
    await reset_overdue(context, due)
    assert (await world.see(activity))["status"] == "free"


async def test_a_seller_waits_after_a_reset_and_others_do_not(
    new_world: NewWorld, context: ServiceContext
) -> None:
    world = await new_world(activity_reset_days=1, retake_cooldown_seconds=3600)
    anna, boris = await world.people(2)
    activity = await world.register(anna, take=True)
    await reset_overdue(context, datetime.now(UTC) + timedelta(days=1, minutes=1))
    refused = await world.do(anna, activity, "take")
    assert (refused.status, refused.body["code"]) == (429, "too_soon")
    assert (await world.done(boris, activity, "take"))["responsible_id"] == str(boris.id)


async def test_changed_settings_move_every_open_deadline_of_the_room_and_company(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    activities = await in_work(world, 5)
    seller = await world.person()
    free, lost = await world.register(seller), await world.register(seller, take=True)
    await world.done(seller, lost, "lose", reason="нет бюджета")
    for days in (3, 0, 30):
        await world.set_room_settings(activity_reset_days=days)
        for activity in activities:
            now = await world.see(activity)
            due = moment(now["progress_at"]) + timedelta(days=days) if days else None
            assert (moment(now["reset_due_at"]) if now["reset_due_at"] else None) == due
        assert (await world.see(free))["version"] == 1
        assert (await world.see(lost))["reset_due_at"] is None
    assert (await world.event_types(activities[0]))[2:] == ["activity.deadline_moved"] * 3


async def misplace(world: World, activity: Any, days: int) -> None:
    """As a command leaves the deadline that had read other settings and commits just after these
    were set.
    """
    await world.reader.execute(
        "UPDATE activity SET reset_due_at = progress_at + make_interval(days => $3)"
        " WHERE tenant_id = $1 AND id = $2",
        world.tenant_id,
        UUID(activity["id"]),
        days,
    )


async def days_to_go(world: World, activity: Any) -> float:
    now = await world.see(activity)
    return (moment(now["reset_due_at"]) - moment(now["progress_at"])) / timedelta(days=1)


async def open_jobs(world: World) -> list[Any]:
    """The tenant's jobs that have not ended, the next one first."""
    rows: list[Any] = await world.reader.fetch(
        "SELECT id, next_run_at, created_at FROM job"
        " WHERE tenant_id = $1 AND finished_at IS NULL ORDER BY next_run_at",
        world.tenant_id,
    )
    return rows


async def let_jobs_run(world: World, context: ServiceContext) -> None:
    """Two workers run the tenant's jobs to their end, as if their moment had come."""
    workers = [JobRunner(context) for _ in range(2)]
    while await open_jobs(world):
        await world.reader.execute(
            "UPDATE job SET next_run_at = now() WHERE tenant_id = $1 AND finished_at IS NULL",
            world.tenant_id,
        )
        await asyncio.gather(*(worker.advance(world.tenant_id) for worker in workers))


async def test_a_deadline_written_by_old_settings_is_moved_a_minute_later(
    new_world: NewWorld, context: ServiceContext
) -> None:
    world = await new_world(activity_reset_days=14)
    kept, late = await in_work(world, 2)
    await world.set_room_settings(activity_reset_days=3)
    await misplace(world, late, 14)
    (job,) = await open_jobs(world)
    assert job["next_run_at"] - job["created_at"] >= deadlines.LAST_LOOK_AFTER
    await let_jobs_run(world, context)
    assert [await days_to_go(world, activity) for activity in (kept, late)] == [3, 3]
    assert (await world.event_types(kept))[2:] == ["activity.deadline_moved"]
    assert (await world.event_types(late))[2:] == ["activity.deadline_moved"] * 2


async def test_a_large_room_is_realigned_in_batches_each_deadline_once(
    new_world: NewWorld, context: ServiceContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "BATCH", 3)
    world = await new_world(activity_reset_days=14)
    activities = await in_work(world, 20)
    async with context.database.begin_for(world.tenant_id) as tx:
        job = await deadlines.enqueue_realignment(
            tx, world.room_id, world.company_id, world.admin.id
        )
    await world.reader.execute(
        "UPDATE room_settings SET activity_reset_days = 5 WHERE tenant_id = $1", world.tenant_id
    )
    await JobRunner(context).advance_often(world.tenant_id, job.id, 4)
    await let_jobs_run(world, context)
    assert {await days_to_go(world, activity) for activity in activities} == {5}
    for activity in activities:
        assert (await world.event_types(activity))[2:] == ["activity.deadline_moved"]
    jobs = (await world.call(world.admin, "GET", "/jobs")).body["items"]
    assert {seen["state"] for seen in jobs} == {"succeeded"}
    assert sum(seen["done"] for seen in jobs) == 20
    assert next(seen["total"] for seen in jobs if seen["id"] == str(job.id)) == 20


async def test_realigning_does_not_wait_for_an_activity_that_somebody_works_on(
    new_world: NewWorld, context: ServiceContext
) -> None:
    world = await new_world(activity_reset_days=14)
    held, idle = await in_work(world, 2)
    async with world.reader.transaction():
        await world.reader.execute(
            "SELECT 1 FROM activity WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
            world.tenant_id,
            UUID(held["id"]),
        )
        await world.set_room_settings(activity_reset_days=3)
        assert [await days_to_go(world, activity) for activity in (held, idle)] == [14, 3]
    again = (await open_jobs(world))[0]
    assert again["next_run_at"] - again["created_at"] <= deadlines.AGAIN_AFTER
    await let_jobs_run(world, context)
    assert [await days_to_go(world, activity) for activity in (held, idle)] == [3, 3]


async def test_a_command_judges_by_settings_before_deadlines_are_realigned(
    new_world: NewWorld,
) -> None:
    world = await new_world(activity_reset_days=14)
    seller = await world.person()
    longer, shorter = (
        await world.register(seller, take=True),
        await world.register(seller, take=True),
    )
    for activity, since, written in ((longer, 10, 5), (shorter, 20, 30)):
        await rewind(world, activity, timedelta(days=since))
        await misplace(world, activity, written)
    await world.done(seller, longer, "interactions", kind="call")
    assert (await world.event_types(longer))[2:] == [
        "activity.deadline_moved",
        "interaction.recorded",
    ]
    refused = await world.do(seller, shorter, "interactions", kind="call")
    assert (refused.status, refused.body["code"]) == (409, "not_in_work")


async def test_the_timer_spares_activities_that_settings_gave_more_time(
    new_world: NewWorld, context: ServiceContext
) -> None:
    world = await new_world(activity_reset_days=14)
    (activity,) = await in_work(world, 1)
    await rewind(world, activity, timedelta(days=10))
    await misplace(world, activity, 5)
    await reset_overdue(context)
    assert (await world.see(activity))["status"] == "in_work"
    assert await days_to_go(world, activity) == 14


async def test_settings_changed_while_sellers_work_govern_every_deadline(
    new_world: NewWorld, context: ServiceContext
) -> None:
    world = await new_world(activity_reset_days=30)
    sellers = await world.people(4)
    activities = [
        await world.register(sellers[number % 4], take=number % 2 == 0) for number in range(16)
    ]

    async def work(number: int) -> None:
        seller, activity = sellers[number % 4], activities[number]
        if number % 2:
            assert (await world.do(seller, activity, "take")).status == 200
        for _ in range(6):
            assert (await world.do(seller, activity, "interactions", kind="call")).status == 200

    async def change() -> None:
        for days in (20, 5, 0, 10):
            await world.set_room_settings(activity_reset_days=days)

    await asyncio.gather(*(work(number) for number in range(16)), change())
    await let_jobs_run(world, context)
    assert {await days_to_go(world, activity) for activity in activities} == {10}
    for activity in activities:
        await world.event_types(activity)


async def test_concurrent_changes_of_settings_are_all_recorded_in_a_row(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    await asyncio.gather(
        *(world.set_room_settings(activity_reset_days=days) for days in range(1, 9))
    )
    path = f"/rooms/{world.room_id}/settings/history?company_id={world.company_id}"
    history = (await world.pages(world.admin, path, 3))[::-1]
    assert [change["version"] for change in history] == list(range(1, 10))
    assert all(later["before"] == earlier["after"] for earlier, later in pairwise(history))
    assert {change["changed_by"] for change in history} == {str(world.admin.id)}


async def test_an_interaction_starts_the_deadline_anew_and_a_note_does_not(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    seller = await world.person()
    activity = await world.register(seller, take=True)
    noted = await world.done(seller, activity, "interactions", kind="note", note="мысль")
    assert noted["reset_due_at"] == activity["reset_due_at"]
    called = await world.done(seller, activity, "interactions", kind="call")
    assert moment(called["reset_due_at"]) > moment(activity["reset_due_at"])


async def test_a_passed_deadline_counts_before_the_timer_comes(
    new_world: NewWorld,
) -> None:
    world = await new_world(retake_cooldown_seconds=3600)
    anna, boris = await world.people(2)
    activity = await world.register(anna, take=True)
    await rewind(world, activity, timedelta(days=14, seconds=1))
    late = await world.do(anna, activity, "interactions", kind="call")
    assert (late.status, late.body["code"]) == (409, "not_in_work")
    refused = await world.do(anna, activity, "take")
    assert (refused.status, refused.body["code"]) == (429, "too_soon")
    assert (await world.done(boris, activity, "take"))["responsible_id"] == str(boris.id)
    assert await world.event_types(activity) == [
        "activity.registered",
        "activity.taken",
        "activity.reset",
        "activity.taken",
    ]
    whole = await world.see(activity)
    assert [entry["who"] for entry in whole["timeline"]][2:] == [None, str(boris.id)]
