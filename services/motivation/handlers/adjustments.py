"""Adjustments: entries of pay by hand, the large ones confirmed by a second person."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.motivation.domain import adjusting as rules
from services.motivation.domain import periods as period_rules
from services.motivation.domain.adjusting import Proposal
from services.motivation.domain.entries import NewEntry
from services.motivation.handlers.entries import post_entries
from services.motivation.storage import adjustments, directory, pay_settings, periods
from services.motivation.storage.adjustments import Adjustment, Decision
from services.motivation.storage.directory import Company, Employee
from shared.clock import following_period, period_of
from shared.db import Tx
from shared.errors import Forbidden, Invalid, NotFound
from shared.ids import CompanyId, EmployeeId, EntryId, RoomId, new_id
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
    dispute_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DecideAdjustment:
    """Confirm an adjustment that was proposed, or reject it."""

    adjustment_id: EntryId


async def post_adjustment(tx: Tx, command: PostAdjustment, caller: Caller) -> Adjustment:
    """Posts an entry, or proposes it where a second person has to confirm it.

    Raises:
        NotFound: there is no such company, room or employee, the room is not the caller's, or the
            employee does not work in a head's room.
        Forbidden: the caller neither keeps the accounts nor heads the room.
        OwnPay: it is the caller's own pay.
        Invalid: the amount is zero or not in the company's currency, the room does not sell for the
            company, or the period has not begun.
        PeriodClosed: the period named is closed.
    """
    company = await directory.company(tx, command.company_id)
    caller.require_room(command.room_id, field="room_id")
    await directory.room_selling_for(tx, command.room_id, company.id)
    employee = await directory.employee(tx, command.employee_id)
    by_head = _require_may_adjust(command, employee, caller)
    _require_amount(command, company)
    adjustment = Adjustment(
        id=EntryId(new_id()),
        company_id=company.id,
        room_id=command.room_id,
        employee_id=command.employee_id,
        period=await _hold_period(tx, company, command.period),
        amount=command.amount,
        reason=command.reason,
        state="posted",
        proposed_by=caller.employee_id,
        dispute_id=command.dispute_id,
    )
    settings = await pay_settings.of_company(tx, company.id)
    limit = settings.limit_in(company.currency)
    if rules.needs_second_person(command.amount, limit, by_head=by_head):
        adjustment = replace(adjustment, state="proposed")
    else:
        await _post(tx, adjustment)
    await adjustments.add(tx, adjustment)
    return adjustment


async def confirm_adjustment(tx: Tx, command: DecideAdjustment, caller: Caller) -> EntryId:
    """Posts a proposed adjustment.

    Raises:
        NotFound: there is none.
        AdjustmentDecided: it waits for nobody.
        SecondPersonNeeded, OwnPay: the caller proposed it, or it is their pay.
        PeriodClosed: its month was closed meanwhile.
    """
    adjustment = await lock_proposed(tx, command.adjustment_id)
    rules.require_second_person(_proposal(adjustment), caller.employee_id)
    await tx.read_clock()
    await _post(tx, adjustment)
    await adjustments.decide(tx, adjustment.id, Decision("posted", caller.employee_id))
    return adjustment.id


def _require_may_adjust(command: PostAdjustment, employee: Employee, caller: Caller) -> bool:
    """Whether the caller does it as the room's head only: for who works there, or disputes a line
    of there.
    """
    rules.require_of_another(command.employee_id, caller.employee_id)
    if caller.sees_every_room:
        return False
    if not caller.heads(command.room_id):
        raise Forbidden("head_of_room")
    if command.room_id not in employee.room_ids and command.dispute_id is None:
        raise NotFound("employee", "employee_id")
    return True


def _require_amount(command: PostAdjustment, company: Company) -> None:
    if not command.amount.amount:
        raise Invalid("amount", "not_zero")
    if command.amount.currency != company.currency:
        raise Invalid("amount.currency", "company_currency", currency=company.currency)


async def _hold_period(tx: Tx, company: Company, period: str | None) -> str:
    """The month named or the open one, which can't be closed before this transaction ends."""
    now = await tx.read_clock()
    if period:
        period_rules.require_begun(period, now, company.time_zone)
        if not await periods.hold_open(tx, company.id, period):
            raise period_rules.PeriodClosed(period=period)
        return period
    month = period_of(now, company.time_zone)
    while not await periods.hold_open(tx, company.id, month):
        month = following_period(month)
    return month


async def lock_proposed(tx: Tx, adjustment_id: EntryId) -> Adjustment:
    """The adjustment, locked to be decided. Raises `NotFound`, `AdjustmentDecided`."""
    adjustment = await adjustments.lock(tx, adjustment_id)
    if adjustment is None:
        raise NotFound("adjustment")
    if adjustment.state != "proposed":
        raise rules.AdjustmentDecided(adjustment_state=adjustment.state)
    return adjustment


def _proposal(adjustment: Adjustment) -> Proposal:
    return Proposal(adjustment.employee_id, adjustment.proposed_by)


async def _post(tx: Tx, adjustment: Adjustment) -> None:
    entry = NewEntry(
        kind="adjustment",
        employee_id=adjustment.employee_id,
        company_id=adjustment.company_id,
        room_id=adjustment.room_id,
        amount=adjustment.amount,
        reason=adjustment.reason,
        posted_by=adjustment.proposed_by,
        period=adjustment.period,
        entry_id=adjustment.id,
    )
    await post_entries(tx, [entry])
