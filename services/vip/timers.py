"""What falls due: VIPs without progress. First which tenants have any, then a batch per tenant."""

from datetime import datetime
from uuid import UUID

from services.vip import handlers
from services.vip.storage.due import tenants_with_due
from shared.ids import TenantId
from shared.service import Timer
from shared.service_context import ServiceContext
from shared.tenant_turns import Turn

RESET_OVERDUE = "reset_overdue"
BATCH = 100
TENANTS = 500


async def reset_overdue(context: ServiceContext, now: datetime | None = None) -> int:
    """Frees every VIP whose deadline has passed by `now`, the database's clock unless given; how
    many.

    Any number of processes may run it at once: they share the work.
    """
    moment = now or await context.worker.clock()
    count = 0

    async def turn(tenant_id: TenantId, left_out: list[UUID]) -> Turn:
        nonlocal count
        async with context.database.begin_for(tenant_id) as tx:
            batch = await handlers.reset_overdue(tx, moment, BATCH, left_out)
        await context.push(tenant_id, tx.published)
        count += sum(event.type == "vip.released" for event in batch.events)
        return Turn(len(batch.events) + len(batch.failed) >= BATCH, batch.failed)

    tenants = await tenants_with_due(context.worker, moment, TENANTS)
    await context.turns.take(RESET_OVERDUE, tenants, turn)
    return count


TIMERS = (
    Timer(RESET_OVERDUE, every=lambda settings: settings.reset_every_seconds, run=reset_overdue),
)
