"""The chain of an activity: interactions, invoices, shipments, documents."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.activities import requested_products
from services.activities.api.activity_requests import NewInteraction, Reason
from services.activities.api.activity_responses import RecordedView
from services.activities.api.chain_requests import NewDocument, NewInvoice, NewOrder, NewShipment
from services.activities.handlers.commands import (
    CancelInvoice,
    ChangeOrder,
    IssueInvoice,
    RecordDocument,
    RecordInteraction,
    RecordShipment,
)
from shared.activity_view import ActivityView
from shared.ids import ActivityId
from shared.web.callers import Worker
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["activities"], prefix="/activities/{activity_id}")


@router.post("/interactions", responses=responses(RecordedView, 409))
async def record_interaction(
    activity_id: ActivityId, body: NewInteraction, caller: Worker, commands: Commands
) -> JsonBytes:
    """Record an interaction and the next step, also with a won activity. All but a mere note are
    progress.

    The step that was promised ends: `kept`, `moved` or `dropped`. 409 `no_next_step` for a `step`
    where none is.
    """
    next_step = (body.next_step.what, body.next_step.due_at) if body.next_step else None
    command = RecordInteraction(activity_id, body.kind, body.note, next_step, body.step)
    return await commands.run(caller, lambda tx: handlers.record_interaction(tx, command, caller))


@router.put("/order", responses=responses(ActivityView, 409))
async def change_order(
    activity_id: ActivityId, body: NewOrder, caller: Worker, commands: Commands
) -> JsonBytes:
    """Agree on other lines, until the win. 409 `already_won`, `not_in_work`.

    What is paid may then cover the order, and wins it.
    """
    command = ChangeOrder(activity_id, requested_products(body.products))
    return await commands.run(
        caller, lambda tx: handlers.change_activity_order(tx, command, caller)
    )


@router.post("/invoices", responses=responses(RecordedView, 409))
async def issue_invoice(
    activity_id: ActivityId, body: NewInvoice, caller: Worker, commands: Commands
) -> JsonBytes:
    """Issue an invoice of what is left of the order, under the company's next number unless one is
    typed. 409 `exceeds_agreed`, `duplicate_invoice_number`, `not_in_work`.
    """
    command = IssueInvoice(activity_id, body.amount, body.number, body.due_on)
    return await commands.run(caller, lambda tx: handlers.issue_invoice(tx, command, caller))


@router.post("/invoices/{invoice_id}/cancel", responses=responses(ActivityView, 409))
async def cancel_invoice(
    activity_id: ActivityId, invoice_id: UUID, body: Reason, caller: Worker, commands: Commands
) -> JsonBytes:
    """Cancel an invoice."""
    command = CancelInvoice(activity_id, invoice_id, body.reason)
    return await commands.run(caller, lambda tx: handlers.cancel_invoice(tx, command, caller))


@router.post("/shipments", responses=responses(RecordedView, 409))
async def record_shipment(
    activity_id: ActivityId, body: NewShipment, caller: Worker, commands: Commands
) -> JsonBytes:
    """Record goods that went out, or a service done."""
    command = RecordShipment(activity_id, body.shipped_on, body.note)
    return await commands.run(caller, lambda tx: handlers.record_shipment(tx, command, caller))


@router.post("/documents", responses=responses(RecordedView, 409))
async def record_document(
    activity_id: ActivityId, body: NewDocument, caller: Worker, commands: Commands
) -> JsonBytes:
    """Record a closing document sent, signed or returned. 409 `document_not_sent`."""
    command = RecordDocument(activity_id, body.state, body.number, body.on)
    return await commands.run(caller, lambda tx: handlers.record_document(tx, command, caller))
