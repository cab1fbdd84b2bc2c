"""What falls due: published plans whose wins have not all been settled, because a process died or
there were many.
"""

from services.motivation.handlers.plans import settle_wins
from services.motivation.metrics import MotivationMetrics
from services.motivation.storage.due import unsettled_plans
from shared.db import Database


async def settle_published(
    database: Database, worker: Database, metrics: MotivationMetrics
) -> None:
    """Settles them, found by a plain read of all tenants, then a tenant and a batch at a time."""
    for tenant_id, plan_id in await unsettled_plans(worker):
        metrics.count(await settle_wins(database, tenant_id, plan_id))
