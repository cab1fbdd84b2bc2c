"""VIPs without progress for too long become free for others (manual: «Период сброса
ответственного у очень важного клиента»).
"""

from datetime import datetime
from itertools import groupby

from services.vip.domain.progress import reset
from services.vip.domain.vip import DomainEvent
from services.vip.handlers.publishing import save
from services.vip.storage import directory, due
from shared.db import Tx


async def reset_overdue(tx: Tx, now: datetime, limit: int) -> list[DomainEvent]:
    """Frees up to `limit` of the tenant's VIPs whose deadline has passed by `now`.

    A deadline that changed room settings put elsewhere moves instead.
    """
    vips = await due.lock_due(tx, now, limit)
    vips.sort(key=lambda vip: (vip.company_id, vip.room_id, vip.id))
    events: list[DomainEvent] = []
    for (company_id, room_id), of_room in groupby(
        vips, key=lambda vip: (vip.company_id, vip.room_id)
    ):
        room_settings = await directory.find_settings(tx, room_id, company_id)
        room_events = [event for vip in of_room for event in reset(vip, room_settings, now)]
        await save(tx, room_events)
        events += room_events
    return events
