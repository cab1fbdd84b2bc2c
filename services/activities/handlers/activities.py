"""What people do with activities."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.activities import events as published
from services.activities.domain import closing, taking, trading
from services.activities.domain.activity import (
    Activity,
    Document,
    DomainEvent,
    Invoice,
    Payment,
    Refund,
    Shipment,
)
from services.activities.handlers.directory import require_member, still_works
from services.activities.storage import repository
from services.activities.storage.repository import LockedActivity
from shared.db import Tx
from shared.errors import Forbidden
from shared.ids import ActivityId, EmployeeId, new_id
from shared.money import Money
from shared.tenancy import Caller
from shared.vocabulary import DocumentState, InteractionKind

View = dict[str, Any]
Rule = Callable[[LockedActivity], Sequence[DomainEvent]]


@dataclass(frozen=True, slots=True)
class Step:
    """What the responsible promised to do next, and when."""

    what: str
    due_at: datetime


async def take(tx: Tx, activity_id: ActivityId, caller: Caller) -> View:
    """Make the caller responsible for a free activity of their room."""
    found = _as_of(await repository.lock_for_taking(tx, activity_id, caller.employee_id), tx.now)
    caller.require_room(found.activity.room_id, "activity")
    holder = found.vip_holder
    if holder not in (None, caller.employee_id) and not await still_works(
        tx, holder, found.activity.room_id
    ):
        holder = None
    fact = taking.take(
        found.activity, caller.employee_id, found.last_take, found.room_settings, holder, tx.now
    )
    events = [*found.pending_events, fact]
    state = published.publish(tx, events, caller.employee_id, found.written)
    await repository.save_taken(tx, found.written, events, caller.employee_id)
    return published.view(fact.after, found.client, tx, state)


async def release(tx: Tx, activity_id: ActivityId, reason: str, caller: Caller) -> View:
    """Give an activity back to the pool; only its responsible may."""
    found = await _lock(tx, activity_id, caller)
    if found.activity.status == "in_work" and found.activity.responsible != caller.employee_id:
        raise Forbidden("give_back_activity")
    return await _save(tx, found, [taking.release(found.activity, reason, tx.now)], caller)


async def assign(
    tx: Tx, activity_id: ActivityId, employee: EmployeeId | None, caller: Caller
) -> View:
    """Make an employee of the room responsible, or nobody."""
    found = await _lock(tx, activity_id, caller)
    if employee is None:
        return await _save(tx, found, [taking.take_away(found.activity, tx.now)], caller)
    await require_member(tx, employee, found.activity.room_id, "employee_id")
    return await _save(
        tx, found, taking.assign(found.activity, employee, found.room_settings, tx.now), caller
    )


async def record_interaction(
    tx: Tx,
    activity_id: ActivityId,
    kind: InteractionKind,
    note: str | None,
    promised: Step | None,
    caller: Caller,
) -> View:
    """Record a call, meeting, letter or message, and what comes next."""
    next_step = (promised.what, promised.due_at) if promised else None
    return await _work(
        tx,
        activity_id,
        caller,
        lambda it: trading.record_interaction(
            it.activity, kind, note, next_step, it.room_settings, tx.now
        ),
    )


async def issue_invoice(
    tx: Tx,
    activity_id: ActivityId,
    amount: Money,
    number: str | None,
    due_on: date | None,
    caller: Caller,
) -> View:
    """Put an invoice out."""

    def rule(it: LockedActivity) -> Sequence[DomainEvent]:
        return trading.issue_invoice(
            it.activity,
            Invoice(new_id(), amount, number, due_on, tx.now),
            it.room_settings,
            it.won_before,
            tx.now,
        )

    return await _work(tx, activity_id, caller, rule)


async def cancel_invoice(
    tx: Tx, activity_id: ActivityId, invoice_id: UUID, reason: str, caller: Caller
) -> View:
    """Take an invoice back."""
    return await _work(
        tx,
        activity_id,
        caller,
        lambda it: trading.cancel_invoice(it.activity, invoice_id, reason, it.won_before, tx.now),
    )


async def receive_payment(
    tx: Tx,
    activity_id: ActivityId,
    amount: Money,
    invoice_id: UUID | None,
    paid_at: datetime | None,
    external_id: str | None,
    caller: Caller,
) -> View:
    """Record money that came in, once per `external_id`."""

    def rule(it: LockedActivity) -> Sequence[DomainEvent]:
        payment = Payment(new_id(), amount, invoice_id, paid_at or tx.now, external_id)
        return trading.receive(it.activity, payment, it.room_settings, it.won_before, tx.now)

    return await _work(tx, activity_id, caller, rule, also=("accountant",))


async def refund(
    tx: Tx,
    activity_id: ActivityId,
    amount: Money,
    payment_id: UUID | None,
    reason: str,
    external_id: str | None,
    caller: Caller,
) -> View:
    """Record money that went back, once per `external_id`."""

    def rule(it: LockedActivity) -> Sequence[DomainEvent]:
        return trading.refund(
            it.activity,
            Refund(new_id(), amount, payment_id, tx.now, external_id),
            reason,
            it.room_settings,
            tx.now,
        )

    return await _work(tx, activity_id, caller, rule, also=("accountant",))


async def ship(
    tx: Tx, activity_id: ActivityId, shipped_on: date | None, note: str | None, caller: Caller
) -> View:
    """Record what was sent out; today unless said otherwise."""
    return await _work(
        tx,
        activity_id,
        caller,
        lambda it: trading.ship(
            it.activity,
            Shipment(new_id(), shipped_on or tx.now.date()),
            note,
            it.room_settings,
            tx.now,
        ),
    )


async def record_document(
    tx: Tx,
    activity_id: ActivityId,
    state: DocumentState,
    number: str | None,
    on: date | None,
    caller: Caller,
) -> View:
    """Record closing documents sent, signed or returned; today unless said otherwise."""

    def rule(it: LockedActivity) -> Sequence[DomainEvent]:
        return trading.record_document(
            it.activity,
            Document(state, on or tx.now.date(), number),
            it.room_settings,
            it.won_before,
            tx.now,
        )

    return await _work(tx, activity_id, caller, rule, also=("accountant",))


async def lose(tx: Tx, activity_id: ActivityId, reason: str, caller: Caller) -> View:
    """Close an activity without a sale.

    One that is free may be closed by any seller of its room.
    """
    found = await _lock(tx, activity_id, caller)
    if found.activity.status != "free":
        _require_own(found.activity, caller, ())
    return await _save(tx, found, [closing.lose(found.activity, reason)], caller)


async def reopen(tx: Tx, activity_id: ActivityId, caller: Caller) -> View:
    """Go on with a lost activity; only a head reopens a won one, for that takes pay back."""
    found = await _lock(tx, activity_id, caller)
    former = found.activity.responsible
    if found.activity.status == "won":
        caller.require("head", "admin")
    elif found.activity.status == "lost" and former:
        _require_own(found.activity, caller, ())
    works = former is not None and await still_works(tx, former, found.activity.room_id)
    return await _save(
        tx, found, [closing.reopen(found.activity, works, found.room_settings, tx.now)], caller
    )


async def split(
    tx: Tx, activity_id: ActivityId, shares: list[tuple[EmployeeId, Decimal]], caller: Caller
) -> View:
    """Share the pay of an activity between sellers of its room."""
    found = await _lock(tx, activity_id, caller)
    _require_own(found.activity, caller, ())
    events = closing.split(found.activity, shares)
    for number, (employee, _) in enumerate(shares):
        await require_member(tx, employee, found.activity.room_id, f"shares.{number}.employee_id")
    return await _save(tx, found, [events], caller)


async def _lock(tx: Tx, activity_id: ActivityId, caller: Caller) -> LockedActivity:
    found = await repository.lock(tx, activity_id)
    caller.require_room(found.activity.room_id, "activity")
    return _as_of(found, tx.now)


def _as_of(found: LockedActivity, now: datetime) -> LockedActivity:
    """Who let the deadline pass lost the activity then, whether or not the sweeper has come."""
    pending_events = taking.catch_up(found.activity, found.room_settings, now)
    return (
        replace(
            found,
            activity=pending_events[-1].after,
            pending_events=pending_events,
            before=found.activity,
        )
        if pending_events
        else found
    )


async def _work(
    tx: Tx, activity_id: ActivityId, caller: Caller, rule: Rule, also: tuple[str, ...] = ()
) -> View:
    """What the responsible does, or a head for them, or one of the roles in `also`."""
    found = await _lock(tx, activity_id, caller)
    _require_own(found.activity, caller, also)
    return await _save(tx, found, rule(found), caller)


def _require_own(activity: Activity, caller: Caller, also: tuple[str, ...]) -> None:
    if activity.responsible in (None, caller.employee_id) or caller.has_any(
        {"head", "admin", *also}
    ):
        return
    raise Forbidden("work_activity")


async def _save(
    tx: Tx, found: LockedActivity, events: Sequence[DomainEvent], caller: Caller
) -> View:
    if not events:
        return published.view(found.activity, found.client, tx)
    events = [*found.pending_events, *events]
    state = published.publish(tx, events, caller.employee_id, found.written)
    await repository.save(tx, found.written, events, caller.employee_id)
    return published.view(events[-1].after, found.client, tx, state)
