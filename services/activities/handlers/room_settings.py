"""Setting a room's settings for a company."""

from typing import Any

from services.activities.events import publish_room_settings
from services.activities.handlers.commands import SetRoomSettings
from services.activities.handlers.deadlines import enqueue_realignment
from services.activities.queries.room_settings import require_company_in_room, view_of_row
from services.activities.storage import room_settings
from shared.db import Tx
from shared.jobs import Job
from shared.tenancy import Caller


async def set_room_settings(
    tx: Tx, command: SetRoomSettings, caller: Caller
) -> tuple[dict[str, Any], Job]:
    """Sets the room settings and records who changed them, from what to what.

    Deadlines follow by the job that is returned. Moved in this transaction they would be locked
    while the numbers change, and a command that waits for such a lock has read the numbers before
    it waited.

    Raises `NotFound`, `NotSoldInRoom`.
    """
    room_id, company_id = command.room_id, command.company_id
    await require_company_in_room(tx, room_id, company_id)
    await tx.read_clock()
    before = await room_settings.lock(tx, room_id, company_id)
    row = await room_settings.save(tx, room_id, company_id, command.settings)
    await room_settings.record_change(tx, before, row, caller.employee_id)
    publish_room_settings(tx, row, caller.employee_id)
    job = await enqueue_realignment(tx, room_id, company_id, caller.employee_id)
    return view_of_row(row), job
