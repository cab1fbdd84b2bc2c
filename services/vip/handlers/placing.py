"""A seller's places follow whatever changed: locked before the VIPs that take them, and given to
whom they are due (ADR 56).
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from services.vip.domain.places import place
from services.vip.domain.progress import under
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import Vip
from services.vip.handlers.publishing import save
from services.vip.storage import directory, places, receipts, repository
from shared.db import Tx
from shared.ids import CompanyId, EmployeeId, RoomId


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


async def lock_with_seat(tx: Tx, vip: Vip, *others: Seat) -> Vip:
    """The VIP, which was read unlocked, locked after its holder's places and `others`.

    Who holds it may change until it is locked: then the places of that one are locked too.
    """
    locked: set[Seat] = set()
    seats = {*others, *_seats([vip])}
    while missing := seats - locked:
        await lock_seats(tx, missing)
        locked |= missing
        vip = await repository.lock(tx, vip.id)
        seats |= _seats([vip])
    return vip if locked else await _lock_free(tx, vip)


async def _lock_free(tx: Tx, vip: Vip) -> Vip:
    """As `lock_with_seat`, of a VIP that nobody held."""
    locked = await repository.lock(tx, vip.id)
    return await lock_with_seat(tx, locked) if locked.responsible else locked


async def settle(tx: Tx, seats: Iterable[Seat | None]) -> None:
    """Gives places, which are locked, to whom they are due: to those that wait once one is free,
    away from those whose money went back. Nobody did that: rules and money do.
    """
    for seat in sorted({seat for seat in seats if seat}):
        held = await places.held_by(tx, *seat, lock=True)
        room_settings = await directory.find_settings(tx, seat.room_id, seat.company_id)
        ranks = await receipts.ranked(tx, await _protected(tx, held, room_settings))
        await save(tx, place(list(ranks.values()), room_settings), ranks=ranks)


async def _protected(tx: Tx, held: Iterable[Vip], room_settings: RoomSettings) -> list[Vip]:
    """Those of `held` whose deadline has not passed: the others are free already."""
    now = await tx.read_clock()
    current = [under(vip, room_settings) for vip in held]
    return [vip for vip in current if not vip.overdue(now)]


def _seats(vips: Iterable[Vip]) -> set[Seat]:
    return {seat for vip in vips if (seat := seat_of(vip))}
