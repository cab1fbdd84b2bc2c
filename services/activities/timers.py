"""Timers: overdue activities reset.

First which tenants have something due, then a batch per tenant.
"""

from datetime import datetime

from services.activities.handlers import deadlines
from services.activities.storage.due import TENANTS_WITH_DUE
from shared.ids import TenantId
from shared.service import Timer
from shared.service_context import ServiceContext

TENANTS = 1000


async def reset_overdue(context: ServiceContext, now: datetime | None = None) -> int:
    """Returns every activity to the pool whose deadline has passed by `now` (the database's clock
    unless given); how many they were.

    Cost follows what is due. Several processes share the work: what one has locked the others skip.
    """
    moment = now or await context.worker.clock()
    rows = await context.worker.across_tenants(TENANTS_WITH_DUE, now=moment, limit=TENANTS)
    return sum([await _reset_tenant(context, row["tenant_id"], moment) for row in rows])


async def _reset_tenant(context: ServiceContext, tenant_id: TenantId, moment: datetime) -> int:
    looked_at, total = deadlines.BATCH, 0
    while looked_at == deadlines.BATCH:
        async with context.database.begin_for(tenant_id) as tx:
            looked_at, reset = await deadlines.reset_overdue(tx, moment)
        context.metrics.resets.inc(reset)
        total += reset
    return total


TIMERS = [
    Timer("reset_overdue", every=lambda settings: settings.sweep_seconds, run=reset_overdue),
]
