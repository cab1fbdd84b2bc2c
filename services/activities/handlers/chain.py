"""The chain from interest to signed documents: interactions, invoices, shipments, documents."""

from services.activities.domain import delivery, invoicing, progress
from services.activities.domain.days import day_of_fact, require_due_day
from services.activities.domain.refusals import DuplicateInvoiceNumber
from services.activities.domain.trade import Document, Invoice, Shipment
from services.activities.handlers.commands import (
    CancelInvoice,
    IssueInvoice,
    RecordDocument,
    RecordInteraction,
    RecordShipment,
)
from services.activities.handlers.locked import (
    admit,
    lock_activity,
    require_own,
    require_recorder,
    save_activity,
)
from services.activities.queries.activity_view import View
from services.activities.storage import invoice_numbers
from services.activities.storage.locking import LockedActivity
from shared.clock import end_of_day, local_day
from shared.db import Tx
from shared.ids import ActivityId, new_id
from shared.tenancy import Caller


async def _lock_own(tx: Tx, activity_id: ActivityId, caller: Caller) -> LockedActivity:
    """Locks an activity that the caller may work. Raises `NotFound`, `Forbidden`."""
    locked = await lock_activity(tx, activity_id, caller)
    require_own(locked.activity, caller)
    return locked


async def _lock_to_record(tx: Tx, activity_id: ActivityId, caller: Caller) -> LockedActivity:
    """Locks an activity on which the caller may record what happened outside.

    Raises `NotFound`, `Forbidden`.
    """
    locked = await lock_activity(tx, activity_id, caller)
    require_recorder(locked.activity, caller)
    return locked


async def record_interaction(tx: Tx, command: RecordInteraction, caller: Caller) -> View:
    """Records a call, meeting, letter or message, and what comes next. A mere note may leave
    whoever sells in the room.

    Raises `NotFound`, `Forbidden`, and what `progress.record_interaction` raises.
    """
    locked = await lock_activity(tx, command.activity_id, caller)
    # Only who works it promises, or says what became of a promise.
    is_note = command.kind == "note" and command.next_step is None and command.step is None
    if not (is_note and caller.sells_in(locked.activity.room_id)):
        require_own(locked.activity, caller)
    events = progress.record_interaction(
        locked.activity,
        command.kind,
        command.note,
        command.next_step,
        locked.room_settings,
        tx.now,
        command.step,
    )
    return await save_activity(tx, locked, events, caller)


async def issue_invoice(tx: Tx, command: IssueInvoice, caller: Caller) -> View:
    """Issues an invoice, under the number that was typed or the company's next.

    Raises `NotFound`, `Forbidden`, `DuplicateInvoiceNumber`, and what `invoicing.issue_invoice`
    raises.
    """
    invoice_id = new_id()
    locked, number = await invoice_numbers.lock_and_claim(
        tx, command.activity_id, invoice_id, command.number
    )
    locked = await admit(tx, locked, caller)
    require_own(locked.activity, caller)
    due_on, zone = command.due_on, locked.time_zone
    require_due_day(due_on, local_day(tx.now, zone))
    overdue_at = end_of_day(due_on, zone) if due_on else None
    invoice = Invoice(
        invoice_id, command.amount, number, due_on, issued_at=tx.now, overdue_at=overdue_at
    )
    events = invoicing.issue_invoice(locked.activity, invoice, locked.room_settings, tx.now)
    if number is None:
        raise DuplicateInvoiceNumber(number=command.number)
    return await save_activity(tx, locked, events, caller)


async def cancel_invoice(tx: Tx, command: CancelInvoice, caller: Caller) -> View:
    """Cancels an invoice.

    Raises `NotFound`, `Forbidden`, and what `invoicing.cancel_invoice` raises.
    """
    locked = await _lock_to_record(tx, command.activity_id, caller)
    events = invoicing.cancel_invoice(
        locked.activity, command.invoice_id, command.reason, locked.room_settings, tx.now
    )
    return await save_activity(tx, locked, events, caller)


async def record_shipment(tx: Tx, command: RecordShipment, caller: Caller) -> View:
    """Records goods that went out.

    Raises `NotFound`, `Forbidden`, `Invalid` for its day.
    """
    locked = await _lock_to_record(tx, command.activity_id, caller)
    today = local_day(tx.now, locked.time_zone)
    shipment = Shipment(new_id(), day_of_fact(command.shipped_on, today, "shipped_on"))
    events = delivery.record_shipment(
        locked.activity,
        shipment,
        command.note,
        locked.room_settings,
        locked.won_before,
        tx.now,
    )
    return await save_activity(tx, locked, events, caller)


async def record_document(tx: Tx, command: RecordDocument, caller: Caller) -> View:
    """Records closing documents as sent, signed or returned.

    Raises `NotFound`, `Forbidden`, `DocumentNotSent`, `Invalid` for its day.
    """
    locked = await _lock_to_record(tx, command.activity_id, caller)
    day = day_of_fact(command.on, local_day(tx.now, locked.time_zone), "on")
    document = Document(command.state, day, command.number)
    events = delivery.record_document(
        locked.activity, document, locked.room_settings, locked.won_before, tx.now
    )
    return await save_activity(tx, locked, events, caller)
