"""A plain read of all tenants, under the worker's role."""

from sqlalchemy import select, union_all

from services.motivation.storage.tables import activity, statement
from shared.db import Database, compiled
from shared.ids import TenantId

_tenants = union_all(select(activity.c.tenant_id), select(statement.c.tenant_id)).subquery()
_WITH_PAY = compiled(select(_tenants.c.tenant_id).distinct().order_by(_tenants.c.tenant_id))


async def tenants_with_pay(worker: Database) -> list[TenantId]:
    """The tenants with activities or statements."""
    return [row["tenant_id"] for row in await worker.across_tenants(_WITH_PAY)]
