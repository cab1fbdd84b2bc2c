"""Money that a bank or an ERP reports, on the activity whose invoice it pays: it is confirmed, and
confirms what a seller claimed of it.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.payments import (
    confirm_payment,
    find_payment,
    find_repeated,
    record_payment,
    refunds_of,
)
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.trade import Payment, Refund
from shared.ids import new_id


def book_payment(
    activity: Activity,
    payment: Payment,
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """Records `payment`, or confirms the claim of the same money, which then has the bank's day. No
    event where it is recorded under its sender's id and confirmed.

    Raises `Invalid`, `NotFound`, `DuplicatePayment` as `record_payment`.
    """
    claim = None
    if not find_repeated(activity.trade.payments, payment):
        claim = find_claim(activity, payment)
    if claim is None:
        return record_payment(activity, payment, room_settings, won_before, now)
    return confirm_payment(activity, claim.id, room_settings, won_before, now, as_paid=payment)


def find_claim(activity: Activity, payment: Payment) -> Payment | None:
    """The claim of the same sum for the same invoice, else for none; of several the one that is
    said to have come nearest to when it did.
    """
    claims = [
        claim
        for claim in activity.trade.payments
        if claim.state == "claimed"
        and claim.amount == payment.amount
        and claim.invoice_id in (payment.invoice_id, None)
    ]
    return min(
        claims,
        key=lambda claim: (claim.invoice_id is None, abs(claim.paid_at - payment.paid_at)),
        default=None,
    )


def claim_again(
    activity: Activity,
    payment_id: UUID,
    external_id: str | None,
    room_settings: RoomSettings,
    now: datetime,
) -> list[DomainEvent]:
    """Enters the claim again that a booking had confirmed and that was struck out with it."""
    struck = find_payment(activity, payment_id)
    claim = replace(struck, id=new_id(), state="claimed", external_id=external_id)
    return record_payment(activity, claim, room_settings, False, now)


def payment_to_refund(activity: Activity, refund: Refund, invoice_id: UUID | None) -> UUID | None:
    """The payment of that invoice from which money goes back; None where there is not exactly one
    of which so much is left.
    """
    fitting = [
        payment.id
        for payment in activity.trade.payments
        if payment.state == "confirmed"
        and payment.invoice_id == invoice_id
        and refund.amount <= payment.amount - refunds_of(activity, payment.id)
    ]
    return fitting[0] if len(fitting) == 1 else None
