"""Places follow changed limits and missed money: all sellers of a room, a batch a transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.vip.handlers.placing import (
    Seat,
    enqueue_settling,
    find_due_moves,
    lock_seats,
    settle,
)
from services.vip.storage import unsettled
from shared.db import Tx
from shared.events.directory import RoomSettingsChanged
from shared.ids import CompanyId, EmployeeId, RoomId
from shared.isolation import apply_or_halve

_FIRST, _PAGE = UUID(int=0), 100


@dataclass(frozen=True, slots=True)
class SettlePlaces:
    """Every seller's places in the room for the company are to be with whom they are due."""

    room_id: RoomId
    company_id: CompanyId

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> "SettlePlaces":
        """The command of a job."""
        room_id, company_id = UUID(arguments["room_id"]), UUID(arguments["company_id"])
        return cls(RoomId(room_id), CompanyId(company_id))


@dataclass(frozen=True, slots=True)
class SettledBatch:
    """The sellers whose places were looked at, and which failed."""

    sellers: Sequence[EmployeeId]
    failed: Sequence[tuple[EmployeeId, Exception]] = ()


async def start_settling(tx: Tx, event: RoomSettingsChanged) -> None:
    """Creates the job that gives places which changed limits add, if there is somebody who may be
    waiting for one.
    """
    room_id, company_id = event.room_id, event.company_id
    if await unsettled.find_sellers(tx, room_id, company_id, _FIRST, 1):
        await enqueue_settling(tx, room_id, company_id)


async def settle_everywhere(tx: Tx) -> int:
    """Enqueues the job for every room and company of the tenant; how many."""
    rooms = await unsettled.find_rooms(tx)
    for company_id, room_id in rooms:
        await enqueue_settling(tx, room_id, company_id)
    return len(rooms)


async def settle_batch(tx: Tx, command: SettlePlaces, after: UUID, limit: int) -> SettledBatch:
    """Gives the places of up to `limit` sellers with ids above `after` to whom they are due."""
    room_id, company_id = command.room_id, command.company_id
    sellers = await unsettled.find_sellers(tx, room_id, company_id, after, limit)
    seats = [Seat(company_id, room_id, seller) for seller in sellers]
    await lock_seats(tx, seats)

    async def settle_all(part: Sequence[Seat]) -> None:
        await settle(tx, part)

    isolated = await apply_or_halve(tx, seats, settle_all)
    return SettledBatch(sellers, [(seat.seller, failure) for seat, failure in isolated.failed])


async def find_unsettled(tx: Tx) -> list[Seat]:
    """The places of the tenant's sellers that are not with whom they are due: nothing, but for what
    is on its way.
    """
    seats = []
    for company_id, room_id in await unsettled.find_rooms(tx):
        after = _FIRST
        while sellers := await unsettled.find_sellers(tx, room_id, company_id, after, _PAGE):
            for seller in sellers:
                seat = Seat(company_id, room_id, seller)
                if await find_due_moves(tx, seat):
                    seats.append(seat)
            after = sellers[-1]
    return seats
