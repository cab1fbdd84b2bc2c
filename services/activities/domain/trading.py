"""From invoice to signed documents: milestones, and the win that follows from them by itself."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from services.activities.domain.activity import (
    Activity,
    Document,
    DomainEvent,
    Invoice,
    Payment,
    Refund,
    Shipment,
    step,
)
from services.activities.domain.refusals import (
    AlreadyWon,
    DuplicatePayment,
    InvoiceNotValid,
    NotInWork,
    RefundExceedsPaid,
)
from services.activities.domain.room_settings import RoomSettings
from shared.errors import Invalid, NotFound
from shared.money import LARGEST, Money, total
from shared.vocabulary import InteractionKind

AHEAD = timedelta(days=1)

Known = TypeVar("Known", Payment, Refund)


def record_interaction(
    activity: Activity,
    kind: InteractionKind,
    note: str | None,
    next_step: tuple[str, datetime] | None,
    room_settings: RoomSettings,
    now: datetime,
) -> list[DomainEvent]:
    """A call, meeting, letter or message: progress, and it settles the step that was promised. A
    mere note is neither.

    Raises `NotInWork`.
    """
    _in_work(activity)
    changes: dict[str, Any] = {}
    if kind != "note":
        changes = _progress(room_settings, now) | {"next_step": None, "next_step_due_at": None}
    if next_step:
        changes |= {"next_step": next_step[0], "next_step_due_at": next_step[1]}
    return [
        step(
            activity,
            "interaction.recorded",
            {"kind": kind, "has_note": bool(note)},
            note=note,
            **changes,
        )
    ]


def issue_invoice(
    activity: Activity,
    invoice: Invoice,
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """An invoice goes out; where the money came before it, it may win the activity.

    Raises `NotInWork`, `AlreadyWon`, `Invalid` for another currency or more than can be told.
    """
    _in_work(activity)
    _own_currency(activity, invoice.amount)
    _can_be_told(activity.invoiced, invoice.amount)
    trade = replace(activity.trade, invoices=(*activity.trade.invoices, invoice))
    details = {"invoice_id": invoice.id, "amount": invoice.amount, "due_on": invoice.due_on}
    issued = step(activity, "invoice.issued", details, trade=trade, **_progress(room_settings, now))
    return [issued, *_won_by_itself(issued.after, won_before, now)]


def cancel_invoice(
    activity: Activity, invoice_id: UUID, reason: str, won_before: bool, now: datetime
) -> list[DomainEvent]:
    """An invoice does not count any more; what is paid may now cover the rest.

    Raises `NotInWork`, `AlreadyWon`, `NotFound`, `InvoiceNotValid`.
    """
    _in_work(activity)
    invoice = _invoice(activity, invoice_id, field=None)
    invoices = tuple(
        replace(each, cancelled=True) if each.id == invoice_id else each
        for each in activity.trade.invoices
    )
    details = {"invoice_id": invoice_id, "amount": invoice.amount}
    cancelled = step(
        activity,
        "invoice.cancelled",
        details,
        note=reason,
        trade=replace(activity.trade, invoices=invoices),
    )
    return [cancelled, *_won_by_itself(cancelled.after, won_before, now)]


def receive(
    activity: Activity,
    payment: Payment,
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """Money comes in; repeated under the sender's id, nothing happens. It may win the activity.

    Raises:
        NotInWork: free or lost.
        Invalid: another currency, a moment still to come, or more than can be told.
        NotFound, InvoiceCancelled: the invoice that it names.
        DuplicatePayment: the sender's id came with another amount.
    """
    if payment.external_id and (
        known := _by_external_id(activity.trade.payments, payment.external_id)
    ):
        if known.amount != payment.amount:
            raise DuplicatePayment
        return []
    if activity.status not in ("in_work", "won"):
        raise NotInWork(activity_status=activity.status)
    _own_currency(activity, payment.amount)
    _can_be_told(activity.paid, payment.amount)
    if payment.paid_at > now + AHEAD:
        raise Invalid("paid_at", "not_in_future")
    if payment.invoice_id:
        _invoice(activity, payment.invoice_id, field="invoice_id")
    trade = replace(activity.trade, payments=(*activity.trade.payments, payment))
    details = {
        "payment_id": payment.id,
        "amount": payment.amount,
        "invoice_id": payment.invoice_id,
        "paid_at": payment.paid_at,
    }
    received = step(
        activity,
        "payment.received",
        details,
        trade=trade,
        **_progress_of(activity, room_settings, now),
    )
    return [received, *_won_by_itself(received.after, won_before, now)]


def refund(
    activity: Activity, refund: Refund, reason: str, room_settings: RoomSettings, now: datetime
) -> list[DomainEvent]:
    """Money goes back. A win is reduced by it, and taken back when nothing is left; repeated under
    the sender's id, nothing happens.

    Raises:
        Invalid: another currency.
        NotFound: the payment that it names.
        RefundExceedsPaid: more than is left of that payment, or of all.
        DuplicatePayment: the sender's id came with another amount.
    """
    if refund.external_id and (
        known := _by_external_id(activity.trade.refunds, refund.external_id)
    ):
        if known.amount != refund.amount:
            raise DuplicatePayment
        return []
    _own_currency(activity, refund.amount)
    left = _left_of_payment(activity, refund.payment_id) if refund.payment_id else activity.paid
    left = min(left, activity.paid)
    if left < refund.amount:
        raise RefundExceedsPaid(
            left={"amount": f"{left.amount:.2f}", "currency": left.currency},
        )
    trade = replace(activity.trade, refunds=(*activity.trade.refunds, refund))
    details = {"refund_id": refund.id, "payment_id": refund.payment_id, "amount": refund.amount}
    refunded = step(activity, "payment.refunded", details, note=reason, trade=trade)
    if activity.status == "won" and refunded.after.paid.amount == 0:
        return [refunded, reverse_win(refunded.after, room_settings, now)]
    return [refunded]


def ship(
    activity: Activity,
    shipment: Shipment,
    note: str | None,
    room_settings: RoomSettings,
    now: datetime,
) -> list[DomainEvent]:
    """What was sold goes out. Raises `NotInWork`."""
    if activity.status not in ("in_work", "won"):
        raise NotInWork(activity_status=activity.status)
    trade = replace(activity.trade, shipments=(*activity.trade.shipments, shipment))
    details = {"shipment_id": shipment.id, "shipped_on": shipment.shipped_on}
    return [
        step(
            activity,
            "shipment.recorded",
            details,
            note=note,
            trade=trade,
            **_progress_of(activity, room_settings, now),
        )
    ]


def record_document(
    activity: Activity,
    document: Document,
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """Closing documents are sent, signed or returned: signed may win the activity, returned may
    take the win back.

    Raises `NotInWork`.
    """
    if activity.status not in ("in_work", "won"):
        raise NotInWork(activity_status=activity.status)
    trade = replace(activity.trade, documents=(*activity.trade.documents, document))
    recorded = step(
        activity,
        f"documents.{document.state}",
        {"on": document.on},
        trade=trade,
        **_progress_of(activity, room_settings, now),
    )
    if (
        activity.status == "won"
        and activity.delivered
        and not recorded.after.documents_signed
        and document.state == "returned"
    ):
        return [recorded, reverse_win(recorded.after, room_settings, now)]
    return [recorded, *_won_by_itself(recorded.after, won_before, now)]


def reverse_win(activity: Activity, room_settings: RoomSettings, now: datetime) -> DomainEvent:
    """The win is taken back: the activity is in work again, its responsible has the usual time."""
    details = {"won_at": activity.won_at}
    return step(
        activity,
        "activity.win_reversed",
        details,
        status="in_work",
        won_at=None,
        **_progress(room_settings, now),
    )


def _won_by_itself(activity: Activity, won_before: bool, now: datetime) -> list[DomainEvent]:
    """Won when payments cover the invoices and, for products that are delivered, the documents are
    signed (domain: «The activity»).
    """
    if (
        activity.status != "in_work"
        or not activity.covered
        or (activity.delivered and not activity.documents_signed)
    ):
        return []
    sale = activity.sale if activity.sale == "renewal" else "repeat" if won_before else "first"
    changes: dict[str, Any] = {
        "status": "won",
        "won_at": now,
        "sale": sale,
        "reset_due_at": None,
        "next_step": None,
        "next_step_due_at": None,
    }
    return [step(activity, "activity.won", {"won_at": now}, **changes)]


def _progress(room_settings: RoomSettings, now: datetime) -> dict[str, Any]:
    return {"progress_at": now, "reset_due_at": room_settings.reset_due(now)}


def _progress_of(activity: Activity, room_settings: RoomSettings, now: datetime) -> dict[str, Any]:
    """Progress moves the reset deadline only of what is still in work."""
    return _progress(room_settings, now) if activity.status == "in_work" else {"progress_at": now}


def _in_work(activity: Activity) -> None:
    if activity.status == "won":
        raise AlreadyWon
    if activity.status != "in_work":
        raise NotInWork(activity_status=activity.status)


def _own_currency(activity: Activity, amount: Money) -> None:
    if amount.currency != activity.currency:
        raise Invalid("amount.currency", "company_currency", currency=activity.currency)


def _can_be_told(sum_so_far: Money, amount: Money) -> None:
    """A sum above `LARGEST` would be a fact that nobody can read."""
    if sum_so_far.amount + amount.amount > LARGEST:
        raise Invalid("amount", "largest_amount", max=LARGEST)


def _invoice(activity: Activity, invoice_id: UUID, field: str | None) -> Invoice:
    for invoice in activity.trade.invoices:
        if invoice.id == invoice_id:
            if invoice.cancelled:
                raise InvoiceNotValid
            return invoice
    raise NotFound("invoice", field)


def _left_of_payment(activity: Activity, payment_id: UUID) -> Money:
    for payment in activity.trade.payments:
        if payment.id == payment_id:
            refunds = (
                refund.amount
                for refund in activity.trade.refunds
                if refund.payment_id == payment_id
            )
            return payment.amount - total(refunds, activity.currency)
    raise NotFound("payment", "payment_id")


def _by_external_id(known: Iterable[Known], external_id: str) -> Known | None:
    return next((each for each in known if each.external_id == external_id), None)
