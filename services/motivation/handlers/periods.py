"""Periods: a company's month becomes final."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from services.motivation import events
from services.motivation.domain import closing
from services.motivation.domain import periods as rules
from services.motivation.domain.statements import (
    ChecksumEntry,
    PayStatement,
    checksum,
    totals,
)
from services.motivation.handlers.company_months import CompanyMonth
from services.motivation.handlers.findings import find_findings
from services.motivation.storage import directory, ledger, periods, statements
from services.motivation.storage.periods import Closing
from shared.db import Tx
from shared.ids import CompanyId, EmployeeId
from shared.money import MoneySum
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class ClosePeriod:
    """Make a company's month final, `accept` the warnings named; `reason` says why before it is
    over.
    """

    company_id: CompanyId
    period: str
    accept: Collection[str] = frozenset()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """A closed month of a company: how many statements and entries, and their sum by currency."""

    company_id: CompanyId
    period: str
    closed_at: datetime
    statements: int
    entries: int
    totals: list[MoneySum]


async def close_period(
    tx: Tx, command: ClosePeriod, caller: Caller, month: CompanyMonth | None
) -> ClosedPeriod:
    """Closes the month and every statement in it; `month` is what activities know of it.

    Raises:
        NotFound: there is no such company.
        Invalid: the month has not begun.
        PeriodClosed: it is closed already.
        PeriodNotFinished: it is not over, and no reason is given.
        Forbidden: only an admin closes it before it is over.
        EarlierPeriodOpen: an earlier month has pay that is not closed.
        PeriodNotReady: something blocks it, or a warning is not accepted.
    """
    company = await directory.company(tx, command.company_id)
    early = await _lock(tx, command, caller, company)
    findings = await find_findings(tx, company, command.period, month)
    closing.require_ready(findings, command.accept)
    locked = await statements.lock_month(tx, company.id, command.period)
    entries = await ledger.entries_of_month(tx, company.id, command.period)
    accepted = {finding.code for finding in findings}
    reason = command.reason if early else None
    how = Closing(caller.employee_id, accepted, reason)
    await periods.close(tx, company.id, command.period, how)
    await statements.close(
        tx,
        [
            (statement, _close(tx, statement, entries[statement.id], caller.employee_id))
            for statement in locked
        ],
    )
    return ClosedPeriod(
        company.id,
        command.period,
        tx.now,
        len(locked),
        sum(statement.entries for statement in locked),
        totals(statement.total for statement in locked),
    )


async def _lock(tx: Tx, command: ClosePeriod, caller: Caller, company: directory.Company) -> bool:
    """Locks the month, to be closed; whether that is before it is over."""
    month = command.period
    rules.require_begun(month, await tx.read_clock(), company.time_zone)
    if closed_at := await periods.lock(tx, company.id, month):
        raise rules.PeriodClosed(period=month, closed_at=closed_at)
    early = closing.require_finished(
        month,
        tx.now,
        company.time_zone,
        reason=command.reason,
        by_admin=caller.has_any({"admin"}),
    )
    closing.require_in_order(month, await periods.earlier_open(tx, company.id, month))
    return early


def _close(tx: Tx, statement: PayStatement, entries: list[ChecksumEntry], by: EmployeeId) -> str:
    """Moves the statement to its last version and publishes that; returns its checksum."""
    statement.version += 1
    sha256 = checksum(entries)
    event = events.statement_closed(statement, entries[-1].personnel_number, sha256, tx.now, by)
    tx.publish(event, statement.id, statement.version)
    return sha256
