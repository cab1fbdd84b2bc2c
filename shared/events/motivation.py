"""Events of pay. Sent by the motivation service; payroll adds up `amount` of accruals,
corrections and adjustments.

The aggregate is a statement: one employee, company and month. `statement_total` is the statement's
sum after the entry.
"""

from datetime import date, datetime
from uuid import UUID

from shared.events.base import MOTIVATION, Event
from shared.ids import ActivityId, CompanyId, EmployeeId, EntryId, PlanId, RoomId
from shared.money import MoneySum
from shared.vocabulary import DisputeOutcome


class EntryPosted(Event, topic=MOTIVATION, noun="statement"):
    """Any entry of pay. `corrects` points at the accrual that a correction changes;
    `corrected_period` is the month that the entry belongs to by the win's business day, where that
    was closed, and `period` then the next open one.
    """

    entry_id: EntryId
    employee_id: EmployeeId
    personnel_number: str | None
    company_id: CompanyId
    room_id: RoomId
    period: str
    amount: MoneySum
    activity_id: ActivityId | None
    plan_id: PlanId | None
    plan_version: int | None
    rule: str
    corrects: EntryId | None
    posted_at: datetime
    statement_total: MoneySum
    by: EmployeeId | None = None
    corrected_period: str | None = None


class AccrualPosted(EntryPosted, type="accrual.posted"):
    """A won activity, or a month as a whole, earned somebody an entry under one rule of the plan in
    force.
    """


class CorrectionPosted(EntryPosted, type="correction.posted"):
    """A refund, a reopened activity, a changed split, or a sale that became the client's first or
    no longer is, altered what an earlier entry should have been; `amount` is the difference.
    """


class AdjustmentPosted(EntryPosted, type="adjustment.posted"):
    """An accountant added or deducted by hand, with a reason."""


class PlanPublished(Event, type="plan.published", topic=MOTIVATION, noun="plan"):
    """A version of a company's motivation plan for a room takes effect; it never changes
    afterwards.
    """

    plan_id: PlanId
    company_id: CompanyId
    room_id: RoomId
    plan_version: int
    effective_from: date
    by: EmployeeId | None = None


class StatementClosed(Event, type="statement.closed", topic=MOTIVATION, noun="statement"):
    """An accountant closed the month: the lines are final, `checksum` covers them."""

    statement_id: UUID
    employee_id: EmployeeId
    personnel_number: str | None
    company_id: CompanyId
    period: str
    total: MoneySum
    lines: int
    checksum: str
    closed_at: datetime
    by: EmployeeId | None = None


class StatementEvent(Event, topic=MOTIVATION, noun="statement"):
    """What became of a closed statement: `total` is what is to be paid."""

    statement_id: UUID
    employee_id: EmployeeId
    personnel_number: str | None
    company_id: CompanyId
    period: str
    total: MoneySum
    by: EmployeeId | None = None


class StatementApproved(StatementEvent, type="statement.approved"):
    """A second person approved the closed month: payroll may take the statement over."""

    approved_at: datetime


class StatementAccepted(StatementEvent, type="statement.accepted"):
    """Payroll took the statement over; under which id of its own is read by the API."""

    answered_at: datetime


class StatementRejected(StatementEvent, type="statement.rejected"):
    """Payroll sent the statement back; why is read by the API."""

    answered_at: datetime


class StatementPaid(StatementEvent, type="statement.paid"):
    """Payroll has paid the statement."""

    answered_at: datetime


class DisputeEvent(Event, topic=MOTIVATION, noun="dispute"):
    """A step of a dispute over an entry of pay; what was said is read by the API."""

    dispute_id: UUID
    entry_id: EntryId
    employee_id: EmployeeId
    company_id: CompanyId
    room_id: RoomId
    period: str
    due_on: date
    by: EmployeeId | None


class DisputeOpened(DisputeEvent, type="dispute.opened"):
    """An employee objects to a line of their own; an answer is due by the end of `due_on`."""


class DisputeAnswered(DisputeEvent, type="dispute.answered"):
    """The head of the room, an accountant or an admin answered."""


class DisputeResolved(DisputeEvent, type="dispute.resolved"):
    """The dispute is at its end: by an adjustment, without one, or taken back."""

    outcome: DisputeOutcome
    adjustment_id: EntryId | None


class DisputeReopened(DisputeEvent, type="dispute.reopened"):
    """The adjustment that resolved it was rejected by the second person."""
