"""What a call that is over does: for who works the client, else by an activity of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.call_effects import (
    CALL_BACK_WITHIN,
    CallBack,
    Candidate,
    RecordedCall,
    activity_of_call,
    ask_to_call_back,
    note_call,
    record_talk,
)
from services.activities.domain.calls import Call, Sides
from services.activities.handlers.call_places import (
    CallPlace,
    find_place,
    give_to_employee,
    register_for_call,
)
from services.activities.handlers.inbound_commands import TypedPerson
from services.activities.handlers.inbound_people import describe, enter_client, lock_client
from services.activities.handlers.locked import lock_activity, save_activity
from services.activities.storage import called_numbers, calls
from services.activities.storage.locking import LockedActivity
from services.activities.telephony.numbers import canonical_extension
from shared.db import Tx
from shared.ids import ActivityId, EmployeeId, RoomId
from shared.tenancy import Caller
from shared.vocabulary import CallOutcome

Changes = dict[str, Any]
_OPEN = ("free", "in_work")


@dataclass(frozen=True, slots=True)
class CallOfKey:
    """A call that is over, as `caller`, an API key, reported it; `recorded_with` is the activity
    with which it was recorded before, as missed.
    """

    id: UUID
    call: Call
    sides: Sides
    outcome: CallOutcome
    recorded_with: ActivityId | None
    caller: Caller

    @property
    def is_incoming(self) -> bool:
        return self.sides.direction == "incoming"

    def acting_in(self, room_id: UUID) -> Caller:
        """The key as it acts in a room, which may be another than its own: what somebody works
        goes on with them.
        """
        rooms = frozenset({RoomId(room_id)})
        return replace(self.caller, roles=frozenset({"seller"}), room_ids=rooms)


async def record_outcome(tx: Tx, reported: CallOfKey) -> Changes:
    """Records a call that is over; gives what changes of its row.

    Raises `NotUnderstood`, and what registering an activity raises.
    """
    place = await find_place(tx, reported.sides, reported.caller)
    if place is None:
        return {"recorded": "internal"}
    extension = reported.call.employee.extension if reported.call.employee else ""
    employee_id = await called_numbers.find_employee(
        tx, canonical_extension(extension), sorted(reported.caller.room_ids)
    )
    call = RecordedCall(
        reported.id,
        reported.sides.direction,
        reported.outcome,
        reported.call.talk_seconds,
        employee_id,
    )
    recorded: Changes = {
        "recorded": reported.outcome,
        "recorded_at": tx.now,
        "employee_id": employee_id,
    }
    locked = await _find_work(tx, reported, place, employee_id)
    if locked is None and reported.is_incoming:
        locked = await _begin_work(tx, reported, place, employee_id)
    if locked is None:
        return recorded
    recorded |= {"activity_id": locked.activity.id, "expires_at": None}
    return recorded | await _record_with(tx, reported, call, locked)


async def _find_work(
    tx: Tx, reported: CallOfKey, place: CallPlace, employee_id: EmployeeId | None
) -> LockedActivity | None:
    """The activity that the call is about, locked as it is now; None where nothing is open."""
    if reported.recorded_with:
        return await _lock_open(tx, reported, reported.recorded_with)
    values, _ = describe(TypedPerson(phone=reported.sides.client))
    client = await lock_client(tx, values)
    if client is None:
        return None
    rooms = sorted(reported.caller.room_ids)
    candidates = await calls.find_open(tx, client["id"], rooms, place.company_id)
    if not reported.is_incoming:
        candidates = [each for each in candidates if each.responsible_id]
    nearest = activity_of_call(candidates, employee_id, place.room_id, place.company_id)
    if nearest is None:
        return None
    if reported.is_incoming:
        await enter_client(tx, client, values, nearest.room_id, reported.caller.employee_id)
    return await _lock_nearest(tx, reported, nearest, employee_id)


async def _lock_nearest(
    tx: Tx, reported: CallOfKey, nearest: Candidate, employee_id: EmployeeId | None
) -> LockedActivity | None:
    if reported.is_incoming and reported.outcome == "answered" and nearest.responsible_id is None:
        await give_to_employee(tx, nearest, employee_id, reported.acting_in(nearest.room_id))
    return await _lock_open(tx, reported, nearest.id)


async def _lock_open(tx: Tx, reported: CallOfKey, activity_id: ActivityId) -> LockedActivity | None:
    """The activity, locked; None where it was closed meanwhile."""
    everywhere = replace(reported.caller, roles=frozenset({"admin"}))
    locked = await lock_activity(tx, activity_id, everywhere)
    return locked if locked.activity.status in _OPEN else None


async def _begin_work(
    tx: Tx, reported: CallOfKey, place: CallPlace, employee_id: EmployeeId | None
) -> LockedActivity:
    values, _ = describe(TypedPerson(phone=reported.sides.client))
    client = await lock_client(tx, values)
    room_id = await place.room_for(tx, client["id"] if client else None)
    acting = reported.acting_in(room_id)
    client_id, _ = await enter_client(tx, client, values, room_id, reported.caller.employee_id)
    taker = employee_id if reported.outcome == "answered" else None
    activity_id = await register_for_call(tx, place, client_id, taker, reported.outcome, acting)
    return await lock_activity(tx, activity_id, acting)


async def _record_with(
    tx: Tx, reported: CallOfKey, call: RecordedCall, locked: LockedActivity
) -> Changes:
    activity = locked.activity
    pending = await calls.find_call_back(tx, activity.id, activity.next_step_due_at)
    events, call_back = await _effects(tx, call, locked, pending)
    await save_activity(tx, locked, events, reported.acting_in(activity.room_id))
    if call_back is None:
        return {}
    what, due_at = call_back.promise or (None, None)
    return {"call_back_due_at": call_back.due_at, "promise": what, "promise_due_at": due_at}


async def _effects(
    tx: Tx, call: RecordedCall, locked: LockedActivity, pending: CallBack | None
) -> tuple[Sequence[DomainEvent], CallBack | None]:
    activity = locked.activity
    if call.outcome == "answered":
        return record_talk(activity, call, pending, locked.room_settings, tx.now), None
    if call.direction == "outgoing":
        return note_call(activity, call), None
    if activity.status == "in_work":
        return ask_to_call_back(activity, call, pending, tx.now)
    return await _note_missed(tx, activity, call), None


async def _note_missed(tx: Tx, activity: Activity, call: RecordedCall) -> Sequence[DomainEvent]:
    """In the pool nobody can promise to call back: a line of the timeline, one for calls that come
    soon after each other.
    """
    if await calls.was_missed_since(tx, activity.id, tx.now - CALL_BACK_WITHIN):
        return []
    return note_call(activity, call)
