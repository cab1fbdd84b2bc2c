"""What time and room settings do to activities, a batch a transaction: they reset, and their
deadlines follow the settings.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.activities import events
from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.releasing import catch_up, realign_deadline
from services.activities.storage import activities, due, room_settings
from services.activities.storage.mapping import room_settings_of
from shared.db import Database, Tx
from shared.ids import ActivityId, TenantId

BATCH = 100


async def reset_overdue(tx: Tx, now: datetime) -> tuple[int, int]:
    """Returns a batch of activities to the pool whose deadline has passed by `now`; how many were
    looked at, and how many of them were reset.
    """
    activity_ids = await due.lock_due(tx, now, BATCH)
    count = 0
    for activity_id in activity_ids:
        locked = await activities.lock(tx, activity_id)
        pending = catch_up(locked.activity, locked.room_settings, now)
        await _save(tx, locked.activity, pending)
        count += any(event.type == "activity.reset" for event in pending)
    return len(activity_ids), count


async def realign_deadlines(
    database: Database, tenant_id: TenantId, room_id: UUID, company_id: UUID, most: int
) -> int:
    """Moves deadlines of the company in the room to where the room settings put them; how many
    stood elsewhere, of `most` that were looked for.

    A room may have more in work than one transaction should hold. What somebody works on at this
    moment is left to the next look; until then commands judge by the settings, not by the deadline
    that is written (`releasing.catch_up`). Raises `Unavailable`.
    """
    async with database.begin_for(tenant_id) as tx:
        row = await room_settings.find(tx, room_id, company_id)
        settings = room_settings_of(row)
        ids = (
            await due.with_outdated_deadline(tx, room_id, company_id, settings, most) if row else []
        )
    for start in range(0, len(ids), BATCH):
        async with database.begin_for(tenant_id) as tx:
            await _realign(tx, room_id, company_id, ids[start : start + BATCH])
    return len(ids)


async def _realign(tx: Tx, room_id: UUID, company_id: UUID, ids: Sequence[ActivityId]) -> None:
    settings = room_settings_of(await room_settings.find(tx, room_id, company_id))
    await tx.read_clock()
    for activity in await due.lock_available(tx, ids):
        await _save(tx, activity, realign_deadline(activity, settings))


async def _save(tx: Tx, stored: Activity, new_events: Sequence[DomainEvent]) -> None:
    if new_events:
        events.publish(tx, new_events, None, stored)
        await activities.save(tx, stored, new_events, None)
