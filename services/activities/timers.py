"""What falls due: resets. First which tenants have something due, then a batch per tenant."""

from datetime import datetime

from services.activities.handlers.activities import reset_overdue
from services.activities.metrics import ActivityMetrics
from services.activities.storage.open_activities import TENANTS_WITH_DUE, lock_due
from shared.db import Database
from shared.ids import TenantId

BATCH = 100
TENANTS = 1000


async def sweep(worker: Database, database: Database, metrics: ActivityMetrics, now: datetime | None = None) -> int:
    """Returns to the pool every activity whose deadline passed by `now` (the database's clock unless given); how many they were.

    Cost follows what is due. Several sweepers share the work: what one has locked the others skip.
    """
    moment: datetime = now or await worker.clock()
    tenants = await worker.across_tenants(TENANTS_WITH_DUE, now=moment, limit=TENANTS)
    swept = 0
    for row in tenants:
        while batch := await _sweep_tenant(database, row["tenant_id"], moment):
            swept += batch
    metrics.resets.inc(swept)
    return swept


async def _sweep_tenant(database: Database, tenant_id: TenantId, moment: datetime) -> int:
    async with database.begin_for(tenant_id) as tx:
        return await reset_overdue(tx, await lock_due(tx, moment, BATCH), moment)
