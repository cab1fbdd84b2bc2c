"""VIPs without progress for too long become free for others (manual: «Период сброса ответственного
у очень важного клиента»).
"""

from datetime import datetime

from services.vip.domain.holding import free
from services.vip.handlers.publishing import save
from services.vip.storage import repository
from shared.db import Tx
from shared.replicas.snapshot import Snapshot


async def reset_overdue(tx: Tx, now: datetime, batch: int) -> tuple[int, list[Snapshot]]:
    """Frees up to `batch` of the tenant's VIPs whose deadline has passed by `now`; how many, and
    the facts.
    """
    due = await repository.lock_due(tx, now, batch)
    told: list[Snapshot] = []
    for company_id in sorted({vip.company_id for vip in due}):
        told += await save(tx, [free(vip, "reset") for vip in due if vip.company_id == company_id])
    return len(due), told
