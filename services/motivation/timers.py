"""What is looked at from time to time: activities that pay did not follow."""

from services.motivation.domain.unpaid import REFUSED
from services.motivation.storage import unpaid
from shared.service import Timer
from shared.service_context import ServiceContext

EVERY_SECONDS = 30.0


async def count_wins_without_pay(context: ServiceContext) -> None:
    """Counts the activities of all tenants that pay did not follow, by cause."""
    counts = await unpaid.counts(context.worker)
    for cause in (*REFUSED, unpaid.NOT_ACCRUED):
        context.metrics.wins_without_pay.labels(cause).set(counts.get(cause, 0))


TIMERS = (Timer("wins_without_pay", every=lambda _: EVERY_SECONDS, run=count_wins_without_pay),)
