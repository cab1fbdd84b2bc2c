"""What a person decides on payments from outside, whichever list shows them: what they pay, that
they pay nothing of ours, and that it was a mistake.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.activities.domain.bank_refusals import NothingProposed
from services.activities.domain.chosen_shares import ChosenShare, require_place, require_whole
from services.activities.domain.inbound_payments import InboundPayment
from services.activities.domain.matching import Share
from services.activities.domain.refusals import (
    DuplicatePayment,
    PaymentAlreadyMatched,
    PaymentNotMatched,
)
from services.activities.handlers.booking import LockedActivities
from services.activities.handlers.commands import MatchInboundPayment
from services.activities.handlers.matching import BOOKED, judge
from services.activities.queries.inbound_payments import view_of
from services.activities.queries.judged_payments import View
from services.activities.storage import inbound_decisions, inbound_payments
from services.activities.storage.inbound_decisions import Booking, Decision
from services.activities.storage.payments import find_by_external_ids
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import ActivityId
from shared.tenancy import Caller
from shared.vocabulary import InboundPaymentState, MatchCertainty


async def match_inbound_payment(tx: Tx, command: MatchInboundPayment, caller: Caller) -> View:
    """Books an unmatched payment as the caller says, over one invoice or several.

    Raises `NotFound`, `PaymentAlreadyMatched`, and what `book_chosen` raises.
    """
    row = await _lock(tx, command.id, {"unmatched"})
    await book_chosen(tx, row, command.chosen, caller, "shares")
    return await _view(tx, row)


async def undo_inbound_match(tx: Tx, inbound_payment_id: UUID, reason: str, caller: Caller) -> View:
    """Takes back what a payment was booked to. Raises `NotFound`, `PaymentNotMatched`, and what
    `take_back` raises.
    """
    row = await _lock(tx, inbound_payment_id, {"booked"})
    await take_back(tx, row, reason, caller)
    return await _view(tx, row)


async def set_inbound_payment_aside(
    tx: Tx, inbound_payment_id: UUID, reason: str, caller: Caller
) -> View:
    """Takes a payment off the list of those that wait: it pays nothing that was sold here.

    Raises `NotFound`, `PaymentAlreadyMatched`.
    """
    row = await _lock(tx, inbound_payment_id, {"unmatched", "duplicate", "set_aside"})
    if row["state"] != "set_aside":
        await set_aside(tx, row, reason, caller)
    return await _view(tx, row)


async def restore_inbound_payment(tx: Tx, inbound_payment_id: UUID, caller: Caller) -> View:
    """Makes a payment wait that was set aside.

    Raises `NotFound`, `PaymentAlreadyMatched`.
    """
    row = await _lock(tx, inbound_payment_id, {"unmatched", "duplicate", "set_aside"})
    if row["state"] != "unmatched":
        await restore(tx, row, None, caller)
    return await _view(tx, row)


async def book_chosen(
    tx: Tx, row: Row, chosen: Sequence[ChosenShare], caller: Caller, field: str
) -> None:
    """Books a locked payment that waits as what is `chosen`, which stands in `field`; where nothing
    is, as the likeliest suggestion.

    Raises `NothingProposed`, `Invalid` where the shares are not the payment, `DuplicatePayment`,
    and what `LockedActivities.book` raises.
    """
    await tx.read_clock()
    payment = inbound_payments.payment_of(row)
    if chosen:
        require_whole(chosen, payment, field)
        shares: Sequence[Share] = [each.share for each in chosen]
    else:
        suggestions = (await judge(tx, payment)).suggestions
        if not suggestions:
            raise NothingProposed
        shares = suggestions[0].shares
    locked = await LockedActivities.lock(tx, [share.activity_id for share in shares])
    for position, share in enumerate(shares):
        place = f"{field}.{position}"
        activity = locked.get(share.activity_id, f"{place}.activity_id").activity
        require_place(activity, payment, share, place)
    await _require_unrecorded(tx, shares, payment)
    bookings = [
        await locked.book(
            payment, share, None if position else payment.external_id, caller.employee_id
        )
        for position, share in enumerate(shares)
    ]
    details = {"pressed": True}
    decision = Decision(row, "booked", row["certainty"], BOOKED, details=details, bookings=bookings)
    await inbound_decisions.save_decisions(tx, [decision], caller.employee_id)


async def take_back(tx: Tx, row: Row, reason: str, caller: Caller) -> None:
    """Takes back what a locked payment is booked to: its payments or refunds are struck out, claims
    that it had confirmed wait again, and it waits to be matched.

    Raises `AlreadyRefunded`.
    """
    await tx.read_clock()
    payment = inbound_payments.payment_of(row)
    bookings = [
        booking
        for booking in map(_booking, await inbound_decisions.find_bookings(tx, [row["id"]]))
        # What was recorded before the report of it stays recorded.
        if booking.was != "confirmed"
    ]
    locked = await LockedActivities.lock(tx, [booking.activity_id for booking in bookings])
    for booking in bookings:
        await locked.unbook(payment, booking, reason, caller.employee_id)
    await inbound_decisions.end_bookings(tx, row["id"])
    await _let_wait(tx, row, "undone", reason, caller)


async def set_aside(tx: Tx, row: Row, reason: str, caller: Caller) -> None:
    """Takes a locked payment that is not booked off the list of those that wait."""
    await tx.read_clock()
    decision = Decision(row, "set_aside", row["certainty"], "set_aside", reason)
    await inbound_decisions.save_decisions(tx, [decision], caller.employee_id)


async def restore(tx: Tx, row: Row, reason: str | None, caller: Caller) -> None:
    """Makes a locked payment wait that was set aside."""
    await tx.read_clock()
    if row["state"] == "duplicate" or row["duplicate_of"]:
        await inbound_decisions.forget_duplicate(tx, row["id"])
    await _let_wait(tx, row, "restored", reason, caller)


async def _let_wait(tx: Tx, row: Row, what: str, reason: str | None, caller: Caller) -> None:
    """Not looked at by itself again: a person has said that it was wrong."""
    judged = await judge(tx, inbound_payments.payment_of(row))
    certainty: MatchCertainty = "suggested" if judged.suggestions else "none"
    decision = Decision(row, "unmatched", certainty, what, reason)
    await inbound_decisions.save_decisions(tx, [decision], caller.employee_id)


async def _lock(tx: Tx, inbound_payment_id: UUID, states: Collection[InboundPaymentState]) -> Row:
    rows = await inbound_payments.lock(tx, [inbound_payment_id])
    if not rows:
        raise NotFound("inbound_payment")
    if rows[0]["state"] not in states:
        refusal = PaymentNotMatched if "booked" in states else PaymentAlreadyMatched
        raise refusal(state=rows[0]["state"])
    return rows[0]


async def _require_unrecorded(tx: Tx, shares: Sequence[Share], payment: InboundPayment) -> None:
    """Raises `DuplicatePayment` where the sender's id is recorded on an activity besides."""
    for recorded in await find_by_external_ids(tx, [payment.external_id]):
        if recorded["activity_id"] != shares[0].activity_id:
            raise DuplicatePayment("elsewhere", activity_id=recorded["activity_id"])


def _booking(row: Row) -> Booking:
    return Booking(
        ActivityId(row["activity_id"]),
        row["invoice_id"],
        row["payment_id"],
        row["amount"],
        row["was"],
    )


async def _view(tx: Tx, row: Row) -> View:
    (changed,) = await inbound_payments.lock(tx, [row["id"]])
    return await view_of(tx, changed)
