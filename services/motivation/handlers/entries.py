"""Posting entries of pay: the one place where the ledger grows.

Locks are always taken in the same order (buyers, activities, plan series, settlements, periods,
statements; each by id), so that replicas and accountants wait for each other but never in a circle.
"""

from collections.abc import Iterable, Sequence

from services.motivation import events
from services.motivation.domain import periods as rules
from services.motivation.domain.entries import Cause, NewEntry
from services.motivation.domain.statements import PayStatement, statement_id
from services.motivation.storage import directory, ledger, periods, statements
from services.motivation.storage.win_plans import WinPlan
from shared.clock import following_period, period_of
from shared.context import causation, correlation
from shared.db import Tx
from shared.ids import CompanyId

Months = dict[tuple[CompanyId, str | None], str]
"""The open period of a company's month; None is the present one."""


async def post_entries(
    tx: Tx, entries: Sequence[NewEntry], win_plans: Iterable[WinPlan] = ()
) -> None:
    """Adds `entries` to the statements of their periods and publishes them; `win_plans` are those
    of the activities from now on. The companies' replicas must be there.

    Raises:
        PeriodClosed: an entry names a period that is closed.
    """
    months = await _hold_periods(tx, entries)
    periods_of_entries = [
        entry.period or months[entry.company_id, entry.month] for entry in entries
    ]
    empty = {
        statement_id(entry.company_id, entry.employee_id, month): PayStatement.empty(
            entry.company_id, entry.employee_id, month, entry.amount.currency
        )
        for entry, month in zip(entries, periods_of_entries, strict=True)
    }
    locked = await statements.lock(tx, empty.values())
    employees = await directory.employees(tx, {entry.employee_id for entry in entries})
    rows = []
    for entry, month in zip(entries, periods_of_entries, strict=True):
        statement = locked[statement_id(entry.company_id, entry.employee_id, month)]
        statement.add(entry.amount)
        employee = employees.get(entry.employee_id)
        personnel_number = employee.personnel_number if employee else None
        _set_cause(entry.cause)
        event = events.entry_posted(entry, statement, personnel_number, tx.now)
        tx.publish(event, statement.id, statement.version)
        rows.append(ledger.entry_row(entry, statement, personnel_number, tx.now))
    await ledger.post(tx, rows, locked.values(), win_plans)


async def _hold_periods(tx: Tx, entries: Sequence[NewEntry]) -> Months:
    """The open period of each month to which entries belong, held open together with those that
    entries name, in one order.
    """
    now = await tx.read_clock()
    companies = await directory.companies(tx, {entry.company_id for entry in entries})
    held: Months = {}
    for company_id in sorted(company.id for company in companies.values()):
        own = [entry for entry in entries if entry.company_id == company_id]
        for named in sorted({entry.period for entry in own if entry.period}):
            if not await periods.hold_open(tx, company_id, named):
                raise rules.PeriodClosed(period=named)
        if any(not (entry.period or entry.month) for entry in own):
            present = period_of(now, companies[company_id].time_zone)
            held[company_id, None] = await _hold_open_from(tx, company_id, present)
        for month in sorted({entry.month for entry in own if entry.month}):
            held[company_id, month] = await _hold_open_from(tx, company_id, month)
    return held


async def _hold_open_from(tx: Tx, company_id: CompanyId, month: str) -> str:
    """The month, or the next open one where it is closed."""
    period, closed = month, None
    while not await periods.hold_open(tx, company_id, period):
        if closed is None:
            closed = await periods.closed_from(tx, company_id, month)
        period = rules.open_period(following_period(period), closed)
    return period


def _set_cause(cause: Cause | None) -> None:
    """A batch brings many causes: each entry's event names its own."""
    if cause:
        correlation.set(cause.correlation_id)
        causation.set(str(cause.event_id))
