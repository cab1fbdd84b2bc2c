"""What stays of the money of a deal: what goes back is taken from where it came (domain.md, "The
six numbers": 4).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from shared.ids import derived_id


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money of a deal: what came in, or with a minus what went back, perhaps of a named payment. Of
    nothing it says by its id (`struck_refund_id`) that a refund never was.
    """

    id: UUID
    amount: Decimal
    received_at: datetime
    payment_id: UUID | None = None


def struck_refund_id(refund_id: UUID) -> UUID:
    """The id of the row which says that a refund was struck out."""
    return derived_id(refund_id, "struck")


def returned(receipts: Iterable[Receipt]) -> dict[UUID, Decimal]:
    """How much of each payment of one deal went back, whatever the order of `receipts`.

    What names a payment is taken from that one, also before it is there. What names none is taken
    from the deal's oldest money first, so that it lessens new money only once nothing else is left.
    What was struck out is taken from none, whether that is told before or after it.
    """
    money = list(receipts)
    ids = {receipt.id for receipt in money}
    payments = sorted(
        (receipt for receipt in money if receipt.amount > 0),
        key=lambda receipt: (receipt.received_at, receipt.id),
    )
    back = {payment.id: Decimal("0.00") for payment in payments}
    unnamed = Decimal("0.00")
    for refund in money:
        if refund.amount > 0 or struck_refund_id(refund.id) in ids:
            continue
        if refund.payment_id is None:
            unnamed -= refund.amount
        elif refund.payment_id in back:
            back[refund.payment_id] -= refund.amount
    for payment in payments:
        named = min(payment.amount, back[payment.id])
        taken = min(payment.amount - named, unnamed)
        back[payment.id] = named + taken
        unnamed -= taken
    return back
