"""Disputes: opened by whose line it is, answered and resolved by who oversees its room."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.motivation import events
from services.motivation.domain import disputes as rules
from services.motivation.domain.adjusting import require_of_another
from services.motivation.handlers.adjustments import PostAdjustment, post_adjustment
from services.motivation.queries.visibility import rooms_of_pay
from services.motivation.storage import directory, disputes, pay_settings
from services.motivation.storage.disputes import Dispute, Step
from shared.clock import end_of_day
from shared.db import Tx
from shared.errors import Forbidden, NotFound
from shared.ids import EmployeeId, EntryId, new_id
from shared.money import Money
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """Object to a line of one's own pay."""

    entry_id: EntryId
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerDispute:
    """Say something to a dispute: an answer, or why it is taken back."""

    dispute_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class ResolveDispute:
    """End a dispute: by an adjustment of `amount`, or without one."""

    dispute_id: UUID
    text: str
    amount: Money | None = None


async def open_dispute(tx: Tx, command: OpenDispute, caller: Caller) -> UUID:
    """Opens a dispute, with the day until which an answer is due.

    Raises `NotFound`, `Forbidden` for a line of somebody else that the caller sees,
    `AlreadyDisputed`.
    """
    entry = await disputes.find_entry(tx, command.entry_id)
    if entry is None:
        raise NotFound("entry", "entry_id")
    if entry.employee_id != caller.employee_id:
        rooms = rooms_of_pay(caller, entry.employee_id)
        if rooms is not None and entry.room_id not in rooms:
            raise NotFound("entry", "entry_id")
        raise Forbidden("own_line")
    if await disputes.has_unresolved(tx, command.entry_id):
        raise rules.AlreadyDisputed
    company = await directory.company(tx, entry.company_id)
    settings = await pay_settings.of_company(tx, company.id)
    now = await tx.read_clock()
    due = rules.due_on(now, company.time_zone, settings.dispute_days)
    dispute = Dispute(
        new_id(),
        1,
        command.entry_id,
        entry.employee_id,
        entry.company_id,
        entry.room_id,
        entry.period,
        "open",
        due,
        end_of_day(due, company.time_zone),
    )
    await disputes.add(tx, dispute, Step("opened", caller.employee_id, command.reason))
    _publish(tx, dispute, events.dispute_opened(dispute, caller.employee_id))
    return dispute.id


async def answer_dispute(tx: Tx, command: AnswerDispute, caller: Caller) -> None:
    """Answers an open dispute, once.

    Raises `NotFound`, `Forbidden`, `OwnPay`, `DisputeNotOpen`.
    """
    dispute = await _lock_overseen(tx, command.dispute_id, caller)
    rules.require_unanswered(dispute.state)
    answered = replace(dispute, version=dispute.version + 1, state="answered")
    await disputes.move(tx, answered, Step("answered", caller.employee_id, command.text))
    _publish(tx, answered, events.dispute_answered(answered, caller.employee_id))


async def resolve_dispute(tx: Tx, command: ResolveDispute, caller: Caller) -> None:
    """Ends a dispute, by an adjustment in the open month where an amount is given. A head's
    adjustment waits for a second person.

    Raises `NotFound`, `Forbidden`, `OwnPay`, `DisputeNotOpen`, `Invalid` as an adjustment does.
    """
    dispute = await _lock_overseen(tx, command.dispute_id, caller)
    rules.require_unresolved(dispute.state)
    adjustment_id = None
    if command.amount is not None:
        adjustment = await post_adjustment(tx, _adjustment(dispute, command), caller)
        adjustment_id = adjustment.id
    outcome = rules.outcome_of(adjusted=adjustment_id is not None)
    resolved = replace(
        dispute,
        version=dispute.version + 1,
        state="resolved",
        outcome=outcome,
        adjustment_id=adjustment_id,
    )
    await disputes.move(tx, resolved, Step("resolved", caller.employee_id, command.text))
    _publish(tx, resolved, events.dispute_resolved(resolved, caller.employee_id))


async def withdraw_dispute(tx: Tx, command: AnswerDispute, caller: Caller) -> None:
    """Takes one's own dispute back.

    Raises `NotFound`, `Forbidden` for somebody else's, `DisputeNotOpen`.
    """
    dispute = await _lock_visible(tx, command.dispute_id, caller)
    if dispute.employee_id != caller.employee_id:
        raise Forbidden("withdraw_dispute")
    rules.require_unresolved(dispute.state)
    resolved = replace(dispute, version=dispute.version + 1, state="resolved", outcome="withdrawn")
    await disputes.move(tx, resolved, Step("resolved", caller.employee_id, command.text))
    _publish(tx, resolved, events.dispute_resolved(resolved, caller.employee_id))


async def reopen_dispute(tx: Tx, dispute_id: UUID, by: EmployeeId, reason: str) -> None:
    """Opens a dispute again whose adjustment the second person has rejected."""
    dispute = await disputes.lock(tx, dispute_id)
    assert dispute
    reopened = replace(
        dispute, version=dispute.version + 1, state="open", outcome=None, adjustment_id=None
    )
    await disputes.move(tx, reopened, Step("reopened", by, reason))
    _publish(tx, reopened, events.dispute_reopened(reopened, by))


def _adjustment(dispute: Dispute, command: ResolveDispute) -> PostAdjustment:
    assert command.amount is not None
    return PostAdjustment(
        dispute.employee_id,
        dispute.company_id,
        dispute.room_id,
        command.amount,
        command.text,
        dispute_id=dispute.id,
    )


async def _lock_visible(tx: Tx, dispute_id: UUID, caller: Caller) -> Dispute:
    dispute = await disputes.lock(tx, dispute_id)
    if dispute is None:
        raise NotFound("dispute")
    rooms = rooms_of_pay(caller, dispute.employee_id)
    if rooms is not None and dispute.room_id not in rooms:
        raise NotFound("dispute")
    return dispute


async def _lock_overseen(tx: Tx, dispute_id: UUID, caller: Caller) -> Dispute:
    """The dispute, locked by somebody who may decide it: not whose pay it is."""
    dispute = await _lock_visible(tx, dispute_id, caller)
    require_of_another(dispute.employee_id, caller.employee_id)
    return dispute


def _publish(tx: Tx, dispute: Dispute, event: events.AnyDisputeEvent) -> None:
    tx.publish(event, dispute.id, dispute.version)
