"""Published events of pay: the only mapping from domain values to the published language."""

from datetime import datetime

from services.motivation.domain.entries import NewEntry, corrected_period
from services.motivation.domain.plans import Plan
from services.motivation.domain.statements import PayStatement
from shared.events.motivation import (
    AccrualPosted,
    AdjustmentPosted,
    CorrectionPosted,
    EntryPosted,
    PlanPublished,
    StatementClosed,
)
from shared.ids import EmployeeId

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
