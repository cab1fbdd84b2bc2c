"""What an accountant decides on payments from outside: what they pay, that they pay nothing of
ours, and that it was a mistake.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.activities.domain.inbound_payments import InboundPayment
from services.activities.domain.matching import Share, require_whole
from services.activities.domain.refusals import (
    DuplicatePayment,
    PaymentAlreadyMatched,
    PaymentNotMatched,
    RefundStays,
)
from services.activities.handlers.booking import LockedActivities
from services.activities.handlers.commands import MatchInboundPayment
from services.activities.handlers.matching import BOOKED
from services.activities.queries.inbound_payments import View, view_of
from services.activities.storage import inbound_decisions, inbound_payments
from services.activities.storage.inbound_decisions import Booking, Decision
from services.activities.storage.payments import find_by_external_ids
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid, NotFound
from shared.ids import ActivityId
from shared.tenancy import Caller
from shared.vocabulary import InboundPaymentState


async def match_inbound_payment(tx: Tx, command: MatchInboundPayment, caller: Caller) -> View:
    """Books an unmatched payment as the caller says, over one invoice or several.

    Raises `NotFound`, `PaymentAlreadyMatched`, `Invalid` where the shares are not the payment,
    `DuplicatePayment`, and what `LockedActivities.book` raises.
    """
    row = await _lock(tx, command.id, {"unmatched"})
    payment = inbound_payments.payment_of(row)
    require_whole(command.shares, payment)
    locked = await LockedActivities.lock(tx, [share.activity_id for share in command.shares])
    _require_company(locked, command.shares, payment)
    await _require_unrecorded(tx, command.shares, payment)
    bookings = [
        await locked.book(
            payment, share, None if position else payment.external_id, caller.employee_id
        )
        for position, share in enumerate(command.shares)
    ]
    decision = Decision(row, "booked", row["certainty"], BOOKED, bookings=bookings)
    return await _decided(tx, decision, caller)


async def undo_inbound_match(tx: Tx, inbound_payment_id: UUID, reason: str, caller: Caller) -> View:
    """Takes back what a payment was booked to: its payments are struck out, claims that it had
    confirmed wait again, and it waits to be matched.

    Raises `NotFound`, `PaymentNotMatched`, `AlreadyRefunded`, `RefundStays` for money that went
    back: a refund is taken back by recording the payment.
    """
    row = await _lock(tx, inbound_payment_id, {"booked"})
    payment = inbound_payments.payment_of(row)
    if payment.direction == "out":
        raise RefundStays
    bookings = [
        booking
        for booking in map(
            _booking, await inbound_decisions.find_bookings(tx, [inbound_payment_id])
        )
        # What was recorded before the report of it stays recorded.
        if booking.was != "confirmed"
    ]
    locked = await LockedActivities.lock(tx, [booking.activity_id for booking in bookings])
    for booking in bookings:
        await locked.unbook(payment, booking, reason, caller.employee_id)
    await inbound_decisions.end_bookings(tx, inbound_payment_id)
    # Not looked at by itself again: a person has said that it was wrong.
    return await _decided(tx, Decision(row, "unmatched", "suggested", "undone", reason), caller)


async def set_inbound_payment_aside(
    tx: Tx, inbound_payment_id: UUID, reason: str, caller: Caller
) -> View:
    """Takes a payment off the list of those that wait: it pays nothing that was sold here.

    Raises `NotFound`, `PaymentAlreadyMatched`.
    """
    row = await _lock(tx, inbound_payment_id, {"unmatched", "duplicate", "set_aside"})
    if row["state"] == "set_aside":
        return await view_of(tx, row)
    decision = Decision(row, "set_aside", row["certainty"], "set_aside", reason)
    return await _decided(tx, decision, caller)


async def restore_inbound_payment(tx: Tx, inbound_payment_id: UUID, caller: Caller) -> View:
    """Makes a payment wait that was set aside, or taken for another's duplicate.

    Raises `NotFound`, `PaymentAlreadyMatched`.
    """
    row = await _lock(tx, inbound_payment_id, {"unmatched", "duplicate", "set_aside"})
    if row["state"] == "unmatched":
        return await view_of(tx, row)
    if row["state"] == "duplicate" or row["duplicate_of"]:
        await inbound_decisions.forget_duplicate(tx, inbound_payment_id)
    return await _decided(tx, Decision(row, "unmatched", "suggested", "restored"), caller)


async def _lock(tx: Tx, inbound_payment_id: UUID, states: Collection[InboundPaymentState]) -> Row:
    rows = await inbound_payments.lock(tx, [inbound_payment_id])
    if not rows:
        raise NotFound("inbound_payment")
    await tx.read_clock()
    if rows[0]["state"] not in states:
        refusal = PaymentNotMatched if "booked" in states else PaymentAlreadyMatched
        raise refusal(state=rows[0]["state"])
    return rows[0]


def _require_company(
    locked: LockedActivities, shares: Sequence[Share], payment: InboundPayment
) -> None:
    """Raises `NotFound` for an activity that is not there, `Invalid` for another company's."""
    for position, share in enumerate(shares):
        field = f"shares.{position}.activity_id"
        if locked.get(share.activity_id, field).activity.company_id != payment.company_id:
            raise Invalid(field, "of_company")


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


async def _decided(tx: Tx, decision: Decision, caller: Caller) -> View:
    await inbound_decisions.save_decisions(tx, [decision], caller.employee_id)
    rows = await inbound_payments.lock(tx, [decision.row["id"]])
    return await view_of(tx, rows[0])
