"""Periods: an accountant closes a company's month."""

from dataclasses import dataclass
from datetime import datetime

from services.motivation import events
from services.motivation.domain import periods as rules
from services.motivation.domain.statements import (
    ChecksumEntry,
    PayStatement,
    checksum,
    totals,
)
from services.motivation.storage import directory, ledger, periods, statements
from shared.db import Tx
from shared.ids import CompanyId, EmployeeId
from shared.money import MoneySum
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class ClosePeriod:
    """Make a company's month final."""

    company_id: CompanyId
    period: str


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """A closed month of a company: how many statements and entries, and their sum by currency."""

    company_id: CompanyId
    period: str
    closed_at: datetime
    statements: int
    entries: int
    totals: list[MoneySum]


async def close_period(tx: Tx, command: ClosePeriod, caller: Caller) -> ClosedPeriod:
    """Closes the month and every statement in it.

    Raises:
        NotFound: there is no such company.
        Invalid: the month has not begun.
        PeriodClosed: it is closed already.
    """
    company, month = await directory.company(tx, command.company_id), command.period
    rules.require_begun(month, await tx.read_clock(), company.time_zone)
    if closed_at := await periods.lock(tx, company.id, month):
        raise rules.PeriodClosed(period=month, closed_at=closed_at)
    locked = await statements.lock_month(tx, company.id, month)
    entries = await ledger.entries_of_month(tx, company.id, month)
    await periods.close(tx, company.id, month, caller.employee_id)
    await statements.close(
        tx,
        [
            (statement, _close(tx, statement, entries[statement.id], caller.employee_id))
            for statement in locked
        ],
    )
    return ClosedPeriod(
        company.id,
        month,
        tx.now,
        len(locked),
        sum(statement.entries for statement in locked),
        totals(statement.total for statement in locked),
    )


def _close(tx: Tx, statement: PayStatement, entries: list[ChecksumEntry], by: EmployeeId) -> str:
    """Moves the statement to its last version and publishes that; returns its checksum."""
    statement.version += 1
    sha256 = checksum(entries)
    event = events.statement_closed(statement, entries[-1].personnel_number, sha256, tx.now, by)
    tx.publish(event, statement.id, statement.version)
    return sha256
