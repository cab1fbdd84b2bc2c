"""Clients."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities import handlers
from services.activities.api.client_requests import (
    ClientChange,
    ClientCheck,
    MergeRequest,
    NewClient,
)
from services.activities.api.client_responses import (
    ClientCheckView,
    ClientHistoryEntry,
    ClientView,
    LargeLostView,
)
from services.activities.api.parameters import CustomQuery
from services.activities.domain.identity import identities_of
from services.activities.handlers import duplicate_clients
from services.activities.handlers.commands import CreateClient, MergeClients
from services.activities.queries import client_check as check
from services.activities.queries import client_history, large_lost
from services.activities.queries import clients as queries
from services.activities.queries.client_check import ClientQuestion
from services.activities.queries.large_lost import LargeLostFilters
from shared.clock import Moment
from shared.db import Tx
from shared.ids import ClientId, CompanyId, RoomId
from shared.jobs import queries as jobs
from shared.jobs.responses import JobView
from shared.paging import Cursor, Limit
from shared.text import Query as Words
from shared.web.callers import Admin, AnyCaller, Head, SellerOrAdmin, Worker
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["clients"])


def create_command(body: NewClient) -> CreateClient:
    """The command to create the client that a body describes."""
    return CreateClient(**body.model_dump())


@router.get("/clients", responses=responses(Page[ClientView]))
async def list_clients(
    caller: AnyCaller,
    commands: Commands,
    q: Annotated[Words | None, Query()] = None,
    custom: CustomQuery = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List clients that the caller sees, newest first; `q` is part of a name, the end of an INN,
    phone (four digits or more) or e-mail, or the number of an invoice in one of their rooms.
    """
    return await commands.read(
        caller, lambda tx: queries.list_clients(tx, q, caller, limit, cursor, custom or ())
    )


@router.post("/clients", status_code=201, responses=responses(ClientView, 409, status=201))
async def create_client(body: NewClient, caller: Worker, commands: Commands) -> JsonBytes:
    """Create a client. 409 `duplicate_client` names the contacts that are taken."""
    command = create_command(body)
    return await commands.run(caller, lambda tx: handlers.create_client(tx, command, caller), 201)


@router.post("/clients/check", responses=responses(ClientCheckView))
async def check_client(body: ClientCheck, caller: SellerOrAdmin, commands: Commands) -> JsonBytes:
    """Ask, before registering, whether somebody works a client: `free`, `in_work`, or `vip` until
    `protected_until` (null: for as long as the seller holds it). Who it is, only to who sees it.
    """
    identities = identities_of(body.model_dump())
    question = ClientQuestion(RoomId(body.room_id), CompanyId(body.company_id), identities)
    return await commands.run(caller, lambda tx: check.check_client(tx, question, caller))


@router.get("/clients/large-lost", responses=responses(Page[LargeLostView]))
async def list_large_lost(
    caller: AnyCaller,
    commands: Commands,
    room_id: UUID | None = None,
    company_id: UUID | None = None,
    lost_before: Moment | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List the large clients that the caller's rooms, or one of them, have lost, to return to; the
    newest client first.

    Each with the last activity that was lost, unless for a reason that does not count. Who has an
    open activity in these rooms, or has bought since, is not listed.
    """
    filters = LargeLostFilters(room_id, company_id, lost_before)
    return await commands.read(
        caller, lambda tx: large_lost.list_large_lost(tx, filters, caller, limit, cursor)
    )


@router.post("/clients/duplicates", status_code=202, responses=responses(JobView, status=202))
async def find_duplicate_clients(caller: Admin, commands: Commands) -> JsonBytes:
    """Have a job look for clients that are one, as from before INN, phones and e-mails had one
    form each. Its report names each pair by ids, the older one in `message`; nothing is merged.
    """

    async def use_case(tx: Tx) -> Any:
        return jobs.view(await duplicate_clients.start_finding(tx, caller.employee_id))

    return await commands.run(caller, use_case, 202)


@router.get("/clients/{client_id}", responses=responses(ClientView))
async def get_client(client_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """One client."""
    return await commands.read(caller, lambda tx: queries.get_client(tx, client_id, caller))


@router.get("/clients/{client_id}/history", responses=responses(Page[ClientHistoryEntry]))
async def list_client_history(
    client_id: UUID,
    caller: AnyCaller,
    commands: Commands,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """Who changed what of a client, newest first; the last entry is its creation. By the id of a
    client that was merged, its own history until then.
    """
    return await commands.read(
        caller, lambda tx: client_history.list_history(tx, client_id, caller, limit, cursor)
    )


@router.patch("/clients/{client_id}", responses=responses(ClientView, 409))
async def change_client(
    client_id: UUID, body: ClientChange, caller: Worker, commands: Commands
) -> JsonBytes:
    """Change a client. 409 `duplicate_client` as at creation."""
    return await commands.run(
        caller,
        lambda tx: handlers.change_client(tx, ClientId(client_id), body.changes(), caller),
    )


@router.post("/clients/{client_id}/merge", responses=responses(ClientView, 409))
async def merge_clients(
    client_id: UUID, body: MergeRequest, caller: Head, commands: Commands
) -> JsonBytes:
    """Merge a client into another, which is answered: its activities, contacts, rooms and VIPs
    become the other's, and its id leads there. More than 200 activities follow by a job.

    By a head of a room that sees both, or an admin. 409 `different_organizations` where the INNs
    differ, `client_merged` where one is part of a third.
    """
    command = MergeClients(ClientId(client_id), ClientId(body.into_client_id))
    return await commands.run(caller, lambda tx: handlers.merge_clients(tx, command, caller))
