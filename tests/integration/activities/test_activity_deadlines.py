"""Deadlines are stored facts: who is late is judged by them, and each resets once."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from services.activities.metrics import ActivityMetrics
from services.activities.timers import settle, sweep
from shared.db import Database
from tests.integration.activities.conftest import NewWorld
from tests.integration.activities.world import World

METRICS = ActivityMetrics()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def in_work(world: World, count: int) -> list[Any]:
    seller = await world.person()
    return [await world.register(seller, take=True) for _ in range(count)]


async def test_two_sweepers_at_once_reset_each_activity_once(new_world: NewWorld, worker: Database, database: Database) -> None:
    worlds = [await new_world() for _ in range(2)]
    activities = [(world, activity) for world in worlds for activity in await in_work(world, 25)]
    late = datetime.now(UTC) + timedelta(days=14, hours=1)
    await asyncio.gather(*(sweep(worker, database, METRICS, late) for _ in range(2)))
    for world, activity in activities:
        assert await world.assert_told(activity) == ["activity.registered", "activity.taken", "activity.reset"]
        now = await world.see(activity)
        assert (now["status"], now["responsible_id"], now["reset_due_at"]) == ("free", None, None)


async def test_nothing_resets_before_its_deadline_and_everything_at_it(new_world: NewWorld, worker: Database, database: Database) -> None:
    world = await new_world(activity_reset_days=3)
    (activity,) = await in_work(world, 1)
    due = moment(activity["reset_due_at"])
    await sweep(worker, database, METRICS, due - timedelta(microseconds=1))
    assert (await world.see(activity))["status"] == "in_work"
    await sweep(worker, database, METRICS, due)
    assert (await world.see(activity))["status"] == "free"


async def test_who_lost_it_by_reset_waits_and_another_does_not(new_world: NewWorld, worker: Database, database: Database) -> None:
    world = await new_world(activity_reset_days=1, retake_cooldown_seconds=3600)
    anna, boris = await world.people(2)
    activity = await world.register(anna, take=True)
    await sweep(worker, database, METRICS, datetime.now(UTC) + timedelta(days=1, minutes=1))
    refused = await world.do(anna, activity, "take")
    assert (refused.status, refused.body["code"]) == (429, "too_soon")
    assert (await world.done(boris, activity, "take"))["responsible_id"] == str(boris.id)


async def test_changed_numbers_move_every_open_deadline_of_the_company_in_the_room_and_no_other(new_world: NewWorld) -> None:
    world = await new_world()
    activities = await in_work(world, 5)
    seller = await world.person()
    free, lost = await world.register(seller), await world.register(seller, take=True)
    await world.done(seller, lost, "lose", reason="нет бюджета")
    for days in (3, 0, 30):
        await world.set_numbers(activity_reset_days=days)
        for activity in activities:
            now = await world.see(activity)
            due = moment(now["progress_at"]) + timedelta(days=days) if days else None
            assert (moment(now["reset_due_at"]) if now["reset_due_at"] else None) == due
        assert (await world.see(free))["version"] == 1
        assert (await world.see(lost))["reset_due_at"] is None
    assert (await world.assert_told(activities[0]))[2:] == ["activity.deadline_moved"] * 3


async def test_a_deadline_set_by_numbers_read_before_they_changed_is_moved_a_minute_later(
    new_world: NewWorld, worker: Database, database: Database
) -> None:
    world = await new_world(activity_reset_days=14)
    kept, late = await in_work(world, 2)
    await world.set_numbers(activity_reset_days=3)
    # As a take leaves it that had read the old numbers and commits just after the change.
    await world.reader.execute(
        "UPDATE activity SET reset_due_at = progress_at + interval '14 days' WHERE tenant_id = $1 AND id = $2",
        world.tenant_id,
        UUID(late["id"]),
    )
    now = datetime.now(UTC)
    await settle(worker, database, now)
    assert moment((await world.see(late))["reset_due_at"]) > now + timedelta(days=13)
    await settle(worker, database, now + timedelta(seconds=70))
    for activity in (kept, late):
        seen = await world.see(activity)
        assert moment(seen["reset_due_at"]) == moment(seen["progress_at"]) + timedelta(days=3)
    assert (await world.assert_told(kept))[2:] == ["activity.deadline_moved"]
    assert (await world.assert_told(late))[2:] == ["activity.deadline_moved"] * 2
    told = (await world.see(late))["version"]
    await settle(worker, database, now + timedelta(seconds=140))
    assert (await world.see(late))["version"] == told


async def test_every_change_of_the_numbers_is_recorded_from_what_to_what_also_under_concurrency(new_world: NewWorld) -> None:
    world = await new_world()
    await asyncio.gather(*(world.set_numbers(activity_reset_days=days) for days in range(1, 9)))
    path = f"/rooms/{world.room_id}/settings/history?company_id={world.company_id}"
    history = (await world.pages(world.admin, path, 3))[::-1]
    assert [change["version"] for change in history] == list(range(1, 10))
    assert all(later["before"] == earlier["after"] for earlier, later in pairwise(history))
    assert {change["changed_by"] for change in history} == {str(world.admin.id)}


async def test_an_interaction_starts_the_deadline_anew_and_a_note_does_not(new_world: NewWorld) -> None:
    world = await new_world()
    seller = await world.person()
    activity = await world.register(seller, take=True)
    noted = await world.done(seller, activity, "interactions", kind="note", note="мысль")
    assert noted["reset_due_at"] == activity["reset_due_at"]
    called = await world.done(seller, activity, "interactions", kind="call")
    assert moment(called["reset_due_at"]) > moment(activity["reset_due_at"])


async def test_who_let_the_deadline_pass_has_lost_it_before_the_sweeper_comes(new_world: NewWorld) -> None:
    world = await new_world(retake_cooldown_seconds=3600)
    anna, boris = await world.people(2)
    activity = await world.register(anna, take=True)
    await world.reader.execute(
        "UPDATE activity SET reset_due_at = now() - interval '1 second' WHERE tenant_id = $1 AND id = $2",
        world.tenant_id,
        UUID(activity["id"]),
    )
    late = await world.do(anna, activity, "interactions", kind="call")
    assert (late.status, late.body["code"]) == (409, "not_in_work")
    refused = await world.do(anna, activity, "take")
    assert (refused.status, refused.body["code"]) == (429, "too_soon")
    assert (await world.done(boris, activity, "take"))["responsible_id"] == str(boris.id)
    assert await world.assert_told(activity) == ["activity.registered", "activity.taken", "activity.reset", "activity.taken"]
    whole = await world.see(activity)
    assert [entry["who"] for entry in whole["timeline"]][2:] == [None, str(boris.id)]
