"""A room's settings for a company: the six numbers."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities import handlers
from services.activities.api.settings_requests import RoomSettingsBody, RoomSettingsChange
from services.activities.api.settings_responses import (
    RoomSettingsChangeView,
    RoomSettingsPreview,
    RoomSettingsView,
)
from services.activities.domain.room_settings import RoomSettings
from services.activities.handlers.settings_commands import SetRoomSettings
from services.activities.queries import room_settings as queries
from services.activities.queries.settings_preview import preview_room_settings as preview_of
from shared.db import Tx
from shared.jobs import Job
from shared.jobs.runner import JobRunner
from shared.paging import Cursor, Limit
from shared.tenancy import Caller
from shared.web.callers import AnyCaller, Head
from shared.web.commands import CommandRunner, Commands
from shared.web.responses import JsonBytes, Page, responses

Change = Callable[[Tx], Awaitable[tuple[dict[str, Any], Job | None]]]
"""Sets something by which deadlines are computed; the job moves them, None for nothing to move."""
CompanyQuery = Annotated[UUID, Query()]
STEPS_AT_ONCE = 5
"""Batches of deadlines that have moved when changed settings are answered: all of a usual room.
Those of a larger room follow by the worker.
"""

router = APIRouter(tags=["directory"], prefix="/rooms/{room_id}/settings")


@router.get("", responses=responses(RoomSettingsView))
async def get_room_settings(
    room_id: UUID, company_id: CompanyQuery, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """The six numbers of a company in a room."""
    caller.require_known_room(room_id)
    return await commands.read(
        caller, lambda tx: queries.get_room_settings(tx, room_id, company_id)
    )


@router.put("", responses=responses(RoomSettingsView))
async def set_room_settings(
    room_id: UUID,
    company_id: CompanyQuery,
    body: RoomSettingsBody,
    caller: Head,
    commands: Commands,
) -> JsonBytes:
    """Set the six numbers; they hold at once, for everything open. A head of the room changes those
    that the company lets heads change.

    The deadlines of a large room are rewritten afterwards.
    """
    command = SetRoomSettings(room_id, company_id, body.model_dump())
    return await with_realignment(
        commands, caller, lambda tx: handlers.set_room_settings(tx, command, caller)
    )


@router.patch("", responses=responses(RoomSettingsView))
async def change_room_settings(
    room_id: UUID,
    company_id: CompanyQuery,
    body: RoomSettingsChange,
    caller: Head,
    commands: Commands,
) -> JsonBytes:
    """Set some of the six numbers, and leave the others as they are.

    Two admins who change one number each both have their way.
    """
    command = SetRoomSettings(room_id, company_id, body.model_dump(exclude_unset=True))
    return await with_realignment(
        commands, caller, lambda tx: handlers.set_room_settings(tx, command, caller)
    )


async def with_realignment(commands: CommandRunner, caller: Caller, change: Change) -> JsonBytes:
    """Runs a change of settings; its job takes the first steps before the answer."""
    jobs: list[Job] = []

    async def use_case(tx: Tx) -> dict[str, Any]:
        view, job = await change(tx)
        jobs[:] = [job] if job else []
        return view

    response = await commands.run(caller, use_case)
    for job in jobs:
        runner = JobRunner(commands.service)
        await runner.advance_often(caller.tenant_id, job.id, STEPS_AT_ONCE)
    return response


@router.post("/preview", responses=responses(RoomSettingsPreview))
async def preview_room_settings(
    room_id: UUID,
    company_id: CompanyQuery,
    body: RoomSettingsBody,
    caller: Head,
    commands: Commands,
) -> JsonBytes:
    """What these six numbers would do, if they were set now: who would lose what when, and who
    holds more VIPs than they allow. Nothing changes.
    """
    caller.require_known_room(room_id)
    caller.require_overseer(room_id)
    proposed = RoomSettings(**body.model_dump())

    async def query(tx: Tx) -> dict[str, Any]:
        # The gateway asks vip, which holds the places.
        return {**await preview_of(tx, room_id, company_id, proposed), "over_vip_limits": None}

    return await commands.read(caller, query)


@router.get("/history", responses=responses(Page[RoomSettingsChangeView]))
async def list_room_settings_changes(
    room_id: UUID,
    company_id: CompanyQuery,
    caller: AnyCaller,
    commands: Commands,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List who changed the numbers, when, from what and to what."""
    caller.require_known_room(room_id)
    return await commands.read(
        caller,
        lambda tx: queries.list_room_settings_changes(tx, room_id, company_id, limit, cursor),
    )
