"""What falls due: VIPs without progress. First which tenants have any, then a batch per tenant."""

from datetime import datetime

from services.vip import handlers
from services.vip.storage.due import tenants_with_due
from shared.ids import TenantId
from shared.service import Timer
from shared.service_context import ServiceContext

BATCH = 100
TENANTS = 500


async def reset_overdue(context: ServiceContext, now: datetime | None = None) -> int:
    """Frees every VIP whose deadline has passed by `now`, the database's clock unless given; how
    many.

    Any number of processes may run it at once: they share the work.
    """
    moment = now or await context.worker.clock()
    count = 0
    for tenant_id in await tenants_with_due(context.worker, moment, TENANTS):
        count += await _reset_tenant(context, tenant_id, moment)
    return count


async def _reset_tenant(context: ServiceContext, tenant_id: TenantId, now: datetime) -> int:
    count = 0
    while True:
        async with context.database.begin_for(tenant_id) as tx:
            events = await handlers.reset_overdue(tx, now, BATCH)
        await context.push(tenant_id, tx.published)
        count += sum(event.type == "vip.released" for event in events)
        if len(events) < BATCH:
            return count


TIMERS = (
    Timer("reset_overdue", every=lambda settings: settings.reset_every_seconds, run=reset_overdue),
)
