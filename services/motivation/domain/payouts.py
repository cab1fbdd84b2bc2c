"""A closed month on its way to the employees: approved by a second person, then answered by
payroll line by line (integrations.md, "Payroll").
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.errors import Invalid, Refusal
from shared.ids import EmployeeId
from shared.money import MoneySum
from shared.vocabulary import PayoutOutcome


class PeriodNotClosed(Refusal):
    """Only a closed month is approved."""

    code = "period_not_closed"


class PeriodApproved(Refusal):
    """The month was approved before."""

    code = "period_approved"


class PeriodNotApproved(Refusal):
    """Payroll answers for approved months alone."""

    code = "period_not_approved"


class DuplicatePayout(Refusal):
    """Payroll has sent something else under this id before."""

    code = "duplicate_payout"


class AlreadyPaid(Refusal):
    """A statement is paid once."""

    code = "already_paid"


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """Payroll's answer for one statement: the amount that it took over, what became of it, its own
    reference, and why it was rejected.
    """

    statement_id: UUID
    outcome: PayoutOutcome
    amount: MoneySum
    reference: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PayableStatement:
    """An approved statement as payroll may answer for it."""

    id: UUID
    employee_id: EmployeeId
    total: MoneySum
    paid: bool


def require_payable(
    lines: Sequence[PayoutLine], statements: Mapping[UUID, PayableStatement]
) -> None:
    """Raises `Invalid` for a line of no statement of the month, of one named twice, of another
    amount than the statement's total, or for a rejection without a reason; `AlreadyPaid` for a
    statement that has been paid.
    """
    seen: set[UUID] = set()
    for number, line in enumerate(lines):
        place = f"lines.{number}"
        statement = statements.get(line.statement_id)
        if statement is None:
            raise Invalid(f"{place}.statement_id", "exists", noun="statement")
        if line.statement_id in seen:
            raise Invalid(f"{place}.statement_id", "once")
        seen.add(line.statement_id)
        if line.amount != statement.total:
            raise Invalid(f"{place}.amount", "statement_total", total=str(statement.total.amount))
        if line.outcome == "rejected" and not line.reason:
            raise Invalid(f"{place}.reason", "missing")
        if statement.paid:
            raise AlreadyPaid(statement_id=line.statement_id)


def is_paid_out(statements: Iterable[PayableStatement]) -> bool:
    """Whether everybody has their money: who is to get nothing, or less, waits for none."""
    return all(statement.paid for statement in statements if statement.total.amount > 0)
