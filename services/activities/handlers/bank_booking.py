"""Books lines of bank statements as confirmed payments, and takes those back."""

from collections.abc import Sequence
from dataclasses import replace

from services.activities.domain import payments
from services.activities.domain.bank_line import (
    BankLine,
    LinePart,
    booked,
    require_lacking,
    require_place,
)
from services.activities.domain.inbound_payments import InboundPayment
from services.activities.domain.matching import Share
from services.activities.handlers.booking import LockedActivities
from services.activities.storage.inbound_decisions import Booking
from shared.clock import local_day
from shared.db import Tx
from shared.tenancy import Caller


async def book_line(
    tx: Tx, line: BankLine, parts: Sequence[LinePart], caller: Caller, only_if_lacking: bool
) -> BankLine:
    """Records the parts of a locked line as confirmed payments: what its seller had entered is
    confirmed instead. The line as it is then, not written yet.

    With `only_if_lacking` each invoice must still lack the money: a match that was sure is not any
    more where it was paid meanwhile.

    Raises `NotFound`, `InvoiceHasMoney`, `DuplicatePayment`, `Invalid` for the day or the currency.
    """
    activities = await LockedActivities.lock(tx, (part.activity_id for part in parts))
    recorded = []
    for place, part in enumerate(parts):
        locked = activities.get(part.activity_id, f"parts.{place}.activity_id")
        require_place(locked.activity, line, part, place)
        if only_if_lacking:
            require_lacking(locked.activity, part)
        today = local_day(tx.now, locked.time_zone)
        payments.require_sane_day(line.operation_on, today, "operation_on")
        payment = _payment_of(line, place)
        share = Share(part.activity_id, part.invoice_id, part.amount.amount)
        booking = await activities.book(payment, share, payment.external_id, caller.employee_id)
        was_claimed = booking.was == "claimed"
        recorded.append(replace(part, payment_id=booking.payment_id, was_claimed=was_claimed))
    return booked(line, recorded)


async def take_back(tx: Tx, line: BankLine, reason: str, caller: Caller) -> None:
    """Strikes out the payments of a booked line, and enters again what its seller had claimed:
    their timelines say who did it and why.

    Raises `AlreadyRefunded` where part of one went back to the client.
    """
    activities = await LockedActivities.lock(tx, (part.activity_id for part in line.parts))
    for place, part in enumerate(line.parts):
        if part.payment_id is None:
            continue
        booking = Booking(
            part.activity_id,
            part.invoice_id,
            part.payment_id,
            part.amount.amount,
            "claimed" if part.was_claimed else None,
        )
        await activities.unbook(_payment_of(line, place), booking, reason, caller.employee_id)


def _payment_of(line: BankLine, place: int) -> InboundPayment:
    """The line as a payment from outside, under the sender's id of its part at `place`."""
    return InboundPayment(
        origin="statement",
        external_id=line.external_id(place + 1),
        company_id=line.company_id,
        direction="in",
        amount=line.amount,
        received_on=line.operation_on,
    )
