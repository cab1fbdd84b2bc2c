"""Pay statements as rows: locked to be moved on, and closed with their checksums."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Numeric,
    Text,
    Uuid,
    any_,
    bindparam,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from services.motivation.domain.statements import PayStatement
from services.motivation.storage.tables import statement
from shared.db import BulkRows, Tx, compiled, writing
from shared.db.tables import Moment
from shared.ids import CompanyId
from shared.money import MoneySum

_TENANT = bindparam("tenant_id", type_=Uuid)

_new = BulkRows(
    "new",
    {
        "statement_id": Uuid(),
        "company_id": Uuid(),
        "employee_id": Uuid(),
        "period": Text(),
        "currency": Text(),
    },
)
_INSERT_MISSING = compiled(
    insert(statement)
    .from_select(
        ["tenant_id", *_new.c.keys(), "version", "entries", "total"],
        select(
            _TENANT, *_new.c, literal(0, BigInteger), literal(0, Integer), literal(0, Numeric)
        ).order_by(_new.c.statement_id),
    )
    .on_conflict_do_nothing()
)
_LOCK = compiled(
    select(statement)
    .where(
        statement.c.tenant_id == _TENANT,
        statement.c.statement_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    )
    .order_by(statement.c.statement_id)
    .with_for_update()
)
_LOCK_MONTH = compiled(
    select(statement)
    .where(
        statement.c.tenant_id == _TENANT,
        statement.c.company_id == bindparam("company_id", type_=Uuid),
        statement.c.period == bindparam("period", type_=Text),
    )
    .order_by(statement.c.statement_id)
    .with_for_update()
)
_PAID = compiled(
    select(statement.c.statement_id).where(
        statement.c.tenant_id == _TENANT,
        statement.c.company_id == bindparam("company_id", type_=Uuid),
        statement.c.period == bindparam("period", type_=Text),
        statement.c.payout_outcome == "paid",
    )
)
_closed = BulkRows("closed", {"statement_id": Uuid(), "version": BigInteger(), "checksum": Text()})
_CLOSE = writing(
    update(statement)
    .values(
        version=_closed.c.version,
        checksum=_closed.c.checksum,
        closed_at=bindparam("closed_at", type_=Moment),
    )
    .where(statement.c.tenant_id == _TENANT, statement.c.statement_id == _closed.c.statement_id)
)


def _statement(row: Any) -> PayStatement:
    total = MoneySum.build(amount=Decimal(row["total"]), currency=row["currency"])
    return PayStatement(
        row["statement_id"],
        row["version"],
        row["company_id"],
        row["employee_id"],
        row["period"],
        row["entries"],
        total,
    )


async def lock(tx: Tx, statements: Collection[PayStatement]) -> dict[UUID, PayStatement]:
    """The rows of these statements, inserted where missing, locked in the order of their ids."""
    new = (
        {
            "statement_id": empty.id,
            "company_id": empty.company_id,
            "employee_id": empty.employee_id,
            "period": empty.period,
            "currency": empty.total.currency,
        }
        for empty in statements
    )
    await tx.rows(_INSERT_MISSING, **_new.of(new))
    rows = await tx.rows(_LOCK, ids=sorted(empty.id for empty in statements))
    return {row["statement_id"]: _statement(row) for row in rows}


async def lock_month(tx: Tx, company_id: CompanyId, month: str) -> list[PayStatement]:
    """Every statement of a company's month, locked in the order of their ids."""
    rows = await tx.rows(_LOCK_MONTH, company_id=company_id, period=month)
    return [_statement(row) for row in rows]


async def paid_in_month(tx: Tx, company_id: CompanyId, month: str) -> set[UUID]:
    """The statements of a company's month that payroll has paid."""
    rows = await tx.rows(_PAID, company_id=company_id, period=month)
    return {row["statement_id"] for row in rows}


async def close(tx: Tx, closed: Iterable[tuple[PayStatement, str]]) -> None:
    """Closes statements, each with its checksum."""
    rows = [
        {"statement_id": statement.id, "version": statement.version, "checksum": checksum}
        for statement, checksum in closed
    ]
    if rows:
        await tx.save(_CLOSE, **_closed.of(rows), closed_at=tx.now)
