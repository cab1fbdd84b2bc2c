"""Activities: registered, listed, seen one by one."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities import handlers
from services.activities.api.activity_requests import NewActivity, RequestedProductBody
from services.activities.api.activity_responses import (
    ActivityDetail,
    ActivityPage,
    PoolPage,
    RegisteredActivityView,
    TimelineEntry,
)
from services.activities.api.clients import create_command
from services.activities.api.parameters import CustomQuery
from services.activities.domain.registering import RequestedProduct
from services.activities.handlers.commands import RegisterActivity
from services.activities.queries import activities as queries
from services.activities.queries import timeline
from services.activities.queries.examining import Order
from services.activities.queries.listing import Filters
from shared.clock import Moment
from shared.ids import ActivityId, CompanyId, ProductId
from shared.paging import Cursor, Limit
from shared.text import Query as Words
from shared.vocabulary import Stage, Status
from shared.web.callers import AnyCaller, Worker
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["activities"])


def requested_products(bodies: Sequence[RequestedProductBody]) -> list[RequestedProduct]:
    """The lines of an order as they were sent."""
    return [
        RequestedProduct(ProductId(body.product_id), body.quantity, body.price) for body in bodies
    ]


@router.get("/activities", responses=responses(ActivityPage))
async def list_activities(
    caller: AnyCaller,
    commands: Commands,
    room_id: UUID | None = None,
    company_id: UUID | None = None,
    status: Status | None = None,
    stage: Stage | None = None,
    responsible_id: UUID | None = None,
    client_id: UUID | None = None,
    q: Annotated[Words | None, Query()] = None,
    source_id: UUID | None = None,
    product_id: UUID | None = None,
    large: bool | None = None,
    overdue: bool | None = None,
    overdue_invoice: bool | None = None,
    untouched: bool | None = None,
    without_next_step: bool | None = None,
    created_from: Moment | None = None,
    created_before: Moment | None = None,
    progress_before: Moment | None = None,
    custom: CustomQuery = None,
    sort: Order = "progress",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List activities of the caller's rooms; `q` is part of the client's name, the end of its
    phone (four digits or more), INN or e-mail, or the number of one of the activity's invoices.

    Newest progress first: an activity that moves on while somebody pages comes to the top, and is
    missed on later pages. With `sort=created` nothing moves: for exports. A page may be short, or
    empty, and have a `next_cursor` all the same: the list ends where that is null.
    """
    filters = Filters(
        room_id=room_id,
        company_id=company_id,
        status=status,
        stage=stage,
        responsible_id=responsible_id,
        client_id=client_id,
        q=q or None,
        source_id=source_id,
        product_id=product_id,
        large=large,
        overdue=overdue,
        overdue_invoice=overdue_invoice,
        untouched=untouched,
        without_next_step=without_next_step,
        created_from=created_from,
        created_before=created_before,
        progress_before=progress_before,
    )
    return await commands.read(
        caller,
        lambda tx: queries.list_activities(tx, filters, caller, limit, cursor, sort, custom or ()),
        one_plan=True,
    )


@router.get("/pool", responses=responses(PoolPage))
async def list_pool(
    caller: AnyCaller,
    commands: Commands,
    room_id: UUID | None = None,
    company_id: UUID | None = None,
    names: bool = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List free activities of the caller's rooms, oldest first; with `names=true` beside the names
    of what they mention by id.
    """
    return await commands.read(
        caller, lambda tx: queries.list_pool(tx, room_id, company_id, caller, limit, cursor, names)
    )


@router.get("/activities/{activity_id}", responses=responses(ActivityDetail))
async def get_activity(activity_id: ActivityId, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """One activity with its chain, its responsibles, and the newest hundred entries of its
    timeline; `timeline_cursor` goes on with the older ones.
    """
    return await commands.read(caller, lambda tx: queries.get_activity(tx, activity_id, caller))


@router.get("/activities/{activity_id}/timeline", responses=responses(Page[TimelineEntry]))
async def list_timeline(
    activity_id: ActivityId,
    caller: AnyCaller,
    commands: Commands,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """The timeline of an activity, newest first."""
    return await commands.read(
        caller, lambda tx: timeline.list_timeline(tx, activity_id, caller, limit, cursor)
    )


@router.post(
    "/activities", status_code=201, responses=responses(RegisteredActivityView, 409, status=201)
)
async def register_activity(body: NewActivity, caller: Worker, commands: Commands) -> JsonBytes:
    """Register a client's interest with its source.

    A known client is found by INN, phone or e-mail and gets what it did not have; a VIP goes to its
    seller. 409 `duplicate_client` where the parts point at several clients: send `client_id`.
    """
    command = RegisterActivity(
        company_id=CompanyId(body.company_id),
        room_id=body.room_id,
        source_id=body.source_id,
        products=requested_products(body.products),
        client_id=body.client_id,
        client=create_command(body.client) if body.client else None,
        note=body.note,
        take=body.take,
    )
    return await commands.run(
        caller, lambda tx: handlers.register_activity(tx, command, caller), 201
    )
