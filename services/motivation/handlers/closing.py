"""The accountant's work: adjusting by hand and closing a month."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.motivation.domain import periods
from services.motivation.domain.statements import checksum, totals
from services.motivation.handlers.posting import Draft, post
from services.motivation.storage import ledger
from services.motivation.storage.directory import Company
from services.motivation.storage.ledger import Statement
from shared.db import Tx
from shared.errors import Invalid
from shared.events.motivation import StatementClosed
from shared.ids import EmployeeId
from shared.money import Money


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed month of a company."""

    closed_at: datetime
    statements: int
    lines: int
    totals: list[Money]


async def adjust(tx: Tx, company: Company, draft: Draft) -> dict[str, Any]:
    """Posts an accountant's line; returns the ledger's row.

    Raises:
        Invalid: the amount is nothing or not in the company's currency, or the period has not
            begun.
        PeriodClosed: the period named is closed.
    """
    if not draft.amount.amount:
        raise Invalid("amount", "not_zero")
    if draft.amount.currency != company.currency:
        raise Invalid("amount.currency", "company_currency", currency=company.currency)
    if draft.period:
        periods.require_begun(draft.period, await tx.read_clock(), company.time_zone)
    return (await post(tx, [draft], {}))[0]


async def close_period(tx: Tx, company: Company, month: str, by: EmployeeId) -> Closed:
    """Makes a company's month final.

    Raises `PeriodClosed` the second time, `Invalid` for a month that has not begun.
    """
    periods.require_begun(month, await tx.read_clock(), company.time_zone)
    if closed_at := await ledger.lock_period(tx, company.id, month):
        raise periods.PeriodClosed(
            f"{month} is closed already",
            period=month,
            closed_at=closed_at.isoformat().replace("+00:00", "Z"),
        )
    statements, lines = await ledger.lock_month(tx, company.id, month)
    theirs: dict[UUID, list[Any]] = {}
    for line in lines:
        theirs.setdefault(line["statement_id"], []).append(line)
    sealed = [_seal(tx, statement, theirs[statement.id]) for statement in statements]
    await ledger.seal(tx, company.id, month, by, sealed)
    return Closed(tx.now, len(statements), len(lines), totals(one.total for one in statements))


def _seal(tx: Tx, statement: Statement, lines: list[Any]) -> tuple[Statement, str]:
    """Says that the statement is closed; the statement one version on, and its checksum."""
    statement.version += 1
    sealed = checksum(ledger.checked(line) for line in lines)
    newest = max(lines, key=lambda line: line["statement_version"])
    fact = StatementClosed(
        statement_id=statement.id,
        employee_id=statement.employee_id,
        personnel_number=newest["personnel_number"],
        company_id=statement.company_id,
        period=statement.period,
        total=statement.total,
        lines=len(lines),
        checksum=sealed,
        closed_at=tx.now,
    )
    tx.publish(fact, statement.id, statement.version)
    return statement, sealed
