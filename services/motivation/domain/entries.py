"""Entries of the ledger before they have a place in a statement."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

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

    `period` is None for the company's open one; `cause` is None where a person or a plan published
    later is the reason.
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
    cause: Cause | None = None
    entry_id: EntryId = field(default_factory=lambda: EntryId(new_id()))
