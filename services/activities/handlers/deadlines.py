"""What happens to activities by themselves, a batch a transaction: they reset, and their deadlines
follow the numbers of the room.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.activities import events as published
from services.activities.domain import taking
from services.activities.domain.activity import Activity, DomainEvent
from services.activities.storage import directory, due, repository
from services.activities.storage.mapping import room_settings_of
from shared.db import Database, Tx
from shared.ids import ActivityId, TenantId

BATCH = 100


async def reset_overdue(tx: Tx, activity_ids: Sequence[ActivityId], now: datetime) -> int:
    """Return to the pool those of the locked `activity_ids` whose deadline has passed by `now`; how
    many they were.
    """
    count = 0
    for activity_id in activity_ids:
        found = await repository.lock(tx, activity_id)
        events = taking.catch_up(found.activity, found.room_settings, now)
        await _save(tx, found.activity, events)
        count += any(each.what == "activity.reset" for each in events)
    return count


async def realign_deadlines(
    database: Database, tenant_id: TenantId, room_id: UUID, company_id: UUID, most: int
) -> int:
    """Moves deadlines of the company in the room to where its numbers put them; how many stood
    elsewhere, of `most` that were looked for.

    A room may have more in work than one transaction should hold. What somebody works on at this
    moment is left to the next look; until then commands judge by the numbers, not by the deadline
    that is written (`taking.catch_up`). Raises `Unavailable`.
    """
    async with database.begin_for(tenant_id) as tx:
        row = await tx.row(directory.SETTINGS, room_id=room_id, company_id=company_id)
        ids = (
            await due.with_outdated_deadline(tx, room_id, company_id, room_settings_of(row), most)
            if row
            else []
        )
    for start in range(0, len(ids), BATCH):
        async with database.begin_for(tenant_id) as tx:
            await _follow(tx, room_id, company_id, ids[start : start + BATCH])
    return len(ids)


async def _follow(tx: Tx, room_id: UUID, company_id: UUID, ids: Sequence[ActivityId]) -> None:
    row = await tx.row(directory.SETTINGS, room_id=room_id, company_id=company_id)
    assert row
    room_settings = room_settings_of(row)
    await tx.read_clock()
    for activity in await due.lock_those(tx, ids):
        await _save(tx, activity, taking.move_deadline(activity, room_settings))


async def _save(tx: Tx, activity: Activity, events: Sequence[DomainEvent]) -> None:
    if events:
        published.publish(tx, events, None, activity)
        await repository.save(tx, activity, events, None)
