"""Approval of months, and payroll's answers for their statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    Numeric,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    select,
    update,
)

from services.motivation.domain.payouts import PayoutLine
from services.motivation.domain.statements import PayStatement
from services.motivation.storage.month_tables import payout, payout_line
from services.motivation.storage.tables import period, statement
from shared.db import BulkRows, Tx, compiled
from shared.db.tables import Moment
from shared.ids import CompanyId, EmployeeId

_p, _s = period.c, statement.c
_TENANT = bindparam("tenant_id", type_=Uuid)
_COMPANY = bindparam("company_id", type_=Uuid)
_PERIOD = bindparam("period", type_=Text)
_PAYROLL_ID = bindparam("payroll_id", type_=Text)
_AT = bindparam("at", type_=Moment)
_THE_PERIOD = (_p.tenant_id == _TENANT, _p.company_id == _COMPANY, _p.period == _PERIOD)

_LOCK = compiled(
    select(
        func.clock_timestamp().label("now"),
        select(_p.closed_at, _p.closed_by, _p.approved_at, _p.paid_at)
        .where(*_THE_PERIOD)
        .with_for_update()
        .subquery(),
    )
)
_APPROVE = compiled(
    update(period)
    .values(approved_at=_AT, approved_by=bindparam("approved_by", type_=Uuid))
    .where(*_THE_PERIOD)
)
_PAY = compiled(update(period).values(paid_at=_AT).where(*_THE_PERIOD))
_moved = BulkRows("moved", {"statement_id": Uuid(), "version": BigInteger(), "outcome": Text()})
_MOVE = compiled(
    update(statement)
    .values(version=_moved.c.version)
    .where(_s.tenant_id == _TENANT, _s.statement_id == _moved.c.statement_id)
)
_ANSWER = compiled(
    update(statement)
    .values(
        version=_moved.c.version,
        payout_outcome=_moved.c.outcome,
        payout_at=_AT,
        payroll_id=_PAYROLL_ID,
    )
    .where(_s.tenant_id == _TENANT, _s.statement_id == _moved.c.statement_id)
)
_FIND = compiled(
    select(payout).where(payout.c.tenant_id == _TENANT, payout.c.payroll_id == _PAYROLL_ID)
)
_ADD = compiled(
    insert(payout).values(
        tenant_id=_TENANT,
        payroll_id=_PAYROLL_ID,
        company_id=_COMPANY,
        period=_PERIOD,
        fingerprint=bindparam("fingerprint", type_=LargeBinary),
        recorded_by=bindparam("recorded_by", type_=Uuid),
        recorded_at=_AT,
    )
)
_lines = BulkRows(
    "line",
    {
        "statement_id": Uuid(),
        "outcome": Text(),
        "amount": Numeric(24, 2),
        "currency": Text(),
        "reference": Text(),
        "reason": Text(),
    },
)
_ADD_LINES = compiled(
    insert(payout_line).from_select(
        ["tenant_id", "payroll_id", *_lines.c.keys()], select(_TENANT, _PAYROLL_ID, *_lines.c)
    )
)


@dataclass(frozen=True, slots=True)
class LockedPeriod:
    """A month under lock, to be approved or paid."""

    closed_at: datetime | None
    closed_by: EmployeeId | None
    approved_at: datetime | None
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Payout:
    """What payroll sent under one of its ids; `fingerprint` tells the same from something else."""

    payroll_id: str
    company_id: CompanyId
    period: str
    fingerprint: bytes
    lines: Sequence[PayoutLine]


async def lock_period(tx: Tx, company_id: CompanyId, month: str) -> LockedPeriod | None:
    """The month's row, if it has one; reads the clock."""
    row = await tx.row(_LOCK, company_id=company_id, period=month)
    if row is None:
        return None
    tx.at(row["now"])
    return LockedPeriod(row["closed_at"], row["closed_by"], row["approved_at"], row["paid_at"])


async def approve(
    tx: Tx, company_id: CompanyId, month: str, by: EmployeeId, statements: Iterable[PayStatement]
) -> None:
    """Marks a locked month as approved; its statements have moved on by an event each."""
    await tx.rows(_APPROVE, company_id=company_id, period=month, at=tx.now, approved_by=by)
    await tx.rows(_MOVE, **_moved.of(_row(statement, None) for statement in statements))


async def fingerprint_of(tx: Tx, payroll_id: str) -> bytes | None:
    """That of what payroll sent under the id before, or None."""
    row = await tx.row(_FIND, payroll_id=payroll_id)
    return bytes(row["fingerprint"]) if row else None


async def add(
    tx: Tx, sent: Payout, by: EmployeeId | None, answered: Mapping[UUID, PayStatement]
) -> None:
    """Stores what payroll sent, `by` nobody where that was by bus; the statements have moved on by
    an event each.
    """
    await tx.rows(
        _ADD,
        payroll_id=sent.payroll_id,
        company_id=sent.company_id,
        period=sent.period,
        fingerprint=sent.fingerprint,
        recorded_by=by,
        at=tx.now,
    )
    lines = (
        {
            "statement_id": line.statement_id,
            "outcome": line.outcome,
            "amount": line.amount.amount,
            "currency": line.amount.currency,
            "reference": line.reference,
            "reason": line.reason,
        }
        for line in sent.lines
    )
    await tx.rows(_ADD_LINES, payroll_id=sent.payroll_id, **_lines.of(lines))
    moved = (_row(answered[line.statement_id], line.outcome) for line in sent.lines)
    await tx.rows(_ANSWER, payroll_id=sent.payroll_id, at=tx.now, **_moved.of(moved))


async def mark_paid(tx: Tx, company_id: CompanyId, month: str) -> None:
    """Marks a locked month as paid out."""
    await tx.rows(_PAY, company_id=company_id, period=month, at=tx.now)


def _row(statement: PayStatement, outcome: str | None) -> dict[str, Any]:
    return {"statement_id": statement.id, "version": statement.version, "outcome": outcome}
