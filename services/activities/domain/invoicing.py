"""Invoices: the order billed in parts. They are our own papers: money alone wins an activity."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.activities.domain.activity import Activity, DomainEvent, advance
from services.activities.domain.pausing import follow_invoices
from services.activities.domain.progress import progress, require_in_work_or_won
from services.activities.domain.refusals import (
    AlreadyWon,
    ExceedsAgreed,
    InvoiceAlreadyCancelled,
)
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.trade import Invoice
from shared.errors import Invalid, NotFound
from shared.money import MoneySum


def issue_invoice(
    activity: Activity, invoice: Invoice, room_settings: RoomSettings, now: datetime
) -> list[DomainEvent]:
    """Issues an invoice, also after the win while some of the order is not invoiced.

    Raises `NotInWork`, `AlreadyWon` where nothing is left to invoice, `ExceedsAgreed`, `Invalid`
    for another currency.
    """
    require_in_work_or_won(activity)
    require_currency(activity, invoice.amount)
    left = activity.to_invoice
    if activity.status == "won" and left.amount == 0:
        raise AlreadyWon
    if left < invoice.amount:
        raise ExceedsAgreed(left={"amount": f"{left.amount:.2f}", "currency": left.currency})
    trade = replace(activity.trade, invoices=(*activity.trade.invoices, invoice))
    details = {
        "invoice_id": invoice.id,
        "amount": invoice.amount,
        "due_on": invoice.due_on,
        "number": invoice.number,
    }
    changes = progress(activity, room_settings, now)
    issued = advance(activity, "invoice.issued", details, trade=trade, **changes)
    return [follow_invoices(issued, room_settings, now)]


def cancel_invoice(
    activity: Activity,
    invoice_id: UUID,
    reason: str,
    room_settings: RoomSettings,
    now: datetime,
) -> list[DomainEvent]:
    """Cancels an invoice, whatever became of the activity: what it billed can be invoiced anew.

    Raises `NotFound`, `InvoiceAlreadyCancelled`.
    """
    cancelled_invoice = find_invoice(activity, invoice_id)
    invoices = tuple(
        replace(invoice, cancelled=True) if invoice.id == invoice_id else invoice
        for invoice in activity.trade.invoices
    )
    cancelled = advance(
        activity,
        "invoice.cancelled",
        {"invoice_id": invoice_id, "amount": cancelled_invoice.amount},
        note=reason,
        trade=replace(activity.trade, invoices=invoices),
    )
    return [follow_invoices(cancelled, room_settings, now)]


def find_invoice(activity: Activity, invoice_id: UUID, field: str | None = None) -> Invoice:
    """Raises `NotFound`, naming the `field` that held the id, or `InvoiceAlreadyCancelled`."""
    for invoice in activity.trade.invoices:
        if invoice.id == invoice_id:
            if invoice.cancelled:
                raise InvoiceAlreadyCancelled
            return invoice
    raise NotFound("invoice", field)


def require_currency(activity: Activity, amount: MoneySum) -> None:
    """Raises `Invalid` for a currency that is not the company's."""
    if amount.currency != activity.currency:
        raise Invalid("amount.currency", "company_currency", currency=activity.currency)
