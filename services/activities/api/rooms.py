"""Sales rooms."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities import handlers
from services.activities.api.directory_requests import NewRoom, RoomChange
from services.activities.api.directory_responses import RoomView
from services.activities.api.parameters import Archived
from services.activities.api.results_responses import RoomResultsView
from services.activities.handlers.directory_commands import CreateRoom
from services.activities.queries import directory as queries
from services.activities.queries.room_results import results_of_room
from services.activities.storage.directory import ROOM
from shared.clock import Period
from shared.paging import Cursor, Limit
from shared.web.callers import Admin, AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["directory"])


@router.get("/rooms", responses=responses(Page[RoomView]))
async def list_rooms(
    caller: AnyCaller,
    commands: Commands,
    archived: Archived = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List the caller's rooms; all of them for admins, accountants and marketers."""
    return await commands.read(
        caller,
        lambda tx: queries.list_directory(tx, ROOM, limit, cursor, caller.known_rooms(), archived),
    )


@router.post("/rooms", status_code=201, responses=responses(RoomView, status=201))
async def create_room(body: NewRoom, caller: Admin, commands: Commands) -> JsonBytes:
    """Create a sales room and name the companies that it sells for."""
    command = CreateRoom(**body.model_dump())
    return await commands.run(caller, lambda tx: handlers.create_room(tx, command), 201)


@router.get("/rooms/{room_id}", responses=responses(RoomView))
async def get_room(room_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """One room."""
    caller.require_known_room(room_id)
    return await commands.read(caller, lambda tx: queries.get_from_directory(tx, ROOM, room_id))


@router.patch("/rooms/{room_id}", responses=responses(RoomView))
async def change_room(
    room_id: UUID, body: RoomChange, caller: Admin, commands: Commands
) -> JsonBytes:
    """Change a room's name or companies.

    An `archived` room takes no new activities and leaves the lists; those that are open go on, and
    the answer counts them.
    """
    return await commands.run(caller, lambda tx: handlers.change_room(tx, room_id, body.changes()))


@router.get("/rooms/{room_id}/results", responses=responses(RoomResultsView))
async def get_room_results(
    room_id: UUID,
    caller: AnyCaller,
    commands: Commands,
    period: Annotated[Period | None, Query()] = None,
) -> JsonBytes:
    """What a room has achieved in a month of the tenant's time zone, by seller: for its heads."""
    caller.require_room(room_id)
    if not caller.has_any(("accountant",)):
        caller.require_overseer(room_id)
    return await commands.read(caller, lambda tx: results_of_room(tx, room_id, period))
