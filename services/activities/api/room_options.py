"""What a company chose for a room beside the six numbers."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.room_settings import CompanyQuery, with_realignment
from services.activities.api.settings_requests import RoomOptionsChange
from services.activities.api.settings_responses import RoomOptionsView
from services.activities.handlers.settings_commands import ChangeRoomOptions
from services.activities.queries import room_settings as queries
from shared.web.callers import Admin, AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["directory"], prefix="/rooms/{room_id}/options")


@router.get("", responses=responses(RoomOptionsView))
async def get_room_options(
    room_id: UUID, company_id: CompanyQuery, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """What a company chose for a room beside the six numbers."""
    caller.require_known_room(room_id)
    return await commands.read(caller, lambda tx: queries.get_room_options(tx, room_id, company_id))


@router.patch("", responses=responses(RoomOptionsView))
async def change_room_options(
    room_id: UUID,
    company_id: CompanyQuery,
    body: RoomOptionsChange,
    caller: Admin,
    commands: Commands,
) -> JsonBytes:
    """Change the options that are named; they hold at once, for everything open."""
    command = ChangeRoomOptions(room_id, company_id, body.changes())
    return await with_realignment(
        commands, caller, lambda tx: handlers.change_room_options(tx, command, caller)
    )
