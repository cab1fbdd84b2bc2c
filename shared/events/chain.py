"""Events of an activity's chain: order, invoices, payments, shipments, documents, the win."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from shared.events.activities import ActivityEvent
from shared.events.base import State
from shared.ids import ProductId
from shared.money import Money


class AgreedLine(State):
    """A line of the order as it was, or is now, agreed."""

    product_id: ProductId
    quantity: int
    price: Money


class OrderChanged(ActivityEvent, type="order.changed"):
    """Other lines were agreed, before the win; `state` has the new ones whole."""

    before: list[AgreedLine]
    after: list[AgreedLine]


class InvoiceIssued(ActivityEvent, type="invoice.issued"):
    """An invoice went out; its number is unique in the company and the year of its issue."""

    invoice_id: UUID
    amount: Money
    due_on: date | None
    number: str | None = None


class InvoiceCancelled(ActivityEvent, type="invoice.cancelled"):
    """An invoice no longer counts."""

    invoice_id: UUID
    amount: Money


class PaymentClaimed(ActivityEvent, type="payment.claimed"):
    """Somebody who may not confirm it said that money came in: it does not count yet. `paid_on` is
    the company's day.
    """

    payment_id: UUID
    amount: Money
    invoice_id: UUID | None
    paid_at: datetime
    paid_on: date | None = None


class PaymentReceived(ActivityEvent, type="payment.received"):
    """Money came in, all or part of what was agreed, and counts from now on: recorded by an
    accountant, or a claim confirmed. `paid_on` is the company's day.
    """

    payment_id: UUID
    amount: Money
    invoice_id: UUID | None
    paid_at: datetime
    paid_on: date | None = None


class PaymentStruck(ActivityEvent, type="payment.struck"):
    """A payment was entered by mistake; no refund. Only what `was` confirmed had counted. The
    reason is free text and stays with the activity.
    """

    payment_id: UUID
    amount: Money
    was: Literal["claimed", "confirmed"]


class PaidAfterLoss(ActivityEvent, type="activity.paid_after_loss"):
    """Money that counts came for a lost activity, which stays lost: its head decides."""

    payment_id: UUID
    amount: Money


class PaymentRefunded(ActivityEvent, type="payment.refunded"):
    """Money went back to the client, for the payment and the product that it names."""

    refund_id: UUID
    payment_id: UUID | None
    amount: Money
    product_id: ProductId | None = None


class PaymentRefundStruck(ActivityEvent, type="payment.refund_struck"):
    """A refund was recorded by mistake: the money did not go back. The reason is free text and
    stays with the activity.
    """

    refund_id: UUID
    payment_id: UUID | None
    amount: Money
    product_id: ProductId | None = None


class ShipmentRecorded(ActivityEvent, type="shipment.recorded"):
    """Goods went out."""

    shipment_id: UUID
    shipped_on: date


class DocumentsSent(ActivityEvent, type="documents.sent"):
    """A closing document went to the client; without a number, the unnamed one."""

    on: date
    number: str | None = None


class DocumentsSigned(ActivityEvent, type="documents.signed"):
    """The client signed a closing document."""

    on: date
    number: str | None = None


class DocumentsReturned(ActivityEvent, type="documents.returned"):
    """The client sent a closing document back unsigned, or withdrew the signature."""

    on: date
    number: str | None = None


class ActivityWon(ActivityEvent, type="activity.won"):
    """Paid in full and, where a product is delivered, shipped with its documents signed.

    Once per win; pay follows from `state`.
    """

    won_at: datetime


class WinReversed(ActivityEvent, type="activity.win_reversed"):
    """A refund, a struck payment, a returned document or a reopening took the win back: the
    activity is in work again, or in the pool where it was won from there.
    """

    won_at: datetime
