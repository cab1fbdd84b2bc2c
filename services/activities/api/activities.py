"""Activities: registering, taking, the chain from invoice to signed documents, the ends."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities.api import bodies
from services.activities.api.views import ActivityDetail, answers
from services.activities.domain.registering import Wanted
from services.activities.handlers import activities
from services.activities.handlers.registration import Registration, register_activity
from services.activities.queries import activities as queries
from services.activities.queries.listing import Filters
from shared.activity_view import ActivityView
from shared.db import Tx
from shared.errors import Refusal
from shared.ids import ActivityId, EmployeeId, ProductId
from shared.paging import Cursor, Limit
from shared.text import Query as Words
from shared.vocabulary import Stage, Status
from shared.web.callers import AnyCaller, Head, Seller, Worker
from shared.web.commands import CommandRunner
from shared.web.responses import JsonBytes, Page


def router(running: CommandRunner) -> APIRouter:
    """Every path of activities and the pool."""
    routes = APIRouter(tags=["activities"])
    _reading(routes, running)
    _responsibility(routes, running)
    _chain(routes, running)
    _ends(routes, running)
    return routes


def _reading(routes: APIRouter, running: CommandRunner) -> None:
    @routes.get("/activities", responses=answers(Page[ActivityView]))
    async def list_activities(
        caller: AnyCaller,
        room_id: UUID | None = None,
        company_id: UUID | None = None,
        status: Status | None = None,
        stage: Stage | None = None,
        responsible_id: UUID | None = None,
        client_id: UUID | None = None,
        q: Annotated[Words | None, Query()] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> JsonBytes:
        """Activities of the caller's rooms, newest progress first; `q` is part of the client's
        name.
        """
        filters = Filters(room_id, company_id, status, stage, responsible_id, client_id, q or None)
        return await running.read(
            caller, lambda tx: queries.listing(tx, filters, caller, limit, cursor), one_plan=True
        )

    @routes.get("/pool", responses=answers(Page[ActivityView]))
    async def see_pool(
        caller: AnyCaller,
        room_id: UUID | None = None,
        company_id: UUID | None = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> JsonBytes:
        """Free activities of the caller's rooms, oldest first."""
        return await running.read(
            caller, lambda tx: queries.pool(tx, room_id, company_id, caller, limit, cursor)
        )

    @routes.get("/activities/{activity_id}", responses=answers(ActivityDetail))
    async def see_activity(activity_id: ActivityId, caller: AnyCaller) -> JsonBytes:
        """One activity with its timeline and chain."""
        return await running.read(caller, lambda tx: queries.whole(tx, activity_id, caller))


def _responsibility(routes: APIRouter, running: CommandRunner) -> None:
    @routes.post("/activities", status_code=201, responses=answers(ActivityView, 409, status=201))
    async def register(body: bodies.NewActivity, caller: Worker) -> JsonBytes:
        """Register a client's interest with its source.

        A known client is found by INN, phone or e-mail; a VIP goes to its seller.
        """
        client = body.client.model_dump() if body.client else None
        wanted = [
            Wanted(ProductId(each.product_id), each.quantity, each.price) for each in body.products
        ]
        said = Registration(
            body.company_id,
            body.room_id,
            body.source_id,
            wanted,
            body.client_id,
            client,
            body.note,
            body.take,
        )
        return await running.command(caller, lambda tx: register_activity(tx, said, caller), 201)

    @routes.post("/activities/{activity_id}/take", responses=answers(ActivityView, 409, 429))
    async def take(activity_id: ActivityId, caller: Seller) -> JsonBytes:
        """Take a free activity for yourself.

        409 `already_taken`, `vip_of_another`; 429 `too_soon` with `Retry-After`.
        """
        try:
            answer = await running.command(
                caller, lambda tx: activities.take(tx, activity_id, caller)
            )
        except Refusal as refusal:
            running.metrics.takes.labels(refusal.code).inc()
            raise
        running.metrics.takes.labels("taken").inc()
        return answer

    @routes.post("/activities/{activity_id}/release", responses=answers(ActivityView, 409))
    async def release(activity_id: ActivityId, body: bodies.Reason, caller: Seller) -> JsonBytes:
        """Give your activity back to the pool, with a reason."""
        return await running.command(
            caller, lambda tx: activities.release(tx, activity_id, body.reason, caller)
        )

    @routes.post("/activities/{activity_id}/assign", responses=answers(ActivityView, 409))
    async def assign(activity_id: ActivityId, body: bodies.Assignment, caller: Head) -> JsonBytes:
        """Make an employee of the room responsible, or with `employee_id: null` nobody."""
        employee = EmployeeId(body.employee_id) if body.employee_id else None
        return await running.command(
            caller, lambda tx: activities.assign(tx, activity_id, employee, caller)
        )


def _chain(routes: APIRouter, running: CommandRunner) -> None:
    @routes.post("/activities/{activity_id}/interactions", responses=answers(ActivityView, 409))
    async def record_interaction(
        activity_id: ActivityId, body: bodies.Interaction, caller: Worker
    ) -> JsonBytes:
        """Record an interaction and the next step. All but a mere note are progress."""
        promised = (
            activities.Step(body.next_step.what, body.next_step.due_at) if body.next_step else None
        )
        return await running.command(
            caller,
            lambda tx: activities.record_interaction(
                tx, activity_id, body.kind, body.note, promised, caller
            ),
        )

    @routes.post("/activities/{activity_id}/invoices", responses=answers(ActivityView, 409))
    async def issue_invoice(
        activity_id: ActivityId, body: bodies.NewInvoice, caller: Worker
    ) -> JsonBytes:
        """Put an invoice out."""
        return await running.command(
            caller,
            lambda tx: activities.issue_invoice(
                tx, activity_id, body.amount, body.number, body.due_on, caller
            ),
        )

    @routes.post(
        "/activities/{activity_id}/invoices/{invoice_id}/cancel",
        responses=answers(ActivityView, 409),
    )
    async def cancel_invoice(
        activity_id: ActivityId, invoice_id: UUID, body: bodies.Reason, caller: Worker
    ) -> JsonBytes:
        """Take an invoice back."""
        return await running.command(
            caller,
            lambda tx: activities.cancel_invoice(tx, activity_id, invoice_id, body.reason, caller),
        )

    @routes.post("/activities/{activity_id}/payments", responses=answers(ActivityView, 409))
    async def receive_payment(
        activity_id: ActivityId, body: bodies.NewPayment, caller: Worker
    ) -> JsonBytes:
        """Record money that came in; once per `external_id`.

        What covers the invoices may win the activity.
        """

        async def use_case(tx: Tx) -> dict[str, Any]:
            return await activities.receive_payment(
                tx,
                activity_id,
                body.amount,
                body.invoice_id,
                body.paid_at,
                body.external_id,
                caller,
            )

        return await running.command(caller, use_case)

    @routes.post("/activities/{activity_id}/refunds", responses=answers(ActivityView, 409))
    async def refund(activity_id: ActivityId, body: bodies.NewRefund, caller: Worker) -> JsonBytes:
        """Record money that went back; once per `external_id`.

        A win is reduced by it, and taken back when nothing is left.
        """

        async def use_case(tx: Tx) -> dict[str, Any]:
            return await activities.refund(
                tx, activity_id, body.amount, body.payment_id, body.reason, body.external_id, caller
            )

        return await running.command(caller, use_case)

    @routes.post("/activities/{activity_id}/shipments", responses=answers(ActivityView, 409))
    async def ship(activity_id: ActivityId, body: bodies.NewShipment, caller: Worker) -> JsonBytes:
        """Record what was sent out."""
        return await running.command(
            caller, lambda tx: activities.ship(tx, activity_id, body.shipped_on, body.note, caller)
        )

    @routes.post("/activities/{activity_id}/documents", responses=answers(ActivityView, 409))
    async def record_document(
        activity_id: ActivityId, body: bodies.NewDocument, caller: Worker
    ) -> JsonBytes:
        """Record closing documents sent, signed or returned."""
        return await running.command(
            caller,
            lambda tx: activities.record_document(
                tx, activity_id, body.state, body.number, body.on, caller
            ),
        )


def _ends(routes: APIRouter, running: CommandRunner) -> None:
    @routes.post("/activities/{activity_id}/lose", responses=answers(ActivityView, 409))
    async def lose(activity_id: ActivityId, body: bodies.Reason, caller: Seller) -> JsonBytes:
        """Close an activity without a sale, with a reason."""
        return await running.command(
            caller, lambda tx: activities.lose(tx, activity_id, body.reason, caller)
        )

    @routes.post("/activities/{activity_id}/reopen", responses=answers(ActivityView, 409))
    async def reopen(activity_id: ActivityId, caller: Seller) -> JsonBytes:
        """Go on with a lost activity; a head may reopen a won one, which takes the win back."""
        return await running.command(caller, lambda tx: activities.reopen(tx, activity_id, caller))

    @routes.post("/activities/{activity_id}/split", responses=answers(ActivityView, 409))
    async def split(activity_id: ActivityId, body: bodies.Split, caller: Seller) -> JsonBytes:
        """Share the pay of the activity; the shares add up to 1."""
        shares = [(EmployeeId(each.employee_id), each.share) for each in body.shares]
        return await running.command(
            caller, lambda tx: activities.split(tx, activity_id, shares, caller)
        )
