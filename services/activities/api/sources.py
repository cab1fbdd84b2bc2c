"""Acquisition sources."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.directory_requests import NewSource, SourceChange
from services.activities.api.directory_responses import SourceView
from services.activities.api.parameters import Archived
from services.activities.handlers.directory_commands import CreateSource
from services.activities.queries import directory as queries
from services.activities.storage.directory import SOURCE
from shared.paging import Cursor, Limit
from shared.web.callers import Admin, AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["directory"])


@router.get("/sources", responses=responses(Page[SourceView]))
async def list_sources(
    caller: AnyCaller,
    commands: Commands,
    archived: Archived = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List where requests come from."""
    return await commands.read(
        caller,
        lambda tx: queries.list_directory(tx, SOURCE, limit, cursor, archived=archived),
    )


@router.post("/sources", status_code=201, responses=responses(SourceView, 409, status=201))
async def create_source(body: NewSource, caller: Admin, commands: Commands) -> JsonBytes:
    """Create an acquisition source.

    409 `duplicate_source` names the one with the same name, channel and campaign.
    """
    command = CreateSource(**body.model_dump())
    return await commands.run(caller, lambda tx: handlers.create_source(tx, command), 201)


@router.get("/sources/{source_id}", responses=responses(SourceView))
async def get_source(source_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """One source."""
    return await commands.read(caller, lambda tx: queries.get_from_directory(tx, SOURCE, source_id))


@router.patch("/sources/{source_id}", responses=responses(SourceView))
async def change_source(
    source_id: UUID, body: SourceChange, caller: Admin, commands: Commands
) -> JsonBytes:
    """Change a source; what was registered keeps the kind it had.

    An `archived` source takes no new activities and leaves the lists. 409 `duplicate_source` as at
    creation.
    """
    return await commands.run(
        caller, lambda tx: handlers.change_source(tx, source_id, body.changes())
    )
