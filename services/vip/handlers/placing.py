"""A seller's places follow whatever changed: locked before the VIPs that take them, and given to
whom they are due (ADR 56).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from services.vip.domain.places import place
from services.vip.domain.progress import under
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import DomainEvent, RankedVip, Vip
from services.vip.handlers.publishing import save
from services.vip.storage import directory, places, receipts
from shared.db import Tx
from shared.ids import CompanyId, EmployeeId, RoomId, VipId
from shared.jobs import enqueue

SETTLE_PLACES = "settle_vip_places"
# Longer than any command lives: statements end after 15 s, silent transactions after 20 s.
LAST_LOOK_AFTER = timedelta(seconds=60)


class Seat(NamedTuple):
    """A seller's places in a room for a company."""

    company_id: CompanyId
    room_id: RoomId
    seller: EmployeeId


def seat_of(vip: Vip) -> Seat | None:
    """The places among which the VIP has its own; None while nobody holds it."""
    return Seat(vip.company_id, vip.room_id, vip.responsible) if vip.responsible else None


async def lock_seats(tx: Tx, seats: Collection[Seat]) -> None:
    """Locks places in one order."""
    for seat in sorted(seats):
        await places.lock_places(tx, *seat)


class Locked(NamedTuple):
    """A locked VIP, and the places that are locked before it."""

    vip: Vip
    seats: frozenset[Seat]


async def lock_with_seat(tx: Tx, vip: Vip, *others: Seat) -> Locked:
    """The VIP, which was read unlocked, locked after its holder's places and `others`, together
    with all that is held there.

    Who came to hold it meanwhile is not among them: locking their places now could deadlock.
    """
    seats = frozenset({*others, *_seats([vip])})
    await lock_seats(tx, seats)
    return Locked(await places.lock_with_held(tx, vip.id, seats), seats)


async def settle_left(tx: Tx, locked: Locked) -> None:
    """Gives the places that the locked VIP has left to whom they are due; by a job, where they
    could not be locked.
    """
    seat = seat_of(locked.vip)
    if seat is None or seat in locked.seats:
        await settle(tx, [seat])
    else:
        await enqueue_settling(tx, seat.room_id, seat.company_id)


async def settle(tx: Tx, seats: Iterable[Seat | None]) -> None:
    """Gives places, which are locked, to whom they are due: to those that wait once one is free,
    away from those whose money went back. Nobody did that: rules and money do.
    """
    for seat in sorted({seat for seat in seats if seat}):
        ranks, events = await _due(tx, seat, lock=True)
        await save(tx, events, ranks=ranks)


async def find_due_moves(tx: Tx, seat: Seat) -> list[DomainEvent]:
    """What `settle` would do, without a lock."""
    _, events = await _due(tx, seat, lock=False)
    return events


async def _due(
    tx: Tx, seat: Seat, lock: bool
) -> tuple[Mapping[VipId, RankedVip], list[DomainEvent]]:
    held = await places.held_by(tx, *seat, lock=lock)
    room_settings = await directory.find_settings(tx, seat.room_id, seat.company_id)
    ranks = await receipts.ranked(tx, await _protected(tx, held, room_settings))
    return ranks, place(list(ranks.values()), room_settings)


async def enqueue_settling(tx: Tx, room_id: RoomId, company_id: CompanyId) -> None:
    """Enqueues the job that looks at the places of all sellers of a room, unless one waits."""
    arguments = {"room_id": str(room_id), "company_id": str(company_id)}
    await enqueue(tx, SETTLE_PLACES, arguments, dedupe_key=f"{room_id}:{company_id}")


async def look_again(tx: Tx, room_id: RoomId, company_id: CompanyId) -> None:
    """As `enqueue_settling`, in a minute: money that was being stored as somebody began to hold its
    client neither saw the hold nor was seen by it.
    """
    arguments = {"room_id": str(room_id), "company_id": str(company_id)}
    run_at = await tx.read_clock() + LAST_LOOK_AFTER
    key = f"{room_id}:{company_id}:again"
    await enqueue(tx, SETTLE_PLACES, arguments, dedupe_key=key, run_at=run_at)


async def _protected(tx: Tx, held: Iterable[Vip], room_settings: RoomSettings) -> list[Vip]:
    """Those of `held` whose deadline has not passed: the others are free already."""
    now = await tx.read_clock()
    current = [under(vip, room_settings) for vip in held]
    return [vip for vip in current if not vip.overdue(now)]


def _seats(vips: Iterable[Vip]) -> set[Seat]:
    return {seat for vip in vips if (seat := seat_of(vip))}
