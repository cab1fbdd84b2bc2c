"""What a company's new rooms begin with, and which of the six numbers heads may change."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.settings_requests import RoomDefaultsBody
from services.activities.api.settings_responses import RoomDefaultsChangeView, RoomDefaultsView
from services.activities.handlers.settings_commands import SetRoomDefaults
from services.activities.queries import room_defaults as queries
from shared.paging import Cursor, Limit
from shared.web.callers import Admin, AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["directory"], prefix="/companies/{company_id}/room-defaults")


@router.get("", responses=responses(RoomDefaultsView))
async def get_room_defaults(company_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """The six numbers that a company's new rooms begin with, and which of them heads may change."""
    return await commands.read(caller, lambda tx: queries.get_room_defaults(tx, company_id))


@router.put("", responses=responses(RoomDefaultsView))
async def set_room_defaults(
    company_id: UUID, body: RoomDefaultsBody, caller: Admin, commands: Commands
) -> JsonBytes:
    """Set what rooms begin with that are to sell for the company; rooms that there are keep theirs.
    Heads may change the numbers of their own rooms that `heads_may_change` names.
    """
    numbers = body.model_dump()
    heads_may_change = numbers.pop("heads_may_change")
    command = SetRoomDefaults(company_id, numbers, heads_may_change)
    return await commands.run(caller, lambda tx: handlers.set_room_defaults(tx, command, caller))


@router.get("/history", responses=responses(Page[RoomDefaultsChangeView]))
async def list_room_defaults_changes(
    company_id: UUID,
    caller: AnyCaller,
    commands: Commands,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List who changed what new rooms begin with, when, from what and to what."""
    return await commands.read(
        caller, lambda tx: queries.list_room_defaults_changes(tx, company_id, limit, cursor)
    )
