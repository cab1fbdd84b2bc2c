"""Disputes as rows: each as it is now, and every step of its history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, insert, select, update

from services.motivation.storage.month_tables import dispute, dispute_step
from services.motivation.storage.tables import entry
from shared.db import Tx, compiled
from shared.ids import CompanyId, EmployeeId, EntryId, RoomId
from shared.vocabulary import DisputeOutcome, DisputeState, DisputeStep

_d = dispute.c
_TENANT = bindparam("tenant_id", type_=Uuid)
_ID = bindparam("dispute_id", type_=Uuid)
_THE_DISPUTE = (_d.tenant_id == _TENANT, _d.dispute_id == _ID)


def _named(table: Any) -> dict[str, Any]:
    """A parameter for each column, by the column's name."""
    return {column.name: bindparam(column.name, type_=column.type) for column in table.columns}


_ADD = compiled(insert(dispute).values(_named(dispute)))
_ADD_STEP = compiled(insert(dispute_step).values(_named(dispute_step)))
_LOCK = compiled(
    select(
        func.clock_timestamp().label("now"),
        select(dispute).where(*_THE_DISPUTE).with_for_update().subquery(),
    )
)
_MOVE = compiled(
    update(dispute)
    .values(
        {
            name: bindparam(name, type_=_d[name].type)
            for name in ("version", "state", "outcome", "adjustment_id")
        }
    )
    .where(*_THE_DISPUTE)
)
_UNRESOLVED = compiled(
    select(_d.dispute_id).where(
        _d.tenant_id == _TENANT,
        _d.entry_id == bindparam("entry_id", type_=Uuid),
        _d.state != "resolved",
    )
)
_COUNT_UNRESOLVED = compiled(
    select(func.count().label("count")).where(
        _d.tenant_id == _TENANT,
        _d.company_id == bindparam("company_id", type_=Uuid),
        _d.period == bindparam("period", type_=Text),
        _d.state != "resolved",
    )
)
_ENTRY = compiled(
    select(entry.c.employee_id, entry.c.company_id, entry.c.room_id, entry.c.period).where(
        entry.c.tenant_id == _TENANT, entry.c.entry_id == bindparam("entry_id", type_=Uuid)
    )
)


@dataclass(frozen=True, slots=True)
class DisputedEntry:
    """The line that a dispute is about: whose it is, and of which month and room."""

    employee_id: EmployeeId
    company_id: CompanyId
    room_id: RoomId
    period: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute as it is now; `version` counts its steps."""

    id: UUID
    version: int
    entry_id: EntryId
    employee_id: EmployeeId
    company_id: CompanyId
    room_id: RoomId
    period: str
    state: DisputeState
    due_on: date
    overdue_at: datetime
    outcome: DisputeOutcome | None = None
    adjustment_id: EntryId | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody did with a dispute, and what they said."""

    what: DisputeStep
    who: EmployeeId
    text: str


async def find_entry(tx: Tx, entry_id: EntryId) -> DisputedEntry | None:
    """The line with that id."""
    row = await tx.row(_ENTRY, entry_id=entry_id)
    if row is None:
        return None
    return DisputedEntry(row["employee_id"], row["company_id"], row["room_id"], row["period"])


async def add(tx: Tx, new: Dispute, step: Step) -> None:
    """Stores a new dispute with its first step; a line that has an open one refuses it as stale."""
    await tx.rows(
        _ADD,
        dispute_id=new.id,
        version=new.version,
        entry_id=new.entry_id,
        employee_id=new.employee_id,
        company_id=new.company_id,
        room_id=new.room_id,
        period=new.period,
        state=new.state,
        due_on=new.due_on,
        overdue_at=new.overdue_at,
        opened_at=tx.now,
        outcome=None,
        adjustment_id=None,
    )
    await _add_step(tx, new, step)


async def move(tx: Tx, changed: Dispute, step: Step) -> None:
    """Stores a locked dispute after its next step."""
    await tx.rows(
        _MOVE,
        dispute_id=changed.id,
        version=changed.version,
        state=changed.state,
        outcome=changed.outcome,
        adjustment_id=changed.adjustment_id,
    )
    await _add_step(tx, changed, step)


async def lock(tx: Tx, dispute_id: UUID) -> Dispute | None:
    """The dispute, locked to be moved on; reads the clock."""
    row = await tx.row(_LOCK, dispute_id=dispute_id)
    if row is None:
        return None
    tx.at(row["now"])
    return _dispute(row)


async def has_unresolved(tx: Tx, entry_id: EntryId) -> bool:
    """Whether a dispute over the line is not at its end."""
    return await tx.row(_UNRESOLVED, entry_id=entry_id) is not None


async def count_unresolved(tx: Tx, company_id: CompanyId, period: str) -> int:
    """How many disputes over lines of the month are not at their end."""
    row = await tx.row(_COUNT_UNRESOLVED, company_id=company_id, period=period)
    assert row
    count: int = row["count"]
    return count


async def _add_step(tx: Tx, of: Dispute, step: Step) -> None:
    await tx.rows(
        _ADD_STEP,
        dispute_id=of.id,
        version=of.version,
        at=tx.now,
        who=step.who,
        what=step.what,
        text=step.text,
    )


def _dispute(row: Mapping[str, Any]) -> Dispute:
    return Dispute(
        row["dispute_id"],
        row["version"],
        row["entry_id"],
        row["employee_id"],
        row["company_id"],
        row["room_id"],
        row["period"],
        row["state"],
        row["due_on"],
        row["overdue_at"],
        row["outcome"],
        row["adjustment_id"],
    )
