"""Plain reads of all tenants, under the worker's role, of what is due or to be compared."""

from sqlalchemy import literal_column, select, union_all

from services.motivation.storage.tables import activity, plan, statement
from shared.db import Database
from shared.db.statements import compiled
from shared.ids import PlanId, TenantId

_PLANS_WITH_WAITING_WINS = compiled(
    select(plan.c.tenant_id, plan.c.plan_id)
    .where(plan.c.published_at.is_not(None), plan.c.settled_at.is_(None))
    .order_by(plan.c.tenant_id, plan.c.plan_id)
    .limit(literal_column("100"))
)
_with_pay = union_all(select(activity.c.tenant_id), select(statement.c.tenant_id)).subquery()
_TENANTS = compiled(select(_with_pay.c.tenant_id).distinct().order_by(_with_pay.c.tenant_id))


async def plans_with_waiting_wins(worker: Database) -> list[tuple[TenantId, PlanId]]:
    """Published plans for which not all waiting wins have been looked at."""
    return [
        (row["tenant_id"], row["plan_id"])
        for row in await worker.across_tenants(_PLANS_WITH_WAITING_WINS)
    ]


async def tenants(worker: Database) -> list[TenantId]:
    """The tenants with activities or statements."""
    return [row["tenant_id"] for row in await worker.across_tenants(_TENANTS)]
