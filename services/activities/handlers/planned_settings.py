"""Numbers of a room from a day on: planned, cancelled, and applied as the day begins."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from services.activities.domain.room_settings import RoomSettings
from services.activities.events import publish_room_settings
from services.activities.handlers.deadlines import enqueue_realignment
from services.activities.handlers.due_batch import DueBatch
from services.activities.handlers.room_defaults import require_may_change
from services.activities.handlers.settings_commands import PlanRoomSettings
from services.activities.queries.room_settings import list_planned, require_company_in_room
from services.activities.storage import directory, planned_settings, room_settings
from services.activities.storage.directory import COMPANY
from services.activities.storage.mapping import room_settings_of
from shared.clock import local_day, start_of_day
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid, NotFound
from shared.isolation import apply_or_halve
from shared.room_settings import DEFAULTS
from shared.tenancy import Caller

BATCH = 20


async def plan_room_settings(tx: Tx, command: PlanRoomSettings, caller: Caller) -> dict[str, Any]:
    """Plans numbers from the beginning of a company's day on, in place of what was planned for that
    day. Only the numbers that are named will change.

    Raises `NotFound`, `NotSoldInRoom`, `Forbidden` for a number that the caller may not change,
    `Invalid` for a day that has begun.
    """
    room_id, company_id = command.room_id, command.company_id
    await require_company_in_room(tx, room_id, company_id)
    # A new time zone moves what is planned; what it has not seen must see the zone.
    company = await directory.lock(tx, COMPANY, company_id)
    await tx.read_clock()
    before = await room_settings.find(tx, room_id, company_id)
    await require_may_change(
        tx, room_id, company_id, before, _with(before, command.numbers), caller
    )
    time_zone = company["time_zone"]
    day = command.effective_from
    if day <= local_day(tx.now, time_zone):
        raise Invalid("effective_from", "after_today")
    begins_at = start_of_day(day, time_zone)
    await planned_settings.plan(
        tx, room_id, company_id, day, begins_at, command.numbers, caller.employee_id
    )
    return await list_planned(tx, room_id, company_id)


async def cancel_planned(
    tx: Tx, room_id: UUID, company_id: UUID, day: date, caller: Caller
) -> dict[str, Any]:
    """Drops what is planned for a day. Raises `NotFound`, `NotSoldInRoom`, `Forbidden`."""
    await require_company_in_room(tx, room_id, company_id)
    before = await room_settings.find(tx, room_id, company_id)
    await require_may_change(tx, room_id, company_id, before, room_settings_of(before), caller)
    if not await planned_settings.remove(tx, room_id, company_id, day):
        raise NotFound("planned_settings")
    return await list_planned(tx, room_id, company_id)


async def apply_planned(tx: Tx, now: datetime, left_out: Sequence[UUID] = ()) -> DueBatch:
    """Sets the numbers of a batch of plans whose day has begun by `now`, but for those of the rooms
    `left_out`; who planned them changed them. Each once: what is applied is planned no more.

    A room where one fails does not keep the others. Its plans stay together: an earlier one that
    came through later would undo the next.
    """
    await tx.read_clock()
    rows = await planned_settings.lock_due(tx, now, BATCH, left_out)
    of_rooms = [list(plans) for _, plans in groupby(rows, key=lambda row: row["room_id"])]

    async def apply(parts: Sequence[list[Row]]) -> int:
        return sum([await _apply(tx, row) for plans in parts for row in plans])

    isolated = await apply_or_halve(tx, of_rooms, apply)
    failed = [(plans[0]["room_id"], failure) for plans, failure in isolated.failed]
    return DueBatch(len(rows), sum(isolated.results), failed)


async def _apply(tx: Tx, row: Row) -> bool:
    room_id, company_id, by = row["room_id"], row["company_id"], row["by"]
    await planned_settings.remove(tx, room_id, company_id, row["effective_from"])
    before = await room_settings.lock(tx, room_id, company_id)
    former = room_settings_of(before)
    settings = _with(before, row["numbers"]).following(former, tx.now)
    if settings == former:
        return False
    after = await room_settings.save(tx, room_id, company_id, settings)
    await room_settings.record_change(tx, before, after, by)
    publish_room_settings(tx, after, by)
    await enqueue_realignment(tx, room_id, company_id, by)
    return True


def _with(before: Row | None, numbers: Mapping[str, int]) -> RoomSettings:
    """The numbers that hold, but for `numbers`."""
    former = room_settings_of(before)
    return RoomSettings(**{name: getattr(former, name) for name in DEFAULTS} | dict(numbers))
