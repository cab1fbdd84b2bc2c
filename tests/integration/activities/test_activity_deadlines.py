"""Deadlines are stored facts: who is late is judged by them, and each resets once."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from services.activities import timers
from services.activities.handlers import deadlines
from services.activities.timers import realign_deadlines, reset_overdue
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
        "UPDATE activity SET progress_at = now() - $3::interval, reset_due_at = reset_due_at - (progress_at - now()) - $3::interval"
        " WHERE tenant_id = $1 AND id = $2",
        world.tenant_id,
        UUID(activity["id"]),
        since,
    )


async def test_two_sweepers_at_once_reset_each_activity_once(
    new_world: NewWorld, context: ServiceContext
) -> None:
    worlds = [await new_world() for _ in range(2)]
    activities = [(world, activity) for world in worlds for activity in await in_work(world, 25)]
    late = datetime.now(UTC) + timedelta(days=14, hours=1)
    await asyncio.gather(*(reset_overdue(context, late) for _ in range(2)))
    for world, activity in activities:
        assert await world.assert_told(activity) == [
            "activity.registered",
            "activity.taken",
            "activity.reset",
        ]
        now = await world.see(activity)
        assert (now["status"], now["responsible_id"], now["reset_due_at"]) == ("free", None, None)


async def test_nothing_resets_before_its_deadline_and_everything_at_it(
    new_world: NewWorld, context: ServiceContext
) -> None:
    world = await new_world(activity_reset_days=3)
    (activity,) = await in_work(world, 1)
    due = moment(activity["reset_due_at"])
    await reset_overdue(context, due - timedelta(microseconds=1))
    assert (await world.see(activity))["status"] == "in_work"
    await reset_overdue(context, due)
    assert (await world.see(activity))["status"] == "free"


async def test_who_lost_it_by_reset_waits_and_another_does_not(
    new_world: NewWorld, context: ServiceContext
) -> None:
    world = await new_world(activity_reset_days=1, retake_cooldown_seconds=3600)
    anna, boris = await world.people(2)
    activity = await world.register(anna, take=True)
    await reset_overdue(context, datetime.now(UTC) + timedelta(days=1, minutes=1))
    refused = await world.do(anna, activity, "take")
    assert (refused.status, refused.body["code"]) == (429, "too_soon")
    assert (await world.done(boris, activity, "take"))["responsible_id"] == str(boris.id)


async def test_changed_numbers_move_every_open_deadline_of_the_company_in_the_room_and_no_other(
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
    assert (await world.assert_told(activities[0]))[2:] == ["activity.deadline_moved"] * 3


async def misplace(world: World, activity: Any, days: int) -> None:
    """As a command leaves the deadline that had read other numbers and commits just after these
    were set.
    """
    await world.reader.execute(
        "UPDATE activity SET reset_due_at = progress_at + make_interval(days => $3) WHERE tenant_id = $1 AND id = $2",
        world.tenant_id,
        UUID(activity["id"]),
        days,
    )


async def days_to_go(world: World, activity: Any) -> float:
    now = await world.see(activity)
    return (moment(now["reset_due_at"]) - moment(now["progress_at"])) / timedelta(days=1)


async def test_a_deadline_set_by_numbers_read_before_they_changed_is_moved_for_a_minute(
    new_world: NewWorld, context: ServiceContext
) -> None:
    world = await new_world(activity_reset_days=14)
    kept, late = await in_work(world, 2)
    await world.set_room_settings(activity_reset_days=3)
    now = datetime.now(UTC)
    for passed in (1, 55):
        await misplace(world, late, 14)
        await realign_deadlines(context, now + timedelta(seconds=passed))
        assert [await days_to_go(world, each) for each in (kept, late)] == [3, 3]
    await realign_deadlines(context, now + timedelta(seconds=70))
    assert (await world.assert_told(kept))[2:] == ["activity.deadline_moved"]
    assert (await world.assert_told(late))[2:] == ["activity.deadline_moved"] * 3
    # From then on it costs nothing: nobody looks any more.
    await misplace(world, late, 14)
    await realign_deadlines(context, now + timedelta(seconds=140))
    assert await days_to_go(world, late) == 14


async def test_a_large_room_is_moved_in_batches_by_two_at_once_and_each_deadline_once(
    new_world: NewWorld, context: ServiceContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "BATCH", 3)
    monkeypatch.setattr(timers, "MOST", 7)
    world = await new_world(activity_reset_days=14)
    activities = await in_work(world, 20)
    await world.reader.execute(
        "UPDATE room_settings SET activity_reset_days = 5 WHERE tenant_id = $1", world.tenant_id
    )
    for _ in range(3):
        await asyncio.gather(*(realign_deadlines(context) for _ in range(2)))
    assert {await days_to_go(world, each) for each in activities} == {5}
    for activity in activities:
        assert (await world.assert_told(activity))[2:] == ["activity.deadline_moved"]


async def test_changed_numbers_do_not_wait_for_what_somebody_works_on(
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
        assert [await days_to_go(world, each) for each in (held, idle)] == [14, 3]
    await realign_deadlines(context)
    assert [await days_to_go(world, each) for each in (held, idle)] == [3, 3]


async def test_before_its_deadline_is_moved_a_command_judges_by_the_numbers(
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
    assert (await world.assert_told(longer))[2:] == [
        "activity.deadline_moved",
        "interaction.recorded",
    ]
    refused = await world.do(seller, shorter, "interactions", kind="call")
    assert (refused.status, refused.body["code"]) == (409, "not_in_work")


async def test_a_sweep_does_not_reset_what_changed_numbers_have_given_more_time(
    new_world: NewWorld, context: ServiceContext
) -> None:
    world = await new_world(activity_reset_days=14)
    (activity,) = await in_work(world, 1)
    await rewind(world, activity, timedelta(days=10))
    await misplace(world, activity, 5)
    await reset_overdue(context)
    assert (await world.see(activity))["status"] == "in_work"
    assert await days_to_go(world, activity) == 14


async def test_numbers_that_change_while_sellers_work_govern_every_deadline(
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
    await realign_deadlines(context, datetime.now(UTC) + timedelta(seconds=70))
    assert {await days_to_go(world, activity) for activity in activities} == {10}
    for activity in activities:
        await world.assert_told(activity)


async def test_every_change_of_the_numbers_is_recorded_from_what_to_what_also_under_concurrency(
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


async def test_who_let_the_deadline_pass_has_lost_it_before_the_sweeper_comes(
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
    assert await world.assert_told(activity) == [
        "activity.registered",
        "activity.taken",
        "activity.reset",
        "activity.taken",
    ]
    whole = await world.see(activity)
    assert [entry["who"] for entry in whole["timeline"]][2:] == [None, str(boris.id)]
