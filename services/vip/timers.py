"""What falls due: VIPs without progress. First which tenants have any, then a batch per tenant."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import bindparam, func, select

from services.vip import handlers
from services.vip.replicas import Owner
from services.vip.storage.tables import vip
from shared.db import Database, compiled
from shared.db.tables import Moment
from shared.ids import TenantId

log = structlog.get_logger()

BATCH = 100
TENANTS = 500
DUE = compiled(
    select(vip.c.tenant_id)
    .where(vip.c.reset_due_at <= bindparam("now", type_=Moment))
    .group_by(vip.c.tenant_id)
    .order_by(func.min(vip.c.reset_due_at))
    .limit(TENANTS)
)


class Sweeper:
    """Frees overdue VIPs; any number of them may run at once.

    `worker` may see which tenants have something due, nothing else.
    """

    def __init__(self, database: Database, worker: Database, owner: Owner) -> None:
        self._database, self._worker, self._owner = database, worker, owner

    async def sweep(self) -> None:
        """Frees what is due by the database's clock."""
        await self.reset_overdue(await self._worker.clock())

    async def reset_overdue(self, now: datetime) -> int:
        """Frees every VIP whose deadline has passed by `now`; how many."""
        tenants = await self._worker.across_tenants(DUE, now=now)
        return sum(
            [
                await self._reset_tenant(TenantId(UUID(str(row["tenant_id"]))), now)
                for row in tenants
            ]
        )

    async def _reset_tenant(self, tenant_id: TenantId, now: datetime) -> int:
        freed = 0
        while True:
            async with self._database.begin_for(tenant_id) as tx:
                found, told = await handlers.reset_overdue(tx, now, BATCH)
            await self._owner.tell(tenant_id, told)
            freed += found
            if found < BATCH:
                return freed
