"""Timers: published plans for which wins still wait, because a process died or there were many."""

from services.motivation.handlers.waiting_wins import accrue_waiting_wins
from services.motivation.storage.due import plans_with_waiting_wins
from shared.service import Timer
from shared.service_context import ServiceContext


async def accrue_published(context: ServiceContext) -> None:
    """Accrues them, found by a plain read of all tenants, then a tenant and a batch at a time."""
    for tenant_id, plan_id in await plans_with_waiting_wins(context.worker):
        context.metrics.count(await accrue_waiting_wins(context.database, tenant_id, plan_id))


TIMERS = [
    Timer("accrue_published", every=lambda settings: settings.accrue_seconds, run=accrue_published)
]
