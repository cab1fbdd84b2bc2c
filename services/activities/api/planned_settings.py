"""Numbers of a room that are to hold from a day on."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.room_settings import CompanyQuery
from services.activities.api.settings_requests import RoomSettingsPlan
from services.activities.api.settings_responses import PlannedSettings
from services.activities.handlers.settings_commands import PlanRoomSettings
from services.activities.queries import room_settings as queries
from shared.clock import Day
from shared.web.callers import AnyCaller, Head
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["directory"], prefix="/rooms/{room_id}/settings/planned")


@router.get("", responses=responses(PlannedSettings))
async def list_planned_settings(
    room_id: UUID, company_id: CompanyQuery, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """List which numbers are to hold from which day on, the next day first."""
    caller.require_known_room(room_id)
    return await commands.read(caller, lambda tx: queries.list_planned(tx, room_id, company_id))


@router.post("", responses=responses(PlannedSettings))
async def plan_room_settings(
    room_id: UUID,
    company_id: CompanyQuery,
    body: RoomSettingsPlan,
    caller: Head,
    commands: Commands,
) -> JsonBytes:
    """Plan numbers that hold from the beginning of a company's day on, in place of what was planned
    for that day. The numbers that are not named stay.
    """
    command = PlanRoomSettings(room_id, company_id, body.effective_from, body.numbers.changes())
    return await commands.run(caller, lambda tx: handlers.plan_room_settings(tx, command, caller))


@router.post("/{effective_from}/cancel", responses=responses(PlannedSettings))
async def cancel_planned_settings(
    room_id: UUID,
    effective_from: Day,
    company_id: CompanyQuery,
    caller: Head,
    commands: Commands,
) -> JsonBytes:
    """Drop what is planned for a day."""
    return await commands.run(
        caller, lambda tx: handlers.cancel_planned(tx, room_id, company_id, effective_from, caller)
    )
