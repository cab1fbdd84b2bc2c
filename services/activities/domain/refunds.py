"""Money that goes back to the client."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.activities.domain.activity import Activity, DomainEvent, advance
from services.activities.domain.invoicing import require_currency
from services.activities.domain.pausing import follow_invoices
from services.activities.domain.payments import find_payment, find_repeated, refunds_of
from services.activities.domain.refusals import RefundExceedsPaid
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.trade import Refund
from services.activities.domain.winning import reverse_win, win_if_complete
from shared.errors import NotFound
from shared.ids import ProductId
from shared.money import Money, MoneySum, total


def record_refund(
    activity: Activity, refund: Refund, reason: str, room_settings: RoomSettings, now: datetime
) -> list[DomainEvent]:
    """Records money that went back. It reduces a win, and takes it back when nothing is left; no
    event where the sender's id repeats.

    Raises:
        Invalid: another currency.
        NotFound: the payment or the product that the refund names.
        RefundExceedsPaid: more than is left of that payment, of that product's price, or of all;
            carries what is left.
        DuplicatePayment: the sender's id came with another amount.
    """
    if find_repeated(activity.trade.refunds, refund):
        return []
    require_currency(activity, refund.amount)
    left = _refundable(activity, refund)
    if left < refund.amount:
        raise RefundExceedsPaid(left={"amount": f"{left.amount:.2f}", "currency": left.currency})
    details = {
        "refund_id": refund.id,
        "payment_id": refund.payment_id,
        "amount": refund.amount,
        "product_id": refund.product_id,
    }
    trade = replace(activity.trade, refunds=(*activity.trade.refunds, refund))
    refunded = advance(activity, "payment.refunded", details, note=reason, trade=trade)
    refunded = follow_invoices(refunded, room_settings, now)
    nothing_left = refunded.after.paid.amount == 0 < activity.agreed.amount
    if activity.status == "won" and nothing_left:
        return [refunded, reverse_win(refunded.after, room_settings, now)]
    return [refunded]


def strike_refund(
    activity: Activity,
    refund_id: UUID,
    reason: str,
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """Strikes out a refund that was recorded by mistake: its money counts again, and wins again
    what is covered by it; on a lost activity the money changes nothing.

    Raises `NotFound`.
    """
    refund = find_refund(activity, refund_id)
    others = tuple(each for each in activity.trade.refunds if each.id != refund_id)
    details = {
        "refund_id": refund.id,
        "payment_id": refund.payment_id,
        "amount": refund.amount,
        "product_id": refund.product_id,
    }
    trade = replace(activity.trade, refunds=others)
    struck = advance(activity, "payment.refund_struck", details, note=reason, trade=trade)
    struck = follow_invoices(struck, room_settings, now)
    return [struck, *win_if_complete(struck.after, won_before, now)]


def find_refund(activity: Activity, refund_id: UUID) -> Refund:
    """Raises `NotFound`."""
    for refund in activity.trade.refunds:
        if refund.id == refund_id:
            return refund
    raise NotFound("refund")


def _refundable(activity: Activity, refund: Refund) -> MoneySum:
    """The amount that can still go back: of all that counts, of the named payment, of the named
    product.
    """
    left = activity.paid
    if refund.payment_id:
        payment = find_payment(activity, refund.payment_id, "payment_id")
        if payment.state != "confirmed":
            return Money.zero(activity.currency)
        left = min(left, payment.amount - refunds_of(activity, payment.id))
    if refund.product_id:
        left = min(left, _left_of_product(activity, refund.product_id))
    return left


def _left_of_product(activity: Activity, product_id: ProductId) -> MoneySum:
    lines = [line.amount for line in activity.products if line.product_id == product_id]
    if not lines:
        raise NotFound("product", "product_id")
    refunds = activity.trade.refunds
    returned = (refund.amount for refund in refunds if refund.product_id == product_id)
    return total(lines, activity.currency) - total(returned, activity.currency)
