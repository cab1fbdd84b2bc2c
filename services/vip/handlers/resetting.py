"""VIPs without progress for too long become free for others (manual: «Период сброса ответственного
у очень важного клиента»).
"""

from datetime import datetime

from services.vip.domain.holding import free
from services.vip.domain.progress import realign
from services.vip.handlers.publishing import save
from services.vip.storage import directory, due
from shared.db import Tx
from shared.ids import CompanyId, EmployeeId, RoomId


async def reset_overdue(tx: Tx, now: datetime, limit: int) -> int:
    """Frees up to `limit` of the tenant's VIPs whose deadline has passed by `now`; how many."""
    vips = await due.lock_due(tx, now, limit)
    for company_id in sorted({vip.company_id for vip in vips}):
        await save(tx, [free(vip, "reset") for vip in vips if vip.company_id == company_id])
    return len(vips)


async def realign_room(
    tx: Tx, room_id: RoomId, company_id: CompanyId, by: EmployeeId | None
) -> None:
    """Moves the deadlines of everything held in the room for the company to where its changed
    settings put them.
    """
    room_settings = await directory.settings_or_defaults(tx, room_id, company_id)
    vips = await due.lock_room(tx, room_id, company_id)
    await save(tx, [event for vip in vips for event in realign(vip, room_settings)], by)
