"""Posting lines of pay: the one place where the ledger grows.

Locks are always taken in the same order (activities, plan series, periods, statements; each by id),
so that replicas and accountants wait for each other but never in a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from services.motivation.domain import periods
from services.motivation.storage import directory, ledger
from shared.context import causation, correlation
from shared.db import Tx
from shared.errors import Invalid
from shared.events import Envelope
from shared.events.motivation import AccrualPosted, AdjustmentPosted, CorrectionPosted
from shared.ids import (
    ActivityId,
    CompanyId,
    EmployeeId,
    EntryId,
    PlanId,
    RoomId,
    derived_id,
    new_id,
)
from shared.money import LARGEST, Money

EVENTS = {"accrual": AccrualPosted, "correction": CorrectionPosted, "adjustment": AdjustmentPosted}
NO_RULE = "adjustment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A line before it has a place.

    `period` is None for the open one; `cause` is the fact from which it follows.
    """

    kind: Literal["accrual", "correction", "adjustment"]
    employee_id: EmployeeId
    company_id: CompanyId
    room_id: RoomId
    amount: Money
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
    cause: Envelope | None = None
    entry_id: EntryId = field(default_factory=lambda: EntryId(new_id()))


def statement_id(company_id: CompanyId, employee_id: EmployeeId, period: str) -> UUID:
    return derived_id("statement", company_id, employee_id, period)


async def post(
    tx: Tx, drafts: Sequence[Draft], pins: dict[ActivityId, PlanId]
) -> list[dict[str, Any]]:
    """Adds `drafts` to the statements of their periods and says so; returns the ledger's rows.
    Companies must be known.

    Raises:
        PeriodClosed: a draft names a period that is closed.
        Invalid: a draft is in another currency than its statement, or makes it larger than money
            can be.
    """
    months = await _hold_periods(tx, drafts)
    places = [
        (draft.company_id, draft.employee_id, draft.period or months[draft.company_id])
        for draft in drafts
    ]
    ids = {place: statement_id(*place) for place in set(places)}
    named = {
        ids[place]: ledger.Statement(ids[place], 0, *place, 0, Money.zero(draft.amount.currency))
        for place, draft in zip(places, drafts, strict=True)
    }
    statements = await ledger.lock_statements(tx, list(named.values()))
    employees = await directory.employees(tx, {draft.employee_id for draft in drafts})
    entries = []
    for place, draft in zip(places, drafts, strict=True):
        known = employees.get(draft.employee_id)
        entries.append(
            _add(tx, draft, statements[ids[place]], known.personnel_number if known else None)
        )
    await ledger.post(tx, entries, statements.values(), pins)
    return entries


async def _hold_periods(tx: Tx, drafts: Sequence[Draft]) -> dict[CompanyId, str]:
    """The open period of each company that needs one, held open together with those that drafts
    name, in one order.
    """
    now = await tx.read_clock()
    companies = await directory.companies(tx, {draft.company_id for draft in drafts})
    found = {}
    for company_id in sorted(companies):
        named = {
            draft.period for draft in drafts if draft.company_id == company_id and draft.period
        }
        for month in sorted(named):
            if not await ledger.hold_open(tx, CompanyId(company_id), month):
                raise periods.PeriodClosed(f"{month} is closed", period=month)
        if any(draft.company_id == company_id and not draft.period for draft in drafts):
            found[CompanyId(company_id)] = await _open_period(tx, companies[company_id], now)
    return found


async def _open_period(tx: Tx, company: directory.Company, now: Any) -> str:
    closed: set[str] = set()
    while True:
        month = periods.period_for(now, company.time_zone, closed)
        if await ledger.hold_open(tx, company.id, month):
            return month
        closed.add(month)


def _add(
    tx: Tx, draft: Draft, held: ledger.Statement, personnel_number: str | None
) -> dict[str, Any]:
    """Moves the statement one line on, publishes the line, returns its row."""
    if held.total.currency != draft.amount.currency:
        raise Invalid("amount.currency", "company_currency", currency=held.total.currency)
    held.version, held.lines, held.total = (
        held.version + 1,
        held.lines + 1,
        held.total + draft.amount,
    )
    if abs(held.total.amount) > LARGEST:
        raise Invalid("amount", "largest_amount", max=LARGEST)
    _because_of(draft.cause)
    said = {
        "entry_id": draft.entry_id,
        "employee_id": draft.employee_id,
        "personnel_number": personnel_number,
        "company_id": draft.company_id,
        "room_id": draft.room_id,
        "period": held.period,
        "activity_id": draft.activity_id,
        "plan_id": draft.plan_id,
        "plan_version": draft.plan_version,
        "rule": draft.rule,
        "corrects": draft.corrects,
        "posted_at": tx.now,
    }
    tx.publish(
        EVENTS[draft.kind].of(**said, amount=draft.amount, statement_total=held.total),
        held.id,
        held.version,
    )
    return {
        **said,
        "kind": draft.kind,
        "statement_id": held.id,
        "statement_version": held.version,
        "amount": draft.amount.amount,
        "currency": draft.amount.currency,
        "activity_version": draft.activity_version,
        "inputs": draft.inputs,
        "reason": draft.reason,
        "posted_by": draft.posted_by,
    }


def _because_of(cause: Envelope | None) -> None:
    """A batch brings many causes: each line names its own."""
    if cause:
        correlation.set(cause.correlation_id)
        causation.set(str(cause.id))
