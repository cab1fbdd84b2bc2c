"""What is due to a person gets onto their list, if they may still read it and chose to."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.gateway.domain.fanning_out import Work
from services.gateway.domain.notices import Reader
from services.gateway.domain.notifying import NotificationSettings
from services.gateway.reminders.audience import people_of
from services.gateway.storage import notification_settings, notifications, room_notices
from shared.db import Tx
from shared.db.transaction import Row

BATCH = 100


class Shown(NamedTuple):
    """What became of a batch: how many were looked at, and who got what."""

    looked_at: int
    notifications: list[Row]


async def show_due(tx: Tx, now: datetime) -> Shown:
    """Shows a batch of what is due by `now`, and drops what is no longer so, is not theirs to read
    any more, or was not chosen.
    """
    await tx.read_clock()
    rows = await notifications.lock_due(tx, now, BATCH)
    if not rows:
        return Shown(0, [])
    people = await people_of(tx)
    chosen = await notification_settings.find_all(tx, {row["employee_id"] for row in rows})
    activities = {row["activity_id"] for row in rows if row["activity_id"]}
    works = await room_notices.works_of(tx, activities)
    shown = [row for row in rows if is_told(row, people, chosen, works)]
    ids = {row["id"] for row in shown}
    await notifications.show(tx, list(ids), now)
    await notifications.drop(tx, [row["id"] for row in rows if row["id"] not in ids])
    return Shown(len(rows), shown)


def is_told(
    row: Row,
    people: Mapping[UUID, Reader],
    chosen: Mapping[UUID, NotificationSettings],
    works: Mapping[UUID, Work],
) -> bool:
    """Whether a notification that is due still holds, and reaches the person."""
    employee_id, kind = row["employee_id"], row["kind"]
    work = works.get(row["activity_id"])
    reader = people.get(employee_id)
    if reader is None or not chosen[employee_id].of(kind).enabled:
        return False
    if not reader.may_read(kind, work.room_id if work else row["room_id"]):
        return False
    if kind == "next_step":
        return work is not None and work.reminds(employee_id, row["moment"])
    return True
