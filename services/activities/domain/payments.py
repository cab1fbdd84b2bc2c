"""Money: payments that come in, refunds that go back."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from services.activities.domain.activity import Activity, DomainEvent, Payment, Refund, advance
from services.activities.domain.invoicing import (
    find_invoice,
    require_currency,
)
from services.activities.domain.progress import progress, require_in_work_or_won
from services.activities.domain.refusals import DuplicatePayment, RefundExceedsPaid
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.winning import reverse_win, win_if_complete
from shared.errors import Invalid, NotFound
from shared.money import MoneySum, total

CLOCK_TOLERANCE = timedelta(days=1)
"""A payment may be dated this far ahead of our clock: senders live in other time zones."""

Transfer = TypeVar("Transfer", Payment, Refund)


def record_payment(
    activity: Activity,
    payment: Payment,
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """Records money that came in, which may win the activity; no event where the sender's id
    repeats.

    Raises:
        NotInWork: the activity is free or lost.
        Invalid: another currency, or a moment still to come.
        NotFound, InvoiceAlreadyCancelled: the invoice that the payment names.
        DuplicatePayment: the sender's id came with another amount.
    """
    if _is_repeated(activity.trade.payments, payment):
        return []
    require_in_work_or_won(activity)
    require_currency(activity, payment.amount)
    if payment.paid_at > now + CLOCK_TOLERANCE:
        raise Invalid("paid_at", "not_in_future")
    if payment.invoice_id:
        find_invoice(activity, payment.invoice_id, "invoice_id")
    details = {
        "payment_id": payment.id,
        "amount": payment.amount,
        "invoice_id": payment.invoice_id,
        "paid_at": payment.paid_at,
    }
    trade = replace(activity.trade, payments=(*activity.trade.payments, payment))
    changes = progress(activity, room_settings, now)
    received = advance(activity, "payment.received", details, trade=trade, **changes)
    return [received, *win_if_complete(received.after, won_before, now)]


def record_refund(
    activity: Activity, refund: Refund, reason: str, room_settings: RoomSettings, now: datetime
) -> list[DomainEvent]:
    """Records money that went back. It reduces a win, and takes it back when nothing is left; no
    event where the sender's id repeats.

    Raises:
        Invalid: another currency.
        NotFound: the payment that the refund names.
        RefundExceedsPaid: more than is left of that payment, or of all; carries what is left.
        DuplicatePayment: the sender's id came with another amount.
    """
    if _is_repeated(activity.trade.refunds, refund):
        return []
    require_currency(activity, refund.amount)
    left = _refundable(activity, refund.payment_id)
    if left < refund.amount:
        raise RefundExceedsPaid(left={"amount": f"{left.amount:.2f}", "currency": left.currency})
    details = {"refund_id": refund.id, "payment_id": refund.payment_id, "amount": refund.amount}
    trade = replace(activity.trade, refunds=(*activity.trade.refunds, refund))
    refunded = advance(activity, "payment.refunded", details, note=reason, trade=trade)
    if activity.status == "won" and refunded.after.paid.amount == 0:
        return [refunded, reverse_win(refunded.after, room_settings, now)]
    return [refunded]


def _is_repeated(recorded: Iterable[Transfer], transfer: Transfer) -> bool:
    if not transfer.external_id:
        return False
    for earlier in recorded:
        if earlier.external_id == transfer.external_id:
            if earlier.amount != transfer.amount:
                raise DuplicatePayment
            return True
    return False


def _refundable(activity: Activity, payment_id: UUID | None) -> MoneySum:
    """The amount that can still go back, of the named payment or of all."""
    if payment_id is None:
        return activity.paid
    for payment in activity.trade.payments:
        if payment.id == payment_id:
            refunds = [
                refund.amount
                for refund in activity.trade.refunds
                if refund.payment_id == payment_id
            ]
            return min(payment.amount - total(refunds, activity.currency), activity.paid)
    raise NotFound("payment", "payment_id")
