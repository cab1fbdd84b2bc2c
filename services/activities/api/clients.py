"""Clients."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities.api import bodies
from services.activities.api.views import ClientView, answers
from services.activities.handlers import clients
from services.activities.queries import directory as queries
from shared.db import Tx
from shared.ids import ClientId
from shared.paging import Cursor, Limit
from shared.text import Query as Words
from shared.web.callers import AnyCaller, Worker
from shared.web.commands import CommandRunner
from shared.web.responses import JsonBytes, Page


def router(running: CommandRunner) -> APIRouter:
    """Every path of clients."""
    routes = APIRouter(tags=["clients"])

    @routes.get("/clients", responses=answers(Page[ClientView]))
    async def search_clients(
        caller: AnyCaller,
        q: Annotated[Words | None, Query()] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> JsonBytes:
        """Clients that the caller sees, newest first; `q` is part of a name, or an INN, phone or
        e-mail.
        """
        return await running.read(
            caller, lambda tx: queries.found_clients(tx, q, caller, limit, cursor)
        )

    @routes.post("/clients", status_code=201, responses=answers(ClientView, 409, status=201))
    async def register_client(body: bodies.NewClient, caller: Worker) -> JsonBytes:
        """Register a client. 409 `duplicate_client` names the contacts that are taken."""

        async def use_case(tx: Tx) -> dict[str, Any]:
            return queries.view(await clients.register(tx, body.model_dump(), caller))

        return await running.command(caller, use_case, 201)

    @routes.get("/clients/{client_id}", responses=answers(ClientView))
    async def see_client(client_id: UUID, caller: AnyCaller) -> JsonBytes:
        """One client."""

        async def query(tx: Tx) -> dict[str, Any]:
            return queries.view(await clients.see(tx, client_id, caller))

        return await running.read(caller, query)

    @routes.patch("/clients/{client_id}", responses=answers(ClientView, 409))
    async def change_client(
        client_id: UUID, body: bodies.ClientChange, caller: Worker
    ) -> JsonBytes:
        """Change a client. 409 `duplicate_client` as at registration."""

        async def use_case(tx: Tx) -> dict[str, Any]:
            return queries.view(await clients.change(tx, ClientId(client_id), body.given(), caller))

        return await running.command(caller, use_case)

    return routes
