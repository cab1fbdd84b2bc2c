"""What falls due: overdue activities reset, and deadlines that changed room settings have moved.

First which tenants have something due, then a batch per tenant.
"""

from datetime import datetime, timedelta

from services.activities.handlers import deadlines
from services.activities.storage.due import TENANTS_WITH_DUE
from services.activities.storage.room_settings import UNSETTLED, settle
from shared.ids import TenantId
from shared.service import Timer
from shared.service_context import ServiceContext

TENANTS = 1000
ROOMS = 1000
MOST = 10_000
"""How many deadlines of a room move before the next room has its turn."""
# Longer than any command lives: statements end after 15 s, silent transactions after 20 s.
SETTLED_AFTER = timedelta(seconds=60)


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


async def realign_deadlines(context: ServiceContext, now: datetime | None = None) -> None:
    """Moves the deadlines of rooms whose settings changed, until a minute after a change all are
    where the settings put them.

    A command that had read the old settings may set a deadline by them after the change, so a first
    look is not enough.
    """
    moment = now or await context.worker.clock()
    for row in await context.worker.across_tenants(UNSETTLED, limit=ROOMS):
        tenant_id, room_id, company_id = row["tenant_id"], row["room_id"], row["company_id"]
        if not await deadlines.realign_deadlines(
            context.database, tenant_id, room_id, company_id, MOST
        ):
            async with context.database.begin_for(tenant_id) as tx:
                await settle(tx, room_id, company_id, moment - SETTLED_AFTER)


TIMERS = [
    Timer("reset_overdue", every=lambda settings: settings.sweep_seconds, run=reset_overdue),
    Timer(
        "realign_deadlines", every=lambda settings: settings.sweep_seconds, run=realign_deadlines
    ),
]
