"""Payments from outside: reported by a bank, an ERP or a partner, and matched with invoices."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.activity_requests import Reason
from services.activities.api.inbound_payment_requests import (
    InboundPaymentMatch,
    NewInboundPayment,
)
from services.activities.api.inbound_payment_responses import (
    InboundPaymentView,
    InboundPaymentWithHistory,
)
from services.activities.handlers.commands import MatchInboundPayment
from services.activities.queries import inbound_payments as queries
from shared.paging import Cursor, Limit
from shared.vocabulary import (
    BankLineKind,
    InboundPaymentState,
    MatchCertainty,
    PaymentDirection,
    PaymentOrigin,
)
from shared.web.callers import AnyCaller, Worker
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["activities"], prefix="/inbound/payments")


@router.post("", status_code=201, responses=responses(InboundPaymentView, 409, status=201))
async def report_payment(body: NewInboundPayment, caller: Worker, commands: Commands) -> JsonBytes:
    """Report a payment, once per `external_id` in the tenant; the same once more answers 200.

    It is booked by itself where the invoice's number, the payer's INN and the sum agree, or where
    `invoice_id` names the invoice and no other payer pays; it confirms the seller's claim of the
    same money. Otherwise it waits to be matched. One that a bank statement or another sender has
    told of is that payment, which answers 200. 409 `duplicate_payment` for an id of another
    payment.
    """
    payment = body.payment("api")
    return await commands.run(
        caller, lambda tx: handlers.report_payment(tx, payment, caller), 201, again_on_clash=True
    )


@router.get("", responses=responses(Page[InboundPaymentView]))
async def list_inbound_payments(
    caller: AnyCaller,
    commands: Commands,
    state: InboundPaymentState | None = None,
    certainty: MatchCertainty | None = None,
    origin: PaymentOrigin | None = None,
    direction: PaymentDirection | None = None,
    company_id: UUID | None = None,
    kind: BankLineKind | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List payments from outside in the order in which they were first told of, those of bank
    statements too. `state=unmatched` are those that wait for their invoice.
    """
    filters = queries.InboundPaymentFilters(state, certainty, origin, direction, company_id, kind)
    return await commands.read(
        caller, lambda tx: queries.list_inbound_payments(tx, filters, limit, cursor)
    )


@router.get("/{inbound_payment_id}", responses=responses(InboundPaymentWithHistory))
async def get_inbound_payment(
    inbound_payment_id: UUID, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """One payment from outside, with what it may pay and what was decided on it."""
    return await commands.read(
        caller, lambda tx: queries.get_inbound_payment(tx, inbound_payment_id)
    )


@router.post("/{inbound_payment_id}/match", responses=responses(InboundPaymentView, 409))
async def match_inbound_payment(
    inbound_payment_id: UUID, body: InboundPaymentMatch, caller: Worker, commands: Commands
) -> JsonBytes:
    """Book a payment: the shares say what it pays, and make up its sum. Of money that went back
    they are refunds.

    409 `payment_already_matched`, `duplicate_payment` where the sender's id is recorded on another
    activity, `refund_exceeds_paid`.
    """
    command = MatchInboundPayment(inbound_payment_id, tuple(share.chosen for share in body.shares))
    return await commands.run(
        caller, lambda tx: handlers.match_inbound_payment(tx, command, caller), again_on_clash=True
    )


@router.post("/{inbound_payment_id}/undo", responses=responses(InboundPaymentView, 409))
async def undo_inbound_payment(
    inbound_payment_id: UUID, body: Reason, caller: Worker, commands: Commands
) -> JsonBytes:
    """Undo a match, also one that was made by itself: what was booked is struck out, a claim that
    it had confirmed waits again, and the payment waits to be matched.

    409 `payment_not_matched`, `already_refunded`.
    """
    return await commands.run(
        caller,
        lambda tx: handlers.undo_inbound_match(tx, inbound_payment_id, body.reason, caller),
    )


@router.post("/{inbound_payment_id}/set-aside", responses=responses(InboundPaymentView, 409))
async def set_inbound_payment_aside(
    inbound_payment_id: UUID, body: Reason, caller: Worker, commands: Commands
) -> JsonBytes:
    """Set a payment aside that pays nothing sold here, such as a loan. 409
    `payment_already_matched`.
    """
    return await commands.run(
        caller,
        lambda tx: handlers.set_inbound_payment_aside(tx, inbound_payment_id, body.reason, caller),
    )


@router.post("/{inbound_payment_id}/restore", responses=responses(InboundPaymentView, 409))
async def restore_inbound_payment(
    inbound_payment_id: UUID, caller: Worker, commands: Commands
) -> JsonBytes:
    """Make a payment wait again that was set aside. 409 `payment_already_matched`."""
    return await commands.run(
        caller, lambda tx: handlers.restore_inbound_payment(tx, inbound_payment_id, caller)
    )
