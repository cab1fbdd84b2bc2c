"""Moving an activity to another room."""

from dataclasses import dataclass
from uuid import UUID

from services.activities.domain.handing_over import move
from services.activities.handlers.employees import require_seller
from services.activities.handlers.locked import lock_activity, save_activity
from services.activities.handlers.persons import enter_with_contacts
from services.activities.handlers.responsibility import require_below_limit
from services.activities.queries.activity_view import View
from services.activities.storage import (
    absences,
    activities,
    directory,
    employees,
    room_settings,
    work_limit,
)
from services.activities.storage.directory import ROOM
from services.activities.storage.holding_clients import hold_clients_of
from services.activities.storage.mapping import room_settings_of
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid
from shared.ids import ActivityId, EmployeeId, RoomId
from shared.membership import require_sold_in_room
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class MoveActivity:
    """To `room_id`, for `employee_id` there; None: for its responsible if they sell there, else for
    the pool.
    """

    activity_id: ActivityId
    room_id: UUID
    reason: str
    employee_id: EmployeeId | None


async def move_activity(tx: Tx, command: MoveActivity, caller: Caller) -> View:
    """Moves an activity between rooms that the caller oversees; the response names the room that
    it left.

    Raises `NotFound`, `Forbidden`, `Invalid` for an archived room, `NotSoldInRoom`, `AlreadyWon`,
    `WorkLimitReached`.
    """
    await hold_clients_of(tx, [command.activity_id])
    locked = await lock_activity(tx, command.activity_id, caller)
    activity = locked.activity
    caller.require_overseer(activity.room_id)
    room = await find_target(tx, command.room_id, caller)
    if room["archived"]:
        raise Invalid("room_id", "archived")
    require_sold_in_room(room["company_ids"], activity.company_id, "room_id")
    if command.employee_id:
        await require_seller(tx, command.employee_id, command.room_id, "employee_id")
    responsible = command.employee_id or await keeps(tx, activity.responsible_id, command.room_id)
    settings = room_settings_of(await room_settings.find(tx, command.room_id, activity.company_id))
    if responsible:
        settings = settings.of_seller(
            await absences.find_of_seller(tx, responsible, locked.time_zone)
        )
    room_id, reason = RoomId(command.room_id), command.reason
    events = move(activity, room_id, reason, responsible, settings, tx.now)
    if events:
        if responsible and activity.status != "lost" and settings.options.work_limit:
            await work_limit.lock_place(tx, responsible, room_id)
            await require_below_limit(tx, events[-1].after, settings, responsible)
        await enter_with_contacts(tx, activity.client_id, room_id, activity.room_id)
    view = await save_activity(tx, locked, events, caller, activities.save_moved)
    return {**view, "from_room_id": activity.room_id}


async def find_target(tx: Tx, room_id: UUID, caller: Caller) -> Row:
    """The room to which something is to be moved.

    Raises `NotFound` for one that the caller does not see, `Forbidden` for one that they do not
    oversee.
    """
    caller.require_room(room_id, field="room_id")
    room = await directory.get(tx, ROOM, room_id, "room_id")
    caller.require_overseer(room_id)
    return room


async def keeps(tx: Tx, responsible: EmployeeId | None, room_id: UUID) -> EmployeeId | None:
    """The responsible, if they sell in the room as well."""
    if responsible and await employees.sells(tx, responsible, room_id):
        return responsible
    return None
