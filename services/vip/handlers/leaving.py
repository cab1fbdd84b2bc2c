"""Who stops selling in a room holds nothing there: their VIPs go to their successors, or are free
(domain.md, "The six numbers").
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.vip.domain.places import VipLimitReached
from services.vip.domain.progress import under
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import Vip
from services.vip.handlers import context
from services.vip.handlers.claiming import Cause, end_hold, take_hold
from services.vip.handlers.placing import LAST_LOOK_AFTER, Seat, lock_seats
from services.vip.storage import holders, repository
from shared.db import Tx
from shared.errors import NotFound
from shared.events.directory import EmployeeLeft
from shared.ids import CompanyId, EmployeeId, RoomId, VipId
from shared.jobs import RefusedElement, enqueue

HAND_OVER_VIPS = "hand_over_vips"
BATCH = 50
Pair = tuple[CompanyId, RoomId]


@dataclass(frozen=True, slots=True)
class Departure:
    """An employee who sells no more in rooms since `left_at`, each with who goes on there, None
    for nobody; `by` caused it.
    """

    employee_id: EmployeeId
    successors: Mapping[RoomId, EmployeeId | None]
    left_at: datetime
    by: EmployeeId | None

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> "Departure":
        """The departure of a job."""
        return cls(
            EmployeeId(UUID(arguments["employee_id"])),
            {
                RoomId(UUID(room["room_id"])): _id(room["successor_id"])
                for room in arguments["rooms"]
            },
            datetime.fromisoformat(arguments["left_at"]),
            _id(arguments["by"]),
        )


def _id(text: str | None) -> EmployeeId | None:
    return EmployeeId(UUID(text)) if text else None


async def start_handing_over(tx: Tx, event: EmployeeLeft) -> None:
    """Enqueues the job that hands over the leaver's VIPs.

    It looks once more a minute later: a claim that was under way as they left is then there.
    """
    arguments = event.model_dump(mode="json", include={"employee_id", "rooms", "left_at", "by"})
    if arguments["by"] == "operator":
        arguments["by"] = None
    now = await tx.read_clock()
    await enqueue(tx, HAND_OVER_VIPS, arguments)
    await enqueue(tx, HAND_OVER_VIPS, arguments, run_at=now + LAST_LOOK_AFTER)


@dataclass(frozen=True, slots=True)
class HandedVips:
    """The VIPs that were looked at, fewer than `BATCH` at the end, and those for which the
    successor had no place, so that they are free.
    """

    ids: Sequence[VipId]
    without_place: Sequence[RefusedElement]


async def hand_over_vips(tx: Tx, departure: Departure, after: UUID) -> HandedVips:
    """Hands over up to `BATCH` of the leaver's VIPs with ids above `after`.

    Raises `ReplicaMissing` for what its owner is to be asked about.
    """
    rooms = list(departure.successors)
    ids = await holders.held_from(tx, departure.employee_id, rooms, after, BATCH)
    unlocked = [await repository.get(tx, vip_id) for vip_id in ids]
    pairs = {(vip.company_id, vip.room_id) for vip in unlocked}
    departure = await _as_it_is_now(tx, departure, {room_id for _, room_id in pairs})
    settings = await _lock_places(tx, pairs, departure)
    without_place: list[RefusedElement] = []
    for vip_id in ids:
        vip = await repository.lock(tx, vip_id)
        room_settings = settings.get((vip.company_id, vip.room_id))
        if room_settings is None or not await _is_left(tx, vip, departure):
            continue
        try:
            await _hand_over(tx, under(vip, room_settings), room_settings, departure)
        except VipLimitReached as no_place:
            without_place += RefusedElement.of(str(vip_id), no_place)
            await end_hold(tx, vip, "no_place", Cause(departure.by))
    return HandedVips(ids, without_place)


async def _as_it_is_now(tx: Tx, departure: Departure, rooms: Collection[RoomId]) -> Departure:
    """The departure without those successors who do not sell in the room any more."""
    successors = dict(departure.successors)
    for room_id in rooms:
        successor = successors[room_id]
        if successor and not await _sells(tx, successor, room_id):
            successors[room_id] = None
    return replace(departure, successors=successors)


async def _lock_places(
    tx: Tx, pairs: Collection[Pair], departure: Departure
) -> Mapping[Pair, RoomSettings]:
    """Locks the places of the leaver and the successors, all of them before any VIP; the settings
    by company and room, which do not change until the transaction ends.
    """
    settings = {
        (company_id, room_id): await context.hold_room_settings(tx, room_id, company_id)
        for company_id, room_id in sorted(pairs)
    }
    sellers = {
        (company_id, room_id): (departure.employee_id, departure.successors[room_id])
        for company_id, room_id in settings
    }
    await lock_seats(
        tx, {Seat(*pair, seller) for pair, both in sellers.items() for seller in both if seller}
    )
    return settings


async def _hand_over(tx: Tx, vip: Vip, room_settings: RoomSettings, departure: Departure) -> None:
    """Makes the successor hold a locked VIP, or nobody.

    Raises `VipLimitReached`, and nothing has changed then.
    """
    if vip.overdue(tx.now):
        await end_hold(tx, vip, "reset")
        return
    successor = departure.successors[vip.room_id]
    async with tx.savepoint():
        freed = await end_hold(tx, vip, "holder_left", Cause(departure.by))
        if successor:
            by = Cause(departure.by)
            await take_hold(tx, freed, successor, freed.room_id, room_settings, by)


async def _is_left(tx: Tx, vip: Vip, departure: Departure) -> bool:
    """Whether the leaver still holds the locked VIP from a room that they left; not one that they
    claimed after they had come back.
    """
    if vip.responsible != departure.employee_id or vip.room_id not in departure.successors:
        return False
    claimed_before = vip.since is None or vip.since <= departure.left_at
    return claimed_before or not await _sells(tx, departure.employee_id, vip.room_id)


async def _sells(tx: Tx, employee_id: EmployeeId, room_id: RoomId) -> bool:
    try:
        await context.require_seller(tx, employee_id, [room_id])
    except NotFound:
        return False
    return True
