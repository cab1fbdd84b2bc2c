"""Where a call belongs: by the number of ours that was called, else by the key that reports it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.activities.domain.call_effects import Candidate
from services.activities.domain.calls import Sides
from services.activities.domain.refusals import WorkLimitReached
from services.activities.domain.source_rules import choose_source
from services.activities.domain.taking import assign
from services.activities.handlers.commands import RegisterActivity
from services.activities.handlers.inbound_commands import NotUnderstood
from services.activities.handlers.locked import caught_up, save_activity
from services.activities.handlers.registering import register_activity
from services.activities.handlers.responsibility import require_below_limit
from services.activities.storage import (
    called_numbers,
    directory,
    employees,
    locking,
    open_work,
    source_rules,
    work_limit,
)
from services.activities.storage.directory import ROOM
from shared.db import Tx
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, RoomId
from shared.tenancy import Caller
from shared.vocabulary import CallOutcome

NOTES: dict[CallOutcome, str] = {"answered": "Входящий звонок", "missed": "Пропущенный звонок"}
"""What stands on an activity that a call began."""


@dataclass(frozen=True, slots=True)
class CallPlace:
    """Room, company and source of a call, as far as they are known."""

    room_id: RoomId | None
    company_id: CompanyId | None
    source_id: UUID | None

    async def room_for(self, tx: Tx, client_id: UUID | None) -> RoomId:
        """The room in which an activity of the client begins: that of who holds it, else the
        call's. Raises `NotUnderstood` where room or company are not known.
        """
        if self.room_id is None:
            raise NotUnderstood("no_room")
        if self.company_id is None:
            raise NotUnderstood("no_company")
        if client_id is None:
            return self.room_id
        held_in = await open_work.find_room_of_vip(tx, self.company_id, client_id, self.room_id)
        return held_in or self.room_id


async def find_place(tx: Tx, sides: Sides, caller: Caller) -> CallPlace | None:
    """Where the call belongs; None where both sides turn out to be ours. Raises `NotUnderstood` for
    a number of ours whose room is not the key's.
    """
    numbers = await called_numbers.find_ours(tx, (sides.client, sides.ours))
    if sides.client in numbers or await called_numbers.is_colleagues(tx, sides.client):
        return None
    number = numbers.get(sides.ours)
    room_id = number.room_id if number else None
    if room_id is None and len(caller.room_ids) == 1:
        room_id = next(iter(caller.room_ids))
    if room_id is not None and not caller.sees_room(room_id):
        raise NotUnderstood("no_room")
    company_id = number.company_id if number else None
    if company_id is None and room_id is not None:
        company_id = await _only_company(tx, room_id)
    return CallPlace(
        RoomId(room_id) if room_id else None,
        CompanyId(company_id) if company_id else None,
        number.source_id if number else None,
    )


async def _only_company(tx: Tx, room_id: UUID) -> UUID | None:
    room = await directory.find(tx, ROOM, room_id)
    companies: Sequence[UUID] = room["company_ids"] if room else ()
    return companies[0] if len(companies) == 1 else None


async def register_for_call(
    tx: Tx,
    place: CallPlace,
    client_id: ClientId,
    taker: EmployeeId | None,
    outcome: CallOutcome,
    acting: Caller,
) -> ActivityId:
    """Registers an activity in the acting caller's room: of who answered, where they sell there and
    have room for it; else of the pool, or of the VIP's holder.
    """
    (room_id,) = acting.room_ids
    assert place.company_id
    command = RegisterActivity(
        company_id=place.company_id,
        room_id=room_id,
        source_id=place.source_id or await _default_source(tx),
        products=(),
        client_id=client_id,
        client=None,
        note=NOTES[outcome],
        take=False,
    )
    view = await register_activity(tx, command, acting)
    activity_id = ActivityId(view["id"])
    if view["responsible_id"] is None:
        candidate = Candidate(activity_id, place.company_id, room_id, None, tx.now)
        await give_to_employee(tx, candidate, taker, acting)
    return activity_id


async def _default_source(tx: Tx) -> UUID:
    stored = await source_rules.find(tx)
    source_id = choose_source(stored.rules, stored.default, {})
    if source_id is None:
        raise NotUnderstood("no_source")
    return source_id


async def give_to_employee(
    tx: Tx, free: Candidate, employee_id: EmployeeId | None, acting: Caller
) -> None:
    """Makes who answered responsible for a free activity, if they sell in its room, may have one
    more in work, and nobody else holds the client. Answering is not taking from the pool: the
    cooldown neither counts nor starts.
    """
    if employee_id is None or not await employees.sells(tx, employee_id, free.room_id):
        return
    locked = caught_up(await locking.lock_for_taking(tx, free.id, employee_id), tx.now)
    if locked.activity.status != "free":
        return
    hold = locked.vip_hold
    if (
        hold
        and hold.holder_id != employee_id
        and await employees.works(tx, hold.holder_id, free.room_id)
    ):
        return
    if locked.room_settings.options.work_limit:
        await work_limit.lock_place(tx, employee_id, free.room_id)
        try:
            await require_below_limit(tx, locked.activity, locked.room_settings, employee_id)
        except WorkLimitReached:
            return
    settings = locked.room_settings.of_seller(locked.taker_absences)
    events = assign(locked.activity, employee_id, settings, tx.now)
    await save_activity(tx, locked, events, acting)
