"""Posting entries of pay: the one place where the ledger grows.

Locks are always taken in the same order (activities, plan series, periods, statements; each by id),
so that replicas and accountants wait for each other but never in a circle.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.motivation import events
from services.motivation.domain import periods as rules
from services.motivation.domain.entries import Cause, NewEntry
from services.motivation.domain.statements import PayStatement, statement_id
from services.motivation.storage import directory, ledger, periods, statements
from shared.context import causation, correlation
from shared.db import Tx
from shared.ids import ActivityId, CompanyId, PlanId


async def post_entries(
    tx: Tx, entries: Sequence[NewEntry], plans: Mapping[ActivityId, PlanId]
) -> None:
    """Adds `entries` to the statements of their periods and publishes them; `plans` are those under
    which activities accrue from now on. The companies' replicas must be there.

    Raises:
        PeriodClosed: an entry names a period that is closed.
    """
    open_periods = await _hold_periods(tx, entries)
    months = [entry.period or open_periods[entry.company_id] for entry in entries]
    empty = {
        statement_id(entry.company_id, entry.employee_id, month): PayStatement.empty(
            entry.company_id, entry.employee_id, month, entry.amount.currency
        )
        for entry, month in zip(entries, months, strict=True)
    }
    locked = await statements.lock(tx, empty.values())
    employees = await directory.employees(tx, {entry.employee_id for entry in entries})
    rows = []
    for entry, month in zip(entries, months, strict=True):
        statement = locked[statement_id(entry.company_id, entry.employee_id, month)]
        statement.add(entry.amount)
        employee = employees.get(entry.employee_id)
        personnel_number = employee.personnel_number if employee else None
        _set_cause(entry.cause)
        event = events.entry_posted(entry, statement, personnel_number, tx.now)
        tx.publish(event, statement.id, statement.version)
        rows.append(ledger.entry_row(entry, statement, personnel_number, tx.now))
    await ledger.post(tx, rows, locked.values(), plans)


async def _hold_periods(tx: Tx, entries: Sequence[NewEntry]) -> dict[CompanyId, str]:
    """The open period of each company that needs one, held open together with those that entries
    name, in one order.
    """
    now = await tx.read_clock()
    companies = await directory.companies(tx, {entry.company_id for entry in entries})
    open_periods: dict[CompanyId, str] = {}
    for company_id in sorted(companies):
        company = companies[company_id]
        months = {entry.period for entry in entries if entry.company_id == company_id}
        for month in sorted(month for month in months if month):
            if not await periods.hold_open(tx, company.id, month):
                raise rules.PeriodClosed(period=month)
        if None in months:
            open_periods[company.id] = await _hold_open_period(tx, company, now)
    return open_periods


async def _hold_open_period(tx: Tx, company: directory.Company, now: datetime) -> str:
    closed: set[str] = set()
    while True:
        month = rules.period_for(now, company.time_zone, closed)
        if await periods.hold_open(tx, company.id, month):
            return month
        closed.add(month)


def _set_cause(cause: Cause | None) -> None:
    """A batch brings many causes: each entry's event names its own."""
    if cause:
        correlation.set(cause.correlation_id)
        causation.set(str(cause.event_id))
