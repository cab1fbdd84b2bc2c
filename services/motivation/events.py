"""Published events of pay: the only mapping from domain values to the published language."""

from datetime import datetime
from typing import Any

from services.motivation.domain.entries import NewEntry, corrected_period
from services.motivation.domain.plans import Plan
from services.motivation.domain.statements import PayStatement
from services.motivation.storage.disputes import Dispute
from shared.events.motivation import (
    AccrualPosted,
    AdjustmentPosted,
    CorrectionPosted,
    DisputeAnswered,
    DisputeOpened,
    DisputeReopened,
    DisputeResolved,
    EntryPosted,
    PlanPublished,
    StatementAccepted,
    StatementApproved,
    StatementClosed,
    StatementPaid,
    StatementRejected,
)
from shared.ids import EmployeeId
from shared.vocabulary import PayoutOutcome

_BY_KIND: dict[str, type[EntryPosted]] = {
    "accrual": AccrualPosted,
    "correction": CorrectionPosted,
    "adjustment": AdjustmentPosted,
}


def entry_posted(
    entry: NewEntry, statement: PayStatement, personnel_number: str | None, posted_at: datetime
) -> EntryPosted:
    """The event of an entry by which `statement` has just moved on."""
    return _BY_KIND[entry.kind].build(
        entry_id=entry.entry_id,
        employee_id=entry.employee_id,
        personnel_number=personnel_number,
        company_id=entry.company_id,
        room_id=entry.room_id,
        period=statement.period,
        amount=entry.amount,
        activity_id=entry.activity_id,
        plan_id=entry.plan_id,
        plan_version=entry.plan_version,
        rule=entry.rule,
        corrects=entry.corrects,
        posted_at=posted_at,
        statement_total=statement.total,
        by=entry.posted_by,
        corrected_period=corrected_period(entry, statement),
    )


def statement_closed(
    statement: PayStatement,
    personnel_number: str | None,
    checksum: str,
    closed_at: datetime,
    by: EmployeeId,
) -> StatementClosed:
    """The event of a month's end for one employee; `checksum` covers the statement's entries."""
    return StatementClosed(
        statement_id=statement.id,
        employee_id=statement.employee_id,
        personnel_number=personnel_number,
        company_id=statement.company_id,
        period=statement.period,
        total=statement.total,
        lines=statement.entries,
        checksum=checksum,
        closed_at=closed_at,
        by=by,
    )


def statement_approved(
    statement: PayStatement, personnel_number: str | None, approved_at: datetime, by: EmployeeId
) -> StatementApproved:
    """The event of a closed statement that payroll may take over."""
    return StatementApproved(
        **_of_statement(statement, personnel_number), approved_at=approved_at, by=by
    )


_BY_OUTCOME: dict[
    PayoutOutcome, type[StatementAccepted] | type[StatementRejected] | type[StatementPaid]
] = {"accepted": StatementAccepted, "rejected": StatementRejected, "paid": StatementPaid}


def statement_answered(
    statement: PayStatement,
    personnel_number: str | None,
    outcome: PayoutOutcome,
    answered_at: datetime,
    by: EmployeeId | None,
) -> StatementAccepted | StatementRejected | StatementPaid:
    """The event of payroll's answer for a statement; `by` nobody of ours where it came by bus."""
    return _BY_OUTCOME[outcome](
        **_of_statement(statement, personnel_number),
        answered_at=answered_at,
        by=by,
    )


def _of_statement(statement: PayStatement, personnel_number: str | None) -> dict[str, Any]:
    return {
        "statement_id": statement.id,
        "employee_id": statement.employee_id,
        "personnel_number": personnel_number,
        "company_id": statement.company_id,
        "period": statement.period,
        "total": statement.total,
    }


def plan_published(plan: Plan, plan_version: int, by: EmployeeId) -> PlanPublished:
    """The event of a draft that became `plan_version` of its company and room."""
    return PlanPublished(
        plan_id=plan.id,
        company_id=plan.company_id,
        room_id=plan.room_id,
        plan_version=plan_version,
        effective_from=plan.effective_from,
        by=by,
    )


AnyDisputeEvent = DisputeOpened | DisputeAnswered | DisputeResolved | DisputeReopened


def dispute_opened(dispute: Dispute, by: EmployeeId) -> DisputeOpened:
    """The event of a line that its employee objects to."""
    return DisputeOpened(**_of_dispute(dispute), by=by)


def dispute_answered(dispute: Dispute, by: EmployeeId) -> DisputeAnswered:
    """The event of an answer."""
    return DisputeAnswered(**_of_dispute(dispute), by=by)


def dispute_resolved(dispute: Dispute, by: EmployeeId) -> DisputeResolved:
    """The event of a dispute's end."""
    assert dispute.outcome
    return DisputeResolved(
        **_of_dispute(dispute),
        outcome=dispute.outcome,
        adjustment_id=dispute.adjustment_id,
        by=by,
    )


def dispute_reopened(dispute: Dispute, by: EmployeeId) -> DisputeReopened:
    """The event of a dispute that waits for another answer."""
    return DisputeReopened(**_of_dispute(dispute), by=by)


def _of_dispute(dispute: Dispute) -> dict[str, Any]:
    return {
        "dispute_id": dispute.id,
        "entry_id": dispute.entry_id,
        "employee_id": dispute.employee_id,
        "company_id": dispute.company_id,
        "room_id": dispute.room_id,
        "period": dispute.period,
        "due_on": dispute.due_on,
    }
