"""Timers: overdue activities reset, their responsibles are warned before, and renewals become
activities on their day.

First which tenants have something due, then a batch per tenant.
"""

from datetime import datetime
from uuid import UUID

from services.activities.handlers import alerts, deadlines, opening, planned_settings
from services.activities.storage import renewals
from services.activities.storage.due import TENANTS_WITH_ALERTS, TENANTS_WITH_DUE
from services.activities.storage.planned_settings import TENANTS_WITH_PLANNED
from shared.ids import TenantId
from shared.service import Timer
from shared.service_context import ServiceContext
from shared.tenant_turns import Turn

TENANTS = 1000
RESET_OVERDUE = "reset_overdue"
SEND_ALERTS = "send_alerts"
APPLY_PLANNED = "apply_planned"
OPEN_RENEWALS = "open_renewals"


async def reset_overdue(context: ServiceContext, now: datetime | None = None) -> int:
    """Returns every activity to the pool whose deadline has passed by `now` (the database's clock
    unless given); how many they were.

    Cost follows what is due. Several processes share the work: what one has locked the others skip.
    """
    moment = now or await context.worker.clock()
    rows = await context.worker.across_tenants(TENANTS_WITH_DUE, now=moment, limit=TENANTS)
    count = 0

    async def turn(tenant_id: TenantId, left_out: list[UUID]) -> Turn:
        nonlocal count
        async with context.database.begin_for(tenant_id) as tx:
            batch = await deadlines.reset_overdue(tx, moment, left_out)
        context.metrics.resets.inc(batch.reset)
        count += batch.reset
        return Turn(batch.looked_at == deadlines.BATCH, batch.failed)

    await context.turns.take(RESET_OVERDUE, [row["tenant_id"] for row in rows], turn)
    return count


async def send_alerts(context: ServiceContext, now: datetime | None = None) -> int:
    """Tells of every activity of which somebody is to be told by `now` (the database's clock unless
    given): of its reset, or that nobody has worked it yet; of how many. Shares the work as
    `reset_overdue` does.
    """
    moment = now or await context.worker.clock()
    rows = await context.worker.across_tenants(TENANTS_WITH_ALERTS, now=moment, limit=TENANTS)
    count = 0

    async def turn(tenant_id: TenantId, left_out: list[UUID]) -> Turn:
        nonlocal count
        async with context.database.begin_for(tenant_id) as tx:
            batch = await alerts.send_due(tx, moment, left_out)
        count += batch.sent
        return Turn(batch.looked_at == alerts.BATCH, batch.failed)

    await context.turns.take(SEND_ALERTS, [row["tenant_id"] for row in rows], turn)
    return count


async def open_renewals(context: ServiceContext, now: datetime | None = None) -> int:
    """Makes an activity of every renewal whose day has begun for its company by `now` (the
    database's clock unless given); how many they were. Cost and sharing are as of resets.
    """
    moment = now or await context.worker.clock()
    rows = await context.worker.across_tenants(renewals.TENANTS_WITH_DUE, now=moment, limit=TENANTS)
    count = 0

    async def turn(tenant_id: TenantId, left_out: list[UUID]) -> Turn:
        nonlocal count
        async with context.database.begin_for(tenant_id) as tx:
            batch = await opening.open_due(tx, moment, left_out)
        context.metrics.renewals.inc(batch.opened)
        count += batch.opened
        return Turn(batch.looked_at == opening.BATCH, batch.failed)

    await context.turns.take(OPEN_RENEWALS, [row["tenant_id"] for row in rows], turn)
    return count


async def apply_planned(context: ServiceContext, now: datetime | None = None) -> int:
    """Sets the numbers of every room whose planned day has begun by `now` (the database's clock
    unless given); how many rooms changed. Shares the work as `reset_overdue` does.
    """
    moment = now or await context.worker.clock()
    rows = await context.worker.across_tenants(TENANTS_WITH_PLANNED, now=moment, limit=TENANTS)
    count = 0

    async def turn(tenant_id: TenantId, _: list[UUID]) -> Turn:
        nonlocal count
        async with context.database.begin_for(tenant_id) as tx:
            batch = await planned_settings.apply_planned(tx, moment)
        await context.push(tenant_id, tx.published)
        count += batch.applied
        return Turn(batch.looked_at == planned_settings.BATCH)

    await context.turns.take(APPLY_PLANNED, [row["tenant_id"] for row in rows], turn)
    return count


TIMERS = [
    Timer(APPLY_PLANNED, every=lambda settings: settings.sweep_seconds, run=apply_planned),
    Timer(RESET_OVERDUE, every=lambda settings: settings.sweep_seconds, run=reset_overdue),
    Timer(SEND_ALERTS, every=lambda settings: settings.sweep_seconds, run=send_alerts),
    Timer(OPEN_RENEWALS, every=lambda settings: settings.sweep_seconds, run=open_renewals),
]
