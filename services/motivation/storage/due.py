"""Plain reads of all tenants, under the worker's role: which have something to do."""

from sqlalchemy import literal_column, select, union_all

from services.motivation.storage.tables import activity, plan, statement
from shared.db import Database
from shared.db.database import database_answers
from shared.db.statements import compiled
from shared.ids import PlanId, TenantId

_UNSETTLED = compiled(
    select(plan.c.tenant_id, plan.c.plan_id)
    .where(plan.c.published_at.is_not(None), plan.c.settled_at.is_(None))
    .order_by(plan.c.tenant_id, plan.c.plan_id)
    .limit(literal_column("100"))
)
_known = union_all(select(activity.c.tenant_id), select(statement.c.tenant_id)).subquery()
_TENANTS = compiled(select(_known.c.tenant_id).distinct().order_by(_known.c.tenant_id))


async def unsettled_plans(worker: Database) -> list[tuple[TenantId, PlanId]]:
    """Published plans whose wins have not all been looked at."""
    with database_answers():
        return [(row["tenant_id"], row["plan_id"]) for row in await worker.fetch(_UNSETTLED.sql)]


async def tenants(worker: Database) -> list[TenantId]:
    """Everyone with activities or statements."""
    with database_answers():
        return [row["tenant_id"] for row in await worker.fetch(_TENANTS.sql)]
