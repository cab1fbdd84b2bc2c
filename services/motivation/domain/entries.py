"""Entries of the ledger before they have a place in a statement."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from services.motivation.domain.statements import PayStatement
from shared.ids import ActivityId, CompanyId, EmployeeId, EntryId, PlanId, RoomId, new_id
from shared.money import MoneySum

NO_RULE = "adjustment"


@dataclass(frozen=True, slots=True)
class Cause:
    """The event from which an entry follows; `time` is its moment, UTC."""

    event_id: UUID
    correlation_id: str
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to be posted.

    `month` is that of the win's business day `won_on`: the entry lands there or, where that is
    closed, in the next open one. `period` names one that must be open; without either it is the
    present one. `cause` is None where a person or a plan published later is the reason.
    """

    kind: Literal["accrual", "correction", "adjustment"]
    employee_id: EmployeeId
    company_id: CompanyId
    room_id: RoomId
    amount: MoneySum
    rule: str = NO_RULE
    activity_id: ActivityId | None = None
    activity_version: int | None = None
    plan_id: PlanId | None = None
    plan_version: int | None = None
    corrects: EntryId | None = None
    inputs: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    posted_by: EmployeeId | None = None
    period: str | None = None
    month: str | None = None
    won_on: date | None = None
    cause: Cause | None = None
    entry_id: EntryId = field(default_factory=lambda: EntryId(new_id()))


def corrected_period(entry: NewEntry, statement: PayStatement) -> str | None:
    """The month that the entry belongs to, where that was closed and the entry stands in a later
    one.
    """
    return entry.month if entry.month != statement.period else None
