"""What falls due: resets, and deadlines by changed numbers. First which tenants have something due, then a batch per tenant."""

from datetime import datetime, timedelta

from services.activities.handlers.activities import reset_overdue
from services.activities.handlers.directory import settle_numbers
from services.activities.metrics import ActivityMetrics
from services.activities.storage.directory import UNSETTLED
from services.activities.storage.open_activities import TENANTS_WITH_DUE, lock_due
from shared.db import Database
from shared.ids import TenantId

BATCH = 100
TENANTS = 1000
# Longer than any command lives: statements end after 15 s, silent transactions after 20 s.
SETTLED_AFTER = timedelta(seconds=60)


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


async def settle(worker: Database, database: Database, now: datetime | None = None) -> int:
    """Looks once more at the open activities of rooms whose numbers changed a minute before `now`; how many rooms they were.

    A command that had read the old numbers may have set its deadline by them just after the change had moved all others.
    """
    before = (now or await worker.clock()) - SETTLED_AFTER
    changed = await worker.across_tenants(UNSETTLED, before=before)
    for row in changed:
        async with database.begin_for(row["tenant_id"]) as tx:
            await settle_numbers(tx, row["room_id"], row["company_id"], before)
    return len(changed)
