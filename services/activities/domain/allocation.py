"""Which money covers which invoice: named payments their own first, the rest the oldest due."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from services.activities.domain.trade import Invoice, Payment, Refund

_NOTHING = Decimal(0)


def covered_amounts(
    invoices: Sequence["Invoice"],
    payments: Iterable["Payment"],
    refunds: Iterable["Refund"],
    paid: Decimal,
) -> dict[UUID, Decimal]:
    """How much of `paid` (all money, less refunds) covers each of `invoices`, by id.

    A refund that names no payment takes from money that covers nothing first, then from the invoice
    that is due last.
    """
    named = _named_amounts(payments, refunds)
    covered = {
        invoice.id: min(named.get(invoice.id, _NOTHING), invoice.amount.amount)
        for invoice in invoices
    }
    left = paid - sum(covered.values())
    oldest_first = sorted(invoices, key=_due)
    for invoice in oldest_first if left > 0 else reversed(oldest_first):
        change = min(left, invoice.amount.amount - covered[invoice.id])
        change = max(change, -covered[invoice.id])
        covered[invoice.id] += change
        left -= change
    return covered


def _named_amounts(
    payments: Iterable["Payment"], refunds: Iterable["Refund"]
) -> dict[UUID, Decimal]:
    """The money that names each invoice, less the refunds of those payments."""
    refunded: dict[UUID, Decimal] = {}
    for refund in refunds:
        if refund.payment_id:
            refunded[refund.payment_id] = (
                refunded.get(refund.payment_id, _NOTHING) + refund.amount.amount
            )
    named: dict[UUID, Decimal] = {}
    for payment in payments:
        if payment.invoice_id:
            left = payment.amount.amount - refunded.get(payment.id, _NOTHING)
            named[payment.invoice_id] = named.get(payment.invoice_id, _NOTHING) + left
    return named


def _due(invoice: "Invoice") -> date:
    """In order of issue within a day, for sorting is stable; without a day, last."""
    return invoice.due_on or date.max
