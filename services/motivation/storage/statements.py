"""Reads of statements and lines."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, any_, bindparam, select

from services.motivation.storage.tables import entry, plan, statement
from shared.db import Tx
from shared.db.statements import compiled

_TENANT = bindparam("tenant_id", type_=Uuid)
_EMPLOYEE = bindparam("employee_id", type_=Uuid)
_PERIOD = bindparam("period", type_=Text)

_LINES = compiled(
    select(entry)
    .where(
        entry.c.tenant_id == _TENANT,
        entry.c.statement_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    )
    .order_by(entry.c.posted_at, entry.c.entry_id)
)
_STATEMENTS = compiled(
    select(statement).where(
        statement.c.tenant_id == _TENANT,
        statement.c.employee_id == _EMPLOYEE,
        statement.c.period == _PERIOD,
    )
)
_PAGE = compiled(
    select(statement)
    .where(
        statement.c.tenant_id == _TENANT, statement.c.statement_id > bindparam("after", type_=Uuid)
    )
    .order_by(statement.c.statement_id)
    .limit(bindparam("count", type_=Integer))
)
_ENTRY_ID = bindparam("entry_id", type_=Uuid)
_ENTRY = compiled(
    select(entry, plan.c.name.label("plan_name"), plan.c.rules)
    .join(
        plan,
        (plan.c.tenant_id == entry.c.tenant_id) & (plan.c.plan_id == entry.c.plan_id),
        isouter=True,
    )
    .where(entry.c.tenant_id == _TENANT, entry.c.entry_id == _ENTRY_ID)
)
_CORRECTIONS = compiled(
    select(entry)
    .where(
        entry.c.tenant_id == _TENANT,
        entry.c.activity_id == bindparam("activity_id", type_=Uuid),
        entry.c.corrects == _ENTRY_ID,
    )
    .order_by(entry.c.posted_at, entry.c.entry_id)
)


async def statements(tx: Tx, employee_id: UUID, period: str) -> list[Any]:
    """An employee's statements of a month, one for each company."""
    return list(await tx.rows(_STATEMENTS, employee_id=employee_id, period=period))


async def lines_of_statements(tx: Tx, ids: Sequence[UUID]) -> list[Any]:
    """Their lines, oldest first."""
    return list(await tx.rows(_LINES, ids=sorted(ids))) if ids else []


async def statements_page(tx: Tx, after: UUID, count: int) -> list[Any]:
    """Up to `count` statements by id after `after`."""
    return list(await tx.rows(_PAGE, after=after, count=count))


async def entry_with_plan(tx: Tx, entry_id: UUID) -> Any:
    """A line with the name and rules of its plan, or None."""
    return await tx.row(_ENTRY, entry_id=entry_id)


async def corrections(tx: Tx, entry_id: UUID, activity_id: UUID) -> list[Any]:
    """The lines that correct an accrual, oldest first."""
    return list(await tx.rows(_CORRECTIONS, entry_id=entry_id, activity_id=activity_id))
