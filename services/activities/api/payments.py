"""Money of an activity: payments and refunds; and the tenant's payments by state."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.activity_requests import Reason
from services.activities.api.activity_responses import RecordedView
from services.activities.api.inbound_payment_responses import PaymentsPage
from services.activities.api.money_requests import NewPayment, NewRefund
from services.activities.handlers.commands import (
    ConfirmPayment,
    RecordPayment,
    RecordRefund,
    StrikePayment,
)
from services.activities.queries import payments as queries
from services.activities.queries.inbound_payments import list_waiting
from shared.activity_view import ActivityView
from shared.errors import Invalid
from shared.ids import ActivityId, ProductId
from shared.paging import Cursor, Limit
from shared.tenancy import Caller
from shared.vocabulary import ListedPaymentState
from shared.web.callers import AnyCaller, Worker
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["activities"])


@router.post("/activities/{activity_id}/payments", responses=responses(RecordedView, 409))
async def record_payment(
    activity_id: ActivityId, body: NewPayment, caller: Worker, commands: Commands
) -> JsonBytes:
    """Record money that came in; once per `external_id` in the tenant, whatever the activity's
    status.

    An accountant's counts at once. Others' is claimed until an accountant confirms it, unless the
    company's `payment_confirmation` is `none`. What covers the activity may win it.
    409 `duplicate_payment` for an id of another payment.
    """
    command = RecordPayment(
        activity_id, body.amount, body.invoice_id, body.paid_at, body.external_id
    )
    return await commands.run(
        caller, lambda tx: handlers.record_payment(tx, command, caller), again_on_clash=True
    )


@router.post(
    "/activities/{activity_id}/payments/{payment_id}/confirm",
    responses=responses(ActivityView, 409),
)
async def confirm_payment(
    activity_id: ActivityId, payment_id: UUID, caller: Worker, commands: Commands
) -> JsonBytes:
    """Confirm that claimed money came: from now on it counts. 409 `payment_struck`."""
    command = ConfirmPayment(activity_id, payment_id)
    return await commands.run(caller, lambda tx: handlers.confirm_payment(tx, command, caller))


@router.post(
    "/activities/{activity_id}/payments/{payment_id}/strike", responses=responses(ActivityView, 409)
)
async def strike_payment(
    activity_id: ActivityId, payment_id: UUID, body: Reason, caller: Worker, commands: Commands
) -> JsonBytes:
    """Strike out a payment that was entered by mistake; no refund.

    Who entered it may while it is claimed, an accountant always. The win goes with it where what
    was agreed is no longer covered. 409 `already_refunded` where part of the money went back.
    """
    command = StrikePayment(activity_id, payment_id, body.reason)
    return await commands.run(caller, lambda tx: handlers.strike_payment(tx, command, caller))


@router.post("/activities/{activity_id}/refunds", responses=responses(RecordedView, 409))
async def record_refund(
    activity_id: ActivityId, body: NewRefund, caller: Worker, commands: Commands
) -> JsonBytes:
    """Record money that went back; once per `external_id` in the tenant.

    A win is reduced by it, and taken back when nothing is left. 409 `duplicate_payment` for an id
    of another refund, `refund_exceeds_paid`.
    """
    product_id = ProductId(body.product_id) if body.product_id else None
    command = RecordRefund(
        activity_id, body.amount, body.payment_id, product_id, body.reason, body.external_id
    )
    return await commands.run(
        caller, lambda tx: handlers.record_refund(tx, command, caller), again_on_clash=True
    )


@router.get("/payments", responses=responses(PaymentsPage))
async def list_payments(
    caller: AnyCaller,
    commands: Commands,
    state: ListedPaymentState = "claimed",
    room_id: UUID | None = None,
    company_id: UUID | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List payments of a state, the oldest first: an accountant sees the tenant's, a head those of
    the rooms that they head.

    `unmatched` are payments from outside that wait for their invoice, as `/inbound/payments` shows
    them; they are of no room, and for accountants and admins to see.
    """
    if state == "unmatched":
        return await _list_waiting(caller, commands, room_id, company_id, limit, cursor)
    filters = queries.PaymentFilters(state, room_id, company_id)
    return await commands.read(
        caller,
        lambda tx: queries.list_payments(tx, filters, caller, limit, cursor),
        one_plan=True,
    )


async def _list_waiting(
    caller: Caller,
    commands: Commands,
    room_id: UUID | None,
    company_id: UUID | None,
    limit: int,
    cursor: str | None,
) -> JsonBytes:
    caller.require("accountant", "admin")
    if room_id:
        raise Invalid("room_id", "not_with_unmatched")
    return await commands.read(
        caller, lambda tx: list_waiting(tx, company_id, limit, cursor), one_plan=True
    )
