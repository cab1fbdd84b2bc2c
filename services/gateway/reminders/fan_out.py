"""What concerns the people of a room becomes a notification of each of them, as it falls due."""

from datetime import datetime

from services.gateway.domain.fanning_out import bundled, personal
from services.gateway.reminders.audience import people_of
from services.gateway.storage import notifications, room_notices
from shared.db import Tx

BATCH = 200


async def fan_out(tx: Tx, now: datetime) -> int:
    """Gives a batch of what is due by `now` to whom it concerns; how many notices it was.

    Of what came into a pool only what is still free is told, in one notification.
    """
    await tx.read_clock()
    notices = await room_notices.lock_due(tx, now, BATCH)
    if not notices:
        return 0
    works = await room_notices.works_of(tx, {notice.subject_id for notice in notices})
    valid = [
        notice
        for notice in notices
        if notice.subject_id in works and works[notice.subject_id].bears(notice)
    ]
    people = (await people_of(tx)).values() if valid else []
    await notifications.plan(tx, personal(bundled(valid), people, now))
    await room_notices.settle(tx, notices)
    return len(notices)
