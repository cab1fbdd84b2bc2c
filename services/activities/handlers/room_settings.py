"""Setting a room's settings and options for a company."""

from dataclasses import replace
from typing import Any

from services.activities.events import publish_room_settings
from services.activities.handlers.commands import ChangeRoomOptions, SetRoomSettings
from services.activities.handlers.deadlines import enqueue_realignment
from services.activities.queries.room_settings import (
    options_view,
    require_company_in_room,
    view_of_row,
)
from services.activities.storage import room_settings
from services.activities.storage.mapping import room_settings_of
from shared.db import Tx
from shared.jobs import Job
from shared.tenancy import Caller


async def set_room_settings(
    tx: Tx, command: SetRoomSettings, caller: Caller
) -> tuple[dict[str, Any], Job]:
    """Sets the room settings and records who changed them, from what to what. A shorter period
    gives a day's notice to what had time left.

    Deadlines follow by the job that is returned. Moved in this transaction they would be locked
    while the numbers change, and a command that waits for such a lock has read the numbers before
    it waited.

    Raises `NotFound`, `NotSoldInRoom`.
    """
    room_id, company_id = command.room_id, command.company_id
    await require_company_in_room(tx, room_id, company_id)
    await tx.read_clock()
    before = await room_settings.lock(tx, room_id, company_id)
    settings = command.settings.following(room_settings_of(before), tx.now)
    row = await room_settings.save(tx, room_id, company_id, settings)
    await room_settings.record_change(tx, before, row, caller.employee_id)
    publish_room_settings(tx, row, caller.employee_id)
    job = await enqueue_realignment(tx, room_id, company_id, caller.employee_id)
    return view_of_row(row), job


async def change_room_options(
    tx: Tx, command: ChangeRoomOptions, caller: Caller
) -> tuple[dict[str, Any], Job | None]:
    """Changes the named options of a room and records who changed them; deadlines follow as they
    follow the settings. Without a difference nothing happens.

    Raises `NotFound`, `NotSoldInRoom`.
    """
    room_id, company_id = command.room_id, command.company_id
    await require_company_in_room(tx, room_id, company_id)
    await tx.read_clock()
    before = await room_settings.lock(tx, room_id, company_id)
    settings = room_settings_of(before)
    changed = replace(settings, options=replace(settings.options, **command.changes))
    if changed == settings:
        return options_view(before), None
    row = await room_settings.save(tx, room_id, company_id, changed)
    await room_settings.record_change(tx, before, row, caller.employee_id)
    publish_room_settings(tx, row, caller.employee_id)
    job = await enqueue_realignment(tx, room_id, company_id, caller.employee_id)
    return options_view(row), job
