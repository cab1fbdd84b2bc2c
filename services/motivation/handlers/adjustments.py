"""Adjustments: what an accountant adds or deducts by hand."""

from dataclasses import dataclass

from services.motivation.domain import periods
from services.motivation.domain.entries import NewEntry
from services.motivation.handlers.entries import post_entries
from services.motivation.storage import directory
from shared.db import Tx
from shared.errors import Invalid
from shared.ids import CompanyId, EmployeeId, EntryId, RoomId
from shared.money import Money
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class PostAdjustment:
    """Add `amount` to an employee's pay, or deduct it where negative; None is the open period."""

    employee_id: EmployeeId
    company_id: CompanyId
    room_id: RoomId
    amount: Money
    reason: str
    period: str | None = None


async def post_adjustment(tx: Tx, command: PostAdjustment, caller: Caller) -> EntryId:
    """Posts an accountant's entry.

    Raises:
        NotFound: there is no such company, room or employee.
        Invalid: the amount is zero or not in the company's currency, or the period has not begun.
        PeriodClosed: the period named is closed.
    """
    company = await directory.company(tx, command.company_id)
    await directory.room(tx, command.room_id)
    await directory.employee(tx, command.employee_id)
    if not command.amount.amount:
        raise Invalid("amount", "not_zero")
    if command.amount.currency != company.currency:
        raise Invalid("amount.currency", "company_currency", currency=company.currency)
    if command.period:
        periods.require_begun(command.period, await tx.read_clock(), company.time_zone)
    entry = NewEntry(
        kind="adjustment",
        employee_id=command.employee_id,
        company_id=command.company_id,
        room_id=command.room_id,
        amount=command.amount,
        reason=command.reason,
        posted_by=caller.employee_id,
        period=command.period,
    )
    await post_entries(tx, [entry], {})
    return entry.entry_id
