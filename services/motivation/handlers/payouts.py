"""A closed month is approved, and payroll answers what it took over, sent back and paid."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import orjson

from services.motivation import events
from services.motivation.domain import payouts as rules
from services.motivation.domain.adjusting import SecondPersonNeeded
from services.motivation.domain.payouts import PayableStatement, PayoutLine
from services.motivation.domain.statements import PayStatement
from services.motivation.storage import directory, payouts, statements
from services.motivation.storage.payouts import Payout
from shared.db import Tx
from shared.ids import CompanyId, EmployeeId
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class ApprovePeriod:
    """Release a closed month to payroll."""

    company_id: CompanyId
    period: str


@dataclass(frozen=True, slots=True)
class RecordPayout:
    """What payroll answers under an id of its own for statements of an approved month."""

    payroll_id: str
    company_id: CompanyId
    period: str
    lines: tuple[PayoutLine, ...]

    def fingerprint(self) -> bytes:
        """The same for the same content, whatever the order of the lines."""
        lines = sorted(
            orjson.dumps(
                [str(line.statement_id), line.outcome, line.amount, line.reference, line.reason],
                default=str,
            )
            for line in self.lines
        )
        head = orjson.dumps([str(self.company_id), self.period])
        return sha256(b"\n".join([head, *lines])).digest()


async def approve_period(tx: Tx, command: ApprovePeriod, caller: Caller) -> None:
    """Approves a closed month and every statement in it, by somebody else than who closed it.

    Raises `NotFound`, `PeriodNotClosed`, `PeriodApproved`, `SecondPersonNeeded`.
    """
    company, month = await directory.company(tx, command.company_id), command.period
    locked = await payouts.lock_period(tx, company.id, month)
    if locked is None or not locked.closed_at:
        raise rules.PeriodNotClosed(period=month)
    if locked.approved_at:
        raise rules.PeriodApproved(period=month, approved_at=locked.approved_at)
    if locked.closed_by == caller.employee_id:
        raise SecondPersonNeeded
    approved = await statements.lock_month(tx, company.id, month)
    numbers = await _personnel_numbers(tx, approved)
    for statement in approved:
        statement.version += 1
        number = numbers.get(statement.employee_id)
        event = events.statement_approved(statement, number, tx.now, caller.employee_id)
        tx.publish(event, statement.id, statement.version)
    await payouts.approve(tx, company.id, month, caller.employee_id, approved)


async def record_payout(tx: Tx, command: RecordPayout, by: EmployeeId | None) -> bool:
    """Stores payroll's answer, `by` nobody where it came by bus; False where it has come before,
    and nothing changes.

    Raises `NotFound`, `PeriodNotApproved`, `DuplicatePayout` for other content under the same id,
    `Invalid`, `AlreadyPaid`.
    """
    company, month = await directory.company(tx, command.company_id), command.period
    locked = await payouts.lock_period(tx, company.id, month)
    if locked is None or not locked.approved_at:
        raise rules.PeriodNotApproved(period=month)
    fingerprint = command.fingerprint()
    if before := await payouts.fingerprint_of(tx, command.payroll_id):
        if before != fingerprint:
            raise rules.DuplicatePayout(payroll_id=command.payroll_id)
        return False
    approved = {row.id: row for row in await statements.lock_month(tx, company.id, month)}
    paid = await statements.paid_in_month(tx, company.id, month)
    payable = {id_: _payable(statement, paid) for id_, statement in approved.items()}
    rules.require_payable(command.lines, payable)
    await _publish(tx, command, by, approved)
    sent = Payout(command.payroll_id, company.id, month, fingerprint, command.lines)
    await payouts.add(tx, sent, by, approved)
    paid |= {line.statement_id for line in command.lines if line.outcome == "paid"}
    if not locked.paid_at and rules.is_paid_out(
        _payable(statement, paid) for statement in approved.values()
    ):
        await payouts.mark_paid(tx, company.id, month)
    return True


async def _publish(
    tx: Tx, command: RecordPayout, by: EmployeeId | None, approved: dict[UUID, PayStatement]
) -> None:
    """Moves the answered statements on by an event each."""
    answered = [approved[line.statement_id] for line in command.lines]
    numbers = await _personnel_numbers(tx, answered)
    for line in command.lines:
        statement = approved[line.statement_id]
        statement.version += 1
        event = events.statement_answered(
            statement,
            numbers.get(statement.employee_id),
            line.outcome,
            tx.now,
            by,
        )
        tx.publish(event, statement.id, statement.version)


async def _personnel_numbers(tx: Tx, of: list[PayStatement]) -> dict[UUID, str | None]:
    employees = await directory.employees(tx, {statement.employee_id for statement in of})
    return {id_: employee.personnel_number for id_, employee in employees.items()}


def _payable(statement: PayStatement, paid: set[UUID]) -> PayableStatement:
    return PayableStatement(
        statement.id, statement.employee_id, statement.total, statement.id in paid
    )
