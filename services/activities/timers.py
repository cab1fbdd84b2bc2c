"""What is due: resets, and deadlines that follow changed numbers.

First which tenants have something due, then a batch per tenant.
"""

from datetime import datetime, timedelta

from services.activities.handlers.deadlines import BATCH, realign_deadlines, reset_overdue
from services.activities.metrics import ActivityMetrics
from services.activities.storage.directory import SETTLED, UNSETTLED
from services.activities.storage.due import TENANTS_WITH_DUE, lock_due
from shared.db import Database
from shared.ids import TenantId

TENANTS = 1000
ROOMS = 1000
MOST = 10_000
"""How many deadlines of a room move before the next room has its turn."""
# Longer than any command lives: statements end after 15 s, silent transactions after 20 s.
SETTLED_AFTER = timedelta(seconds=60)


async def sweep(
    worker: Database, database: Database, metrics: ActivityMetrics, now: datetime | None = None
) -> int:
    """Returns to the pool every activity whose deadline passed by `now` (the database's clock
    unless given); how many they were.

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


async def settle(worker: Database, database: Database, now: datetime | None = None) -> None:
    """Moves the deadlines of rooms whose numbers changed, until a minute after a change all are
    where its numbers put them.

    A command that had read the old numbers may set a deadline by them after the change, so a first
    look is not enough.
    """
    moment: datetime = now or await worker.clock()
    for row in await worker.across_tenants(UNSETTLED, limit=ROOMS):
        room_id, company_id = row["room_id"], row["company_id"]
        moved = await realign_deadlines(database, row["tenant_id"], room_id, company_id, MOST)
        if not moved:
            async with database.begin_for(row["tenant_id"]) as tx:
                await tx.rows(
                    SETTLED, room_id=room_id, company_id=company_id, before=moment - SETTLED_AFTER
                )
