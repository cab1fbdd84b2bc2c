"""Setting a room's settings and options for a company."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.activities.domain.room_settings import RoomSettings
from services.activities.events import publish_room_settings
from services.activities.handlers.deadlines import enqueue_realignment
from services.activities.handlers.room_defaults import require_may_change
from services.activities.handlers.settings_commands import ChangeRoomOptions, SetRoomSettings
from services.activities.queries.room_settings import (
    options_view,
    require_company_in_room,
    view_of_row,
)
from services.activities.storage import directory, room_settings
from services.activities.storage.directory import COMPANY, ROOM
from services.activities.storage.mapping import calendar_of, plain, room_settings_of
from shared.db import Tx
from shared.db.transaction import Row
from shared.jobs import Job
from shared.room_settings import DEFAULTS
from shared.tenancy import Caller
from shared.versions import differing, stale


async def set_room_settings(
    tx: Tx, command: SetRoomSettings, caller: Caller
) -> tuple[dict[str, Any], Job | None]:
    """Sets some or all of the six numbers and records who changed them, from what to what. A
    shorter period gives a day's notice to what had time left. Without a number nothing happens.

    Deadlines follow by the job that is returned. Moved in this transaction they would be locked
    while the numbers change, and a command that waits for such a lock has read the numbers before
    it waited.

    Raises `NotFound`, `NotSoldInRoom`, `Stale`, `Forbidden` for a number that the caller may not
    change.
    """
    room_id, company_id = command.room_id, command.company_id
    await require_company_in_room(tx, room_id, company_id)
    await tx.read_clock()
    before = await _lock(tx, room_id, company_id)
    former = room_settings_of(before)
    present = {name: getattr(former, name) for name in DEFAULTS}
    settings = RoomSettings(**{**present, **command.numbers}).following(former, tx.now)
    await require_may_change(tx, room_id, company_id, before, settings, caller)
    version = before["version"] if before else 0
    if not tx.expects(version):
        seen = await _seen(tx, command, max(caller.expected_versions or (0,)))
        raise stale(version, differing(present, seen or command.numbers))
    if not command.numbers:
        return view_of_row(before) if before else {"version": 0, **present}, None
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

    Raises `NotFound`, `NotSoldInRoom`, `Stale`.
    """
    room_id, company_id = command.room_id, command.company_id
    await require_company_in_room(tx, room_id, company_id)
    # A new time zone moves the calendars that are there; one that comes meanwhile must have it.
    company = await directory.lock(tx, COMPANY, company_id)
    await tx.read_clock()
    before = await _lock(tx, room_id, company_id)
    settings = room_settings_of(before)
    version = before["version"] if before else 0
    if not tx.expects(version):
        raise stale(version, differing(plain(settings.options), plain(command.changes)))
    options = replace(settings.options, **command.changes)
    if options == settings.options:
        return options_view(before), None
    calendar = None
    if options.working_days:
        calendar = calendar_of(plain(options), company["time_zone"])
    changed = settings.with_options(options, calendar, tx.now)
    row = await room_settings.save(tx, room_id, company_id, changed)
    await room_settings.record_change(tx, before, row, caller.employee_id)
    publish_room_settings(tx, row, caller.employee_id)
    job = await enqueue_realignment(tx, room_id, company_id, caller.employee_id)
    return options_view(row), job


async def _lock(tx: Tx, room_id: UUID, company_id: UUID) -> Row | None:
    """The row, locked; where the company has set nothing yet, its room is locked instead, and who
    set the numbers meanwhile is seen.
    """
    if row := await room_settings.lock(tx, room_id, company_id):
        return row
    await directory.lock(tx, ROOM, room_id)
    return await room_settings.lock(tx, room_id, company_id)


async def _seen(tx: Tx, command: SetRoomSettings, version: int) -> Mapping[str, int] | None:
    """The numbers as they were at a version, None where there was none."""
    if version == 0:
        return DEFAULTS
    change = await room_settings.find_change(tx, command.room_id, command.company_id, version)
    return change["after"] if change else None
