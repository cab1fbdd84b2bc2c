"""What falls due: resets, and the warnings before. First which tenants have any, then a batch per
tenant.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from services.vip import handlers
from services.vip.handlers.resetting import ResetBatch
from services.vip.storage.due import tenants_with_due, tenants_with_warnings
from shared.db import Tx
from shared.ids import TenantId
from shared.service import Timer
from shared.service_context import ServiceContext
from shared.tenant_turns import Turn

RESET_OVERDUE = "reset_overdue"
SEND_WARNINGS = "send_warnings"
BATCH = 100
TENANTS = 500

TakeBatch = Callable[[Tx, datetime, int, Sequence[UUID]], Awaitable[ResetBatch]]


async def reset_overdue(context: ServiceContext, now: datetime | None = None) -> int:
    """Frees every VIP whose deadline has passed by `now`, the database's clock unless given; how
    many.

    Any number of processes may run it at once: they share the work.
    """
    moment = now or await context.worker.clock()
    tenants = await tenants_with_due(context.worker, moment, TENANTS)
    types = await _take_turns(context, RESET_OVERDUE, tenants, moment, handlers.reset_overdue)
    return types.count("vip.released")


async def send_warnings(context: ServiceContext, now: datetime | None = None) -> int:
    """Warns the holder of every VIP whose reset is near by `now`, as `reset_overdue`; how many."""
    moment = now or await context.worker.clock()
    tenants = await tenants_with_warnings(context.worker, moment, TENANTS)
    types = await _take_turns(context, SEND_WARNINGS, tenants, moment, handlers.send_warnings)
    return types.count("vip.reset_warned")


async def _take_turns(
    context: ServiceContext,
    name: str,
    tenants: Sequence[TenantId],
    moment: datetime,
    take: TakeBatch,
) -> list[str]:
    """Takes a batch of each tenant after the other until nothing is due; the types of events."""
    types: list[str] = []

    async def turn(tenant_id: TenantId, left_out: list[UUID]) -> Turn:
        async with context.database.begin_for(tenant_id) as tx:
            batch = await take(tx, moment, BATCH, left_out)
        await context.push(tenant_id, tx.published)
        types.extend(event.type for event in batch.events)
        return Turn(len(batch.events) + len(batch.failed) >= BATCH, batch.failed)

    await context.turns.take(name, tenants, turn)
    return types


TIMERS = (
    Timer(RESET_OVERDUE, every=lambda settings: settings.reset_every_seconds, run=reset_overdue),
    Timer(SEND_WARNINGS, every=lambda settings: settings.warn_every_seconds, run=send_warnings),
)
