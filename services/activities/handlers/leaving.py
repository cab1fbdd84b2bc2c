"""Who stops selling in a room holds nothing there: the work goes on with others (domain.md, "The
six numbers"), a batch a transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from services.activities.domain.handing_over import Departure, Successors, hand_over
from services.activities.domain.roles import rooms_left
from services.activities.handlers.locked import caught_up
from services.activities.handlers.saving import save_events
from services.activities.storage import absences, employees, held_work, locking
from services.activities.storage.locking import LockedActivity
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.events.directory import ChangedBy, EmployeeLeft, LeftRoom
from shared.ids import ActivityId, EmployeeId, RoomId, new_id
from shared.isolation import apply_or_halve
from shared.jobs import Job, enqueue

HAND_OVER_WORK = "hand_over_work"
BATCH = 100
# Longer than any command lives: statements end after 15 s, silent transactions after 20 s.
LAST_LOOK_AFTER = timedelta(seconds=60)


async def leave_rooms(tx: Tx, before: Row, after: Row, successors: Successors) -> Job | None:
    """Announces that an employee, whose row was changed, sells no more in some rooms, and enqueues
    the job that hands over what they work there; None where they left none.

    A command that had seen the employee sell there may make them responsible after this change, so
    their work is looked at once more when no such command can still be under way. Successors are
    judged before (`require_successors`).
    """
    rooms = rooms_left(before, after)
    if not rooms:
        return None
    by_room = {room_id: successors.of(room_id) for room_id in rooms}
    caller_id = tx.caller.employee_id if tx.caller else None
    departure = Departure(EmployeeId(after["id"]), by_room, caller_id)
    now = await tx.read_clock()
    announce_departure(tx, departure, after, tx.caller.by if tx.caller else None)
    await enqueue(tx, HAND_OVER_WORK, departure.arguments, run_at=now + LAST_LOOK_AFTER)
    return await enqueue_hand_over(tx, departure)


async def enqueue_hand_over(tx: Tx, departure: Departure) -> Job:
    """Enqueues the job that hands over what the leaver works; it is theirs who caused it."""
    return await enqueue(tx, HAND_OVER_WORK, departure.arguments, owner_id=departure.by)


async def require_successors(
    tx: Tx, leaver: Row, rooms: Sequence[UUID], successors: Successors
) -> None:
    """Raises `NotFound`, naming the field, for a room that is not the leaver's, and for a successor
    who does not sell in one of the rooms; nobody succeeds themselves.
    """
    wanted = dict.fromkeys(rooms, ("to", successors.otherwise))
    for index, (room_id, successor) in enumerate(successors.by_room.items()):
        if room_id not in leaver["room_ids"]:
            raise NotFound("room", f"hand_over.rooms.{index}.room_id")
        wanted[room_id] = (f"rooms.{index}.to", successor)
    for room_id, (field, successor) in wanted.items():
        if successor and (
            successor == leaver["id"] or not await employees.sells(tx, successor, room_id)
        ):
            raise NotFound("seller_of_room", f"hand_over.{field}")


def announce_departure(tx: Tx, departure: Departure, employee: Row, by: ChangedBy) -> None:
    """Publishes a departure, by which vip frees the leaver's VIPs."""
    departure_id = new_id()
    event = EmployeeLeft(
        departure_id=departure_id,
        employee_id=departure.employee_id,
        dismissed=not employee["active"],
        rooms=[
            LeftRoom(room_id=RoomId(room_id), successor_id=successor)
            for room_id, successor in departure.successors.items()
        ],
        left_at=tx.now,
        by=by,
    )
    tx.publish(event, departure_id, 1)


@dataclass(frozen=True, slots=True)
class HandedBatch:
    """The activities that were looked at, fewer than `BATCH` at the end, and which failed."""

    ids: Sequence[ActivityId]
    failed: Sequence[tuple[ActivityId, Exception]] = ()


async def count_work(tx: Tx, departure: Departure) -> int:
    """Counts the activities that the leaver still works in the rooms."""
    return await held_work.count(tx, departure.employee_id, list(departure.successors))


async def hand_over_batch(tx: Tx, departure: Departure, after: ActivityId) -> HandedBatch:
    """Hands over a batch of a leaver's activities with ids past `after`.

    Who has come back to a room meanwhile keeps what they work there; a successor who has left it
    gets nothing, the pool does.
    """
    departure = await _as_it_is_now(tx, departure)
    rooms = list(departure.successors)
    ids = await held_work.find(tx, departure.employee_id, rooms, after, BATCH)
    locked = await locking.lock_many(tx, ids)

    async def apply(part: Sequence[LockedActivity]) -> None:
        for activity in part:
            await _hand_over(tx, activity, departure)

    isolated = await apply_or_halve(tx, locked, apply)
    failed = [(element.stored.id, failure) for element, failure in isolated.failed]
    return HandedBatch(ids, failed)


async def _as_it_is_now(tx: Tx, departure: Departure) -> Departure:
    successors: dict[UUID, EmployeeId | None] = {}
    for room_id, successor in departure.successors.items():
        if not await employees.sells(tx, departure.employee_id, room_id):
            sells = successor is not None and await employees.sells(tx, successor, room_id)
            successors[room_id] = successor if sells else None
    return replace(departure, successors=successors)


async def _hand_over(tx: Tx, locked: LockedActivity, departure: Departure) -> None:
    locked = caught_up(locked, tx.now)
    activity, hold = locked.activity, locked.vip_hold
    if activity.room_id not in departure.successors:
        return
    holder = hold.holder_id if hold else None
    if holder and not await employees.sells(tx, holder, activity.room_id):
        holder = None
    successor = departure.successors[activity.room_id]
    settings = locked.room_settings
    if next_responsible := holder or successor:
        absent = await absences.find_of_seller(tx, next_responsible, locked.time_zone)
        settings = settings.of_seller(absent)
    new_events = hand_over(activity, departure.employee_id, successor, holder, settings, tx.now)
    all_events = [*locked.pending_events, *new_events]
    if all_events:
        await save_events(tx, locked.stored, all_events, departure.by)
