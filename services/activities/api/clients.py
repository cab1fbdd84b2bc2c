"""Clients."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities import handlers
from services.activities.api.requests import ClientChange, NewClient
from services.activities.api.responses import ClientView
from services.activities.handlers.commands import CreateClient
from services.activities.queries import clients as queries
from shared.ids import ClientId
from shared.paging import Cursor, Limit
from shared.text import Query as Words
from shared.web.callers import AnyCaller, Worker
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
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List clients that the caller sees, newest first; `q` is part of a name, or the end of an INN,
    phone (four digits or more) or e-mail.
    """
    return await commands.read(
        caller, lambda tx: queries.list_clients(tx, q, caller, limit, cursor)
    )


@router.post("/clients", status_code=201, responses=responses(ClientView, 409, status=201))
async def create_client(body: NewClient, caller: Worker, commands: Commands) -> JsonBytes:
    """Create a client. 409 `duplicate_client` names the contacts that are taken."""
    command = create_command(body)
    return await commands.run(caller, lambda tx: handlers.create_client(tx, command, caller), 201)


@router.get("/clients/{client_id}", responses=responses(ClientView))
async def get_client(client_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """One client."""
    return await commands.read(caller, lambda tx: queries.get_client(tx, client_id, caller))


@router.patch("/clients/{client_id}", responses=responses(ClientView, 409))
async def change_client(
    client_id: UUID, body: ClientChange, caller: Worker, commands: Commands
) -> JsonBytes:
    """Change a client. 409 `duplicate_client` as at creation."""
    return await commands.run(
        caller,
        lambda tx: handlers.change_client(tx, ClientId(client_id), body.changes(), caller),
    )
