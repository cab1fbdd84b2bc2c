"""Adjustments by hand as rows: what was posted, and what waits for a second person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, insert, select, update

from services.motivation.storage.month_tables import adjustment
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import CompanyId, EmployeeId, EntryId, RoomId
from shared.money import MoneySum

_a = adjustment.c
_TENANT = bindparam("tenant_id", type_=Uuid)
_COMPANY = bindparam("company_id", type_=Uuid)
_ID = bindparam("adjustment_id", type_=Uuid)
_THE_ADJUSTMENT = (_a.tenant_id == _TENANT, _a.adjustment_id == _ID)

_ADD = compiled(
    insert(adjustment).values(
        {
            "tenant_id": _TENANT,
            **{
                column.name: bindparam(column.name, type_=column.type)
                for column in adjustment.columns
                if column.name != "tenant_id"
            },
        }
    )
)
_LOCK = compiled(select(adjustment).where(*_THE_ADJUSTMENT).with_for_update())
_ONE = compiled(select(adjustment).where(*_THE_ADJUSTMENT))
_DECIDE = compiled(
    update(adjustment)
    .values(
        state=bindparam("state", type_=Text),
        decided_by=bindparam("decided_by", type_=Uuid),
        decided_at=bindparam("decided_at", type_=Moment),
        decision_reason=bindparam("decision_reason", type_=Text),
    )
    .where(*_THE_ADJUSTMENT)
)
_COUNT_PROPOSED = compiled(
    select(func.count().label("count")).where(
        _a.tenant_id == _TENANT,
        _a.company_id == _COMPANY,
        _a.period == bindparam("period", type_=Text),
        _a.state == "proposed",
    )
)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An adjustment and where it stands; its id is that of the entry that it becomes."""

    id: EntryId
    company_id: CompanyId
    room_id: RoomId
    employee_id: EmployeeId
    period: str
    amount: MoneySum
    reason: str
    state: str
    proposed_by: EmployeeId
    dispute_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a second person said of an adjustment, and why where they rejected it."""

    state: str
    by: EmployeeId
    reason: str | None = None


async def add(tx: Tx, new: Adjustment) -> None:
    """Stores an adjustment that is posted at once, or proposed."""
    await tx.rows(
        _ADD,
        adjustment_id=new.id,
        company_id=new.company_id,
        room_id=new.room_id,
        employee_id=new.employee_id,
        period=new.period,
        amount=new.amount.amount,
        currency=new.amount.currency,
        reason=new.reason,
        state=new.state,
        dispute_id=new.dispute_id,
        proposed_by=new.proposed_by,
        proposed_at=tx.now,
        decided_by=None,
        decided_at=None,
        decision_reason=None,
    )


async def lock(tx: Tx, adjustment_id: EntryId) -> Adjustment | None:
    """The adjustment, locked to be decided."""
    row = await tx.row(_LOCK, adjustment_id=adjustment_id)
    return _adjustment(row) if row else None


async def decide(tx: Tx, adjustment_id: EntryId, decision: Decision) -> None:
    """Stores the decision on a locked adjustment."""
    await tx.rows(
        _DECIDE,
        adjustment_id=adjustment_id,
        state=decision.state,
        decided_by=decision.by,
        decided_at=tx.now,
        decision_reason=decision.reason,
    )


async def count_proposed(tx: Tx, company_id: CompanyId, period: str) -> int:
    """How many adjustments of the month wait for a second person."""
    row = await tx.row(_COUNT_PROPOSED, company_id=company_id, period=period)
    assert row
    count: int = row["count"]
    return count


async def find(tx: Tx, adjustment_id: EntryId) -> Mapping[str, Any] | None:
    """The row of an adjustment."""
    return await tx.row(_ONE, adjustment_id=adjustment_id)


def _adjustment(row: Mapping[str, Any]) -> Adjustment:
    return Adjustment(
        row["adjustment_id"],
        row["company_id"],
        row["room_id"],
        row["employee_id"],
        row["period"],
        MoneySum.build(amount=row["amount"], currency=row["currency"]),
        row["reason"],
        row["state"],
        row["proposed_by"],
        row["dispute_id"],
    )
