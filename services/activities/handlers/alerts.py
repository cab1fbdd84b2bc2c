"""Telling people in time, a batch a transaction: of a reset that is near, and of what nobody has
worked yet.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.activities.domain.releasing import catch_up, tell_untouched, warn_of_reset
from services.activities.handlers.due_batch import DueBatch
from services.activities.handlers.saving import save_events
from services.activities.storage import due, locking
from shared.db import Tx
from shared.ids import ActivityId
from shared.isolation import apply_or_halve

BATCH = 100


async def send_due(tx: Tx, now: datetime, left_out: Sequence[UUID] = ()) -> DueBatch:
    """Tells what is due by `now` of a batch of activities, but for those `left_out`.

    The warning is stored with its event: each is sent once, whatever is killed in between.
    """
    activity_ids = await due.lock_alerts(tx, now, BATCH, left_out)

    async def send(ids: Sequence[ActivityId]) -> int:
        return sum([await _send(tx, activity_id, now) for activity_id in ids])

    isolated = await apply_or_halve(tx, activity_ids, send)
    return DueBatch(len(activity_ids), sum(isolated.results), isolated.failed)


async def _send(tx: Tx, activity_id: ActivityId, now: datetime) -> bool:
    """Judges by the present settings: the deadline may have moved, or passed."""
    locked = await locking.lock(tx, activity_id)
    pending = catch_up(locked.activity, locked.room_settings, now)
    activity = pending[-1].after if pending else locked.activity
    told = tell_untouched(activity, locked.room_settings, now)
    told += warn_of_reset(told[-1].after if told else activity, now)
    if new_events := [*pending, *told]:
        await save_events(tx, locked.stored, new_events, None)
    return bool(told)
