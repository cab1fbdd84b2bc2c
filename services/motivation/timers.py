"""What is looked at from time to time: activities that pay did not follow, months that ended."""

from datetime import datetime
from uuid import UUID

from services.motivation.domain.unpaid import REFUSED
from services.motivation.handlers import month_ends
from services.motivation.storage import unpaid
from services.motivation.storage.month_ends import TENANTS_WITH_ENDED
from shared.ids import TenantId
from shared.service import Timer
from shared.service_context import ServiceContext
from shared.tenant_turns import Turn

EVERY_SECONDS = 30.0
SETTLE_ENDED_MONTHS = "settle_ended_months"
TENANTS = 500


async def count_wins_without_pay(context: ServiceContext) -> None:
    """Counts the activities of all tenants that pay did not follow, by cause."""
    counts = await unpaid.counts(context.worker)
    for cause in (*REFUSED, unpaid.NOT_ACCRUED):
        context.metrics.wins_without_pay.labels(cause).set(counts.get(cause, 0))


async def settle_ended_months(context: ServiceContext, now: datetime | None = None) -> int:
    """Settles every month that was over at `now`, the database's clock unless given, and waits to
    be settled for its end; how many.

    Any number of processes may run it at once: they share the work.
    """
    moment = now or await context.worker.clock()
    rows = await context.worker.across_tenants(TENANTS_WITH_ENDED, now=moment, limit=TENANTS)
    settled = 0

    async def turn(tenant_id: TenantId, left_out: list[UUID]) -> Turn:
        nonlocal settled
        async with context.database.begin_for(tenant_id) as tx:
            end = await month_ends.settle_ended(tx, moment, left_out)
        settled += end.settled
        return Turn(end.settled or bool(end.failed), end.failed)

    await context.turns.take(SETTLE_ENDED_MONTHS, [row["tenant_id"] for row in rows], turn)
    return settled


TIMERS = (
    Timer("wins_without_pay", every=lambda _: EVERY_SECONDS, run=count_wins_without_pay),
    Timer(SETTLE_ENDED_MONTHS, every=lambda _: EVERY_SECONDS, run=settle_ended_months),
)
