"""Contact persons of clients."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities.api.person_requests import (
    ContactPersonChange,
    ContactPersonView,
    NewContactPerson,
)
from services.activities.handlers import persons as handlers
from services.activities.handlers.persons import AddPerson
from services.activities.queries import persons as queries
from shared.ids import ClientId
from shared.paging import Cursor, Limit
from shared.web.callers import AnyCaller, Worker
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["clients"])


@router.get("/clients/{client_id}/persons", responses=responses(Page[ContactPersonView]))
async def list_contact_persons(
    client_id: UUID,
    caller: AnyCaller,
    commands: Commands,
    archived: Annotated[bool, Query()] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List the client's contact persons that the caller's rooms have entered, in the order of
    entry; `archived`: those too.
    """
    return await commands.read(
        caller, lambda tx: queries.list_persons(tx, client_id, archived, caller, limit, cursor)
    )


@router.post(
    "/clients/{client_id}/persons",
    status_code=201,
    responses=responses(ContactPersonView, 409, status=201),
)
async def add_contact_person(
    client_id: UUID, body: NewContactPerson, caller: Worker, commands: Commands
) -> JsonBytes:
    """Enter a contact person for the caller's rooms. From then on their phones and e-mails lead to
    the client, in searches and registrations.

    409 `duplicate_person` where the rooms know a person of this name with a common contact or
    without any; `duplicate_client` where a contact is another client's.
    """
    command = AddPerson(ClientId(client_id), body.model_dump())
    return await commands.run(caller, lambda tx: handlers.add_person(tx, command, caller), 201)


@router.get("/clients/{client_id}/persons/{person_id}", responses=responses(ContactPersonView))
async def get_contact_person(
    client_id: UUID, person_id: UUID, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """One contact person."""
    return await commands.read(
        caller, lambda tx: queries.get_person(tx, client_id, person_id, caller)
    )


@router.patch(
    "/clients/{client_id}/persons/{person_id}", responses=responses(ContactPersonView, 409)
)
async def change_contact_person(
    client_id: UUID,
    person_id: UUID,
    body: ContactPersonChange,
    caller: Worker,
    commands: Commands,
) -> JsonBytes:
    """Change a contact person, or archive one: their contacts lead nowhere from then on."""
    return await commands.run(
        caller,
        lambda tx: handlers.change_person(
            tx, ClientId(client_id), person_id, body.changes(), caller
        ),
    )
