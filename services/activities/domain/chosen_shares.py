"""What a payment from outside is booked as, as a person chooses it: shares of its money for
invoices, or for activities' orders as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.activities.domain.activity import Activity
from services.activities.domain.bank_refusals import BankLineNotIncoming
from services.activities.domain.inbound_payments import InboundPayment
from services.activities.domain.matching import Share
from shared.errors import Invalid, NotFound
from shared.ids import ActivityId
from shared.money import Money, total

MOST_PARTS = 50
_NO_CLIENTS = ("transfer", "other")


@dataclass(frozen=True, slots=True)
class ChosenShare:
    """A part of a payment's money; without an invoice it is for the order as a whole."""

    activity_id: ActivityId
    invoice_id: UUID | None
    amount: Money

    @property
    def share(self) -> Share:
        return Share(self.activity_id, self.invoice_id, self.amount.amount)


def require_whole(chosen: Sequence[ChosenShare], payment: InboundPayment, field: str) -> None:
    """Raises `Invalid` unless the shares, which stand in `field`, are the payment, each once;
    `BankLineNotIncoming` for a payment that is no client's.
    """
    if payment.kind in _NO_CLIENTS:
        raise BankLineNotIncoming
    amount, seen = payment.amount, set()
    for position, share in enumerate(chosen):
        if (share.activity_id, share.invoice_id) in seen:
            raise Invalid(f"{field}.{position}", "distinct")
        seen.add((share.activity_id, share.invoice_id))
        if share.amount.currency != amount.currency:
            place = f"{field}.{position}.amount.currency"
            raise Invalid(place, "line_currency", currency=amount.currency)
    if total((share.amount for share in chosen), amount.currency) != amount:
        whole = {"amount": f"{amount.amount:.2f}", "currency": amount.currency}
        raise Invalid(field, "adds_up", amount=whole)


def require_place(activity: Activity, payment: InboundPayment, share: Share, place: str) -> None:
    """Raises `Invalid` for an activity of another company, `NotFound` for an invoice of another
    activity; `place` is where the share stands.
    """
    if activity.company_id != payment.company_id:
        raise Invalid(f"{place}.activity_id", "of_company")
    if share.invoice_id and share.invoice_id not in {
        invoice.id for invoice in activity.trade.invoices
    }:
        raise NotFound("invoice", f"{place}.invoice_id")
