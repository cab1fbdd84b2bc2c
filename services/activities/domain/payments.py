"""Money that comes in: claimed by who sells, counted once confirmed, struck out if it never came.

Money is a fact of the outside world, so no status of the activity refuses it (domain.md, "Order,
invoices, money, documents").
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from services.activities.domain.activity import Activity, DomainEvent, advance
from services.activities.domain.invoicing import require_currency
from services.activities.domain.pausing import follow_invoices
from services.activities.domain.progress import progress
from services.activities.domain.refusals import AlreadyRefunded, DuplicatePayment, PaymentIsStruck
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.trade import Payment, Refund
from services.activities.domain.winning import reverse_win, win_if_complete
from shared.errors import Invalid, NotFound
from shared.money import MoneySum, total

OLDEST_YEARS = 5
"""Money that came earlier is rather a mistaken year."""

Transfer = TypeVar("Transfer", Payment, Refund)


def record_payment(
    activity: Activity,
    payment: Payment,
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """Records money that came in: what is confirmed counts and may win the activity, what is
    claimed waits. No event where the sender's id repeats, unless that confirms what was claimed.

    Raises:
        Invalid: another currency.
        NotFound: the invoice that the payment names; a cancelled one may be paid all the same.
        DuplicatePayment: the sender's id came with another amount.
    """
    if earlier := find_repeated(activity.trade.payments, payment):
        if (earlier.state, payment.state) == ("claimed", "confirmed"):
            return confirm_payment(activity, earlier.id, room_settings, won_before, now)
        return []
    require_currency(activity, payment.amount)
    if payment.invoice_id and payment.invoice_id not in {
        invoice.id for invoice in activity.trade.invoices
    }:
        raise NotFound("invoice", "invoice_id")
    payments = (*activity.trade.payments, payment)
    if payment.state == "confirmed":
        return _receive(activity, payment, payments, room_settings, won_before, now)
    claimed = advance(
        activity,
        "payment.claimed",
        _details(payment),
        trade=replace(activity.trade, payments=payments),
        **progress(activity, room_settings, now),
    )
    return [follow_invoices(claimed, room_settings, now)]


def confirm_payment(
    activity: Activity,
    payment_id: UUID,
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
    as_paid: Payment | None = None,
) -> list[DomainEvent]:
    """Confirms that claimed money came, from when on it counts; no event where it counts already.
    It has the day of `as_paid`, the payment as the bank knows it, and its sender's id where it has
    none of its own.

    Raises `NotFound`, `PaymentIsStruck`.
    """
    payment = find_payment(activity, payment_id)
    if payment.state == "struck":
        raise PaymentIsStruck
    if payment.state == "confirmed":
        return []
    confirmed = replace(payment, state="confirmed")
    if as_paid:
        confirmed = replace(
            confirmed,
            paid_at=as_paid.paid_at,
            paid_on=as_paid.paid_on,
            external_id=payment.external_id or as_paid.external_id,
        )
    payments = _replaced(activity, confirmed)
    return _receive(activity, confirmed, payments, room_settings, won_before, now)


def strike_payment(
    activity: Activity, payment_id: UUID, reason: str, room_settings: RoomSettings, now: datetime
) -> list[DomainEvent]:
    """Strikes out a payment that was entered by mistake, which is not a refund; no event where it
    is struck out already. The win goes with it where what was agreed is no longer covered.

    Raises:
        NotFound: the payment.
        AlreadyRefunded: part of the money went back, so it must have come; carries what is left.
    """
    payment = find_payment(activity, payment_id)
    if payment.state == "struck":
        return []
    if payment.state == "confirmed":
        _require_unrefunded(activity, payment)
    payments = _replaced(activity, replace(payment, state="struck"))
    struck = advance(
        activity,
        "payment.struck",
        {"payment_id": payment.id, "amount": payment.amount, "was": payment.state},
        note=reason,
        trade=replace(activity.trade, payments=payments),
    )
    struck = follow_invoices(struck, room_settings, now)
    if activity.status == "won" and payment.state == "confirmed" and not struck.after.covered:
        return [struck, reverse_win(struck.after, room_settings, now)]
    return [struck]


def require_sane_day(paid_on: date, today: date, field: str = "paid_at") -> None:
    """Raises `Invalid` for money of the future, or of more than `OLDEST_YEARS` ago; both are the
    company's days.
    """
    if paid_on > today:
        raise Invalid(field, "not_in_future")
    oldest = date(today.year - OLDEST_YEARS, today.month, min(today.day, 28))
    if paid_on < oldest:
        raise Invalid(field, "not_before", min=oldest.isoformat())


def find_payment(activity: Activity, payment_id: UUID, field: str | None = None) -> Payment:
    """Raises `NotFound`, naming the `field` that held the id."""
    for payment in activity.trade.payments:
        if payment.id == payment_id:
            return payment
    raise NotFound("payment", field)


def find_repeated(recorded: Iterable[Transfer], transfer: Transfer) -> Transfer | None:
    """The transfer that is recorded under this one's sender's id; what was struck out has none.

    Raises `DuplicatePayment` where that id came with another amount.
    """
    if not transfer.external_id:
        return None
    for earlier in recorded:
        is_struck = isinstance(earlier, Payment) and earlier.state == "struck"
        if earlier.external_id == transfer.external_id and not is_struck:
            if earlier.amount != transfer.amount:
                raise DuplicatePayment
            return earlier
    return None


def refunds_of(activity: Activity, payment_id: UUID) -> MoneySum:
    """The sum of the refunds that name the payment."""
    refunds = activity.trade.refunds
    named = (refund.amount for refund in refunds if refund.payment_id == payment_id)
    return total(named, activity.currency)


def _receive(
    activity: Activity,
    payment: Payment,
    payments: tuple[Payment, ...],
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """The money counts from now on: it may win the activity, and on a lost one the head is told."""
    trade = replace(activity.trade, payments=payments)
    changes = progress(activity, room_settings, now)
    received = advance(activity, "payment.received", _details(payment), trade=trade, **changes)
    received = follow_invoices(received, room_settings, now)
    if activity.status == "lost":
        details = {"payment_id": payment.id, "amount": payment.amount}
        return [received, advance(received.after, "activity.paid_after_loss", details)]
    return [received, *win_if_complete(received.after, won_before, now)]


def _details(payment: Payment) -> dict[str, object]:
    return {
        "payment_id": payment.id,
        "amount": payment.amount,
        "invoice_id": payment.invoice_id,
        "paid_at": payment.paid_at,
        "paid_on": payment.paid_on,
    }


def _replaced(activity: Activity, changed: Payment) -> tuple[Payment, ...]:
    return tuple(
        changed if payment.id == changed.id else payment for payment in activity.trade.payments
    )


def _require_unrefunded(activity: Activity, payment: Payment) -> None:
    left = min(payment.amount - refunds_of(activity, payment.id), activity.paid)
    if left < payment.amount:
        raise AlreadyRefunded(left={"amount": f"{left.amount:.2f}", "currency": left.currency})
