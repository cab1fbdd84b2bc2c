"""Resets of overdue activities, and deadlines that follow changed room settings: a batch a
transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.releasing import catch_up, realign_deadline
from services.activities.domain.room_settings import RoomSettings
from services.activities.handlers.due_batch import DueBatch
from services.activities.handlers.saving import save_events
from services.activities.storage import due, locking, planned_settings, room_settings
from services.activities.storage.mapping import room_settings_of
from shared.db import Tx
from shared.ids import ActivityId, EmployeeId
from shared.isolation import apply_or_halve
from shared.jobs import Job, enqueue

REALIGN_DEADLINES = "realign_deadlines"
BATCH = 100
AGAIN_AFTER = timedelta(seconds=5)
# Longer than any command lives: statements end after 15 s, silent transactions after 20 s.
LAST_LOOK_AFTER = timedelta(seconds=60)
_FIRST = UUID(int=0)


async def reset_overdue(tx: Tx, now: datetime, left_out: Sequence[UUID] = ()) -> DueBatch:
    """Returns a batch of activities to the pool whose deadline has passed by `now`, but for those
    `left_out`. One that fails does not keep the others.
    """
    activity_ids = await due.lock_due(tx, now, BATCH, left_out)

    async def reset(ids: Sequence[ActivityId]) -> int:
        return sum([await _reset(tx, activity_id, now) for activity_id in ids])

    isolated = await apply_or_halve(tx, activity_ids, reset)
    return DueBatch(len(activity_ids), sum(isolated.results), isolated.failed)


async def _reset(tx: Tx, activity_id: ActivityId, now: datetime) -> bool:
    locked = await locking.lock(tx, activity_id)
    pending = catch_up(locked.activity, locked.room_settings, now)
    await _save(tx, locked.activity, pending)
    return any(event.type == "activity.reset" for event in pending)


async def enqueue_realignment(tx: Tx, room_id: UUID, company_id: UUID, owner_id: EmployeeId) -> Job:
    """Enqueues the job that moves a room's deadlines to where its changed settings put them.

    A command that had read the old settings may write a deadline by them after the change, so the
    room is looked at once more when no such command can still be under way.
    """
    now = await tx.read_clock()
    await _enqueue(tx, room_id, company_id, "last", now + LAST_LOOK_AFTER)
    return await _enqueue(tx, room_id, company_id, "first", now, owner_id)


async def follow_time_zone(tx: Tx, company_id: UUID, time_zone: str) -> None:
    """Enqueues the jobs that move what a company's new time zone moves: its working days begin and
    end at other moments.
    """
    assert tx.caller
    await planned_settings.follow_time_zone(tx, company_id, time_zone)
    for room_id in await room_settings.follow_time_zone(tx, company_id, time_zone):
        await enqueue_realignment(tx, room_id, company_id, tx.caller.employee_id)


async def count_outdated(tx: Tx, room_id: UUID, company_id: UUID) -> int:
    """Counts the deadlines of a room that are not where its settings put them."""
    settings = room_settings_of(await room_settings.find(tx, room_id, company_id))
    count, after = 0, _FIRST
    while True:
        outdated = await due.find_outdated(tx, room_id, company_id, settings, after, due.PAGE)
        count += len(outdated.ids)
        if outdated.last is None:
            return count
        after = outdated.last


@dataclass(frozen=True, slots=True)
class RealignedBatch:
    """How many deadlines moved or failed to, and which failed; the next batch begins past `last`,
    None at the end.
    """

    count: int
    last: UUID | None
    failed: Sequence[tuple[ActivityId, Exception]] = ()


async def realign_deadlines(
    tx: Tx, room_id: UUID, company_id: UUID, after: UUID | None
) -> RealignedBatch:
    """Moves a batch of a room's deadlines to where its settings put them, past the id `after`.

    What somebody works on at this moment is left to another job; until then commands judge by the
    settings, not by the deadline that is written (`releasing.catch_up`).
    """
    await tx.read_clock()
    settings = room_settings_of(await room_settings.find(tx, room_id, company_id))
    outdated = await due.find_outdated(tx, room_id, company_id, settings, after or _FIRST, BATCH)
    batch = await due.lock_unlocked(tx, outdated.ids, settings)

    async def realign(part: Sequence[tuple[Activity, RoomSettings]]) -> int:
        moves = [(activity, realign_deadline(activity, its)) for activity, its in part]
        for activity, moved in moves:
            await _save(tx, activity, moved)
        return sum(bool(moved) for _, moved in moves)

    isolated = await apply_or_halve(tx, batch, realign)
    if len(batch) < len(outdated.ids):
        await _enqueue(tx, room_id, company_id, "again", tx.now + AGAIN_AFTER)
    failed = [(activity.id, failure) for (activity, _), failure in isolated.failed]
    count = sum(isolated.results) + len(failed)
    return RealignedBatch(count, outdated.last, failed)


async def _enqueue(
    tx: Tx,
    room_id: UUID,
    company_id: UUID,
    look: str,
    run_at: datetime,
    owner_id: EmployeeId | None = None,
) -> Job:
    return await enqueue(
        tx,
        REALIGN_DEADLINES,
        {"room_id": str(room_id), "company_id": str(company_id)},
        owner_id=owner_id,
        dedupe_key=f"{room_id}:{company_id}:{look}",
        run_at=run_at,
    )


async def _save(tx: Tx, stored: Activity, new_events: Sequence[DomainEvent]) -> None:
    if new_events:
        await save_events(tx, stored, new_events, None)
