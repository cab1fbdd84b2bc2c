"""A plain read of all tenants, under the worker's role."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, Uuid, bindparam, select, union_all

from services.motivation.storage.tables import activity, statement
from shared.db import Database, compiled
from shared.ids import TenantId


def _first_of(table: Table) -> Select[Any]:
    """The first tenant of a table after another: the index says it without reading the tenant."""
    after = bindparam("after", type_=Uuid)
    column = table.c.tenant_id
    return select(select(column).where(column > after).order_by(column).limit(1).subquery())


_NEXT = compiled(union_all(*(_first_of(table) for table in (activity, statement))))


async def tenants_with_pay(worker: Database) -> AsyncIterator[TenantId]:
    """The tenants with activities or statements, one after another, whatever these have."""
    after = UUID(int=0)
    while rows := await worker.across_tenants(_NEXT, after=after):
        after = min(row["tenant_id"] for row in rows)
        yield TenantId(after)
