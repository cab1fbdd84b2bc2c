"""Invoices: issued and cancelled; either may complete what was agreed."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.activities.domain.activity import Activity, DomainEvent, Invoice, advance
from services.activities.domain.progress import progress, require_in_work
from services.activities.domain.refusals import InvoiceAlreadyCancelled
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.winning import win_if_complete
from shared.errors import Invalid, NotFound
from shared.money import MoneySum


def issue_invoice(
    activity: Activity,
    invoice: Invoice,
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """Issues an invoice; where the money came before it, it may win the activity.

    Raises `NotInWork`, `AlreadyWon`, `Invalid` for another currency.
    """
    require_in_work(activity)
    require_currency(activity, invoice.amount)
    trade = replace(activity.trade, invoices=(*activity.trade.invoices, invoice))
    details = {"invoice_id": invoice.id, "amount": invoice.amount, "due_on": invoice.due_on}
    changes = progress(activity, room_settings, now)
    issued = advance(activity, "invoice.issued", details, trade=trade, **changes)
    return [issued, *win_if_complete(issued.after, won_before, now)]


def cancel_invoice(
    activity: Activity, invoice_id: UUID, reason: str, won_before: bool, now: datetime
) -> list[DomainEvent]:
    """Cancels an invoice; what is paid may now cover the rest.

    Raises `NotInWork`, `AlreadyWon`, `NotFound`, `InvoiceAlreadyCancelled`.
    """
    require_in_work(activity)
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
    return [cancelled, *win_if_complete(cancelled.after, won_before, now)]


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
