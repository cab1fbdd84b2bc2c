"""Who holds a client: claimed and released by a seller, assigned or taken away by a head."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.vip.domain import holding
from services.vip.domain.places import place_claimed
from services.vip.domain.progress import under
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import Vip
from services.vip.handlers import context
from services.vip.handlers.client_work import ClientWork
from services.vip.handlers.placing import Seat, lock_with_seat, seat_of, settle
from services.vip.handlers.publishing import save
from services.vip.storage import directory, places, receipts, repository
from shared.db import Tx
from shared.errors import Forbidden, NotFound
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId
from shared.tenancy import Caller
from shared.vocabulary import VipReleaseReason


@dataclass(frozen=True, slots=True)
class ClaimVip:
    """The caller, working from the room, is to hold the client for the company."""

    room_id: RoomId
    company_id: CompanyId
    client_id: ClientId


@dataclass(frozen=True, slots=True)
class ReleaseVip:
    """The caller, its holder, frees the VIP."""

    vip_id: VipId


@dataclass(frozen=True, slots=True)
class AssignVip:
    """`seller_id`, or nobody, is to hold the VIP."""

    vip_id: VipId
    seller_id: EmployeeId | None


class Claimed(NamedTuple):
    """The VIP of a claim, and whether the caller holds it only since."""

    vip_id: VipId
    is_new: bool


async def claim_vip(tx: Tx, command: ClaimVip, caller: Caller, work: ClientWork | None) -> Claimed:
    """Makes the caller hold the client; nothing changes where they do already. `work` is the
    client's, None where there is no such client.

    Raises `NotFound` for what is not there to be seen, also a client of other rooms,
    `NotSoldInRoom` where the room does not sell for the company, `Forbidden` where the caller does
    not sell in it, `VipOfAnother`, `WorkedByAnother`, `VipLimitReached`; `ReplicaMissing` for what
    its owner is to be asked about.
    """
    room_id, company_id, seller = command.room_id, command.company_id, caller.employee_id
    if room_id not in caller.room_ids:
        raise NotFound("room", "room_id")
    if not caller.sells_in(room_id):
        raise Forbidden("sells_in_room")
    if work is None or not caller.sees_client(work.room_ids):
        raise NotFound("client", "client_id")
    currency = await context.company_currency(tx, room_id, company_id, command.client_id)
    room_settings = await context.hold_room_settings(tx, room_id, company_id)
    unlocked = await repository.find_or_create_pair(
        tx, company_id, command.client_id, room_id, currency
    )
    vip = await lock_with_seat(tx, unlocked, Seat(company_id, room_id, seller))
    vip, former = await _under_current_settings(tx, vip, room_id, room_settings), seat_of(vip)
    if vip.responsible == seller and not vip.overdue(tx.now):
        return Claimed(vip.id, is_new=False)
    if vip.overdue(tx.now):
        vip = await end_hold(tx, vip, "reset")
    elif vip.responsible and await context.holds_nothing(tx, vip):
        vip = await end_hold(tx, vip, "holder_left")
    holding.require_free(vip)
    work.require_unworked(company_id, seller)
    await take_hold(tx, vip, seller, room_id, room_settings, by=seller)
    await settle(tx, [former])
    return Claimed(vip.id, is_new=True)


async def release_vip(tx: Tx, command: ReleaseVip, caller: Caller) -> None:
    """Frees the client for others. Raises `NotFound`, `VipNotHeld`, `Forbidden`."""
    vip = await lock_with_seat(tx, await repository.get(tx, command.vip_id))
    if vip.responsible != caller.employee_id:
        caller.require_room(vip.room_id, "VIP")
    await save(tx, [holding.release(vip, caller.employee_id)], caller.employee_id)
    await settle(tx, [seat_of(vip)])


async def assign_vip(tx: Tx, command: AssignVip, caller: Caller) -> None:
    """Makes a seller, or nobody, hold the client; nothing changes where it is so already.

    A head decides also from another room that works the client: the seller then holds from there.

    Raises `NotFound`, also for who does not sell in the room, `Forbidden` for who does not head it,
    `VipLimitReached`; `ReplicaMissing` as `claim_vip` does.
    """
    if command.seller_id is None:
        await _take_away(tx, command.vip_id, caller)
        return
    seller, unlocked = command.seller_id, await repository.get(tx, command.vip_id)
    company_id, client_rooms = unlocked.company_id, await _client_rooms(tx, unlocked)
    room_id = await context.require_seller(tx, seller, _overseen(unlocked, client_rooms, caller))
    if room_id != unlocked.room_id:
        await context.company_currency(tx, room_id, company_id, unlocked.client_id)
    room_settings = await context.hold_room_settings(tx, room_id, company_id)
    vip = await lock_with_seat(tx, unlocked, Seat(company_id, room_id, seller))
    _overseen(vip, client_rooms, caller)
    vip, former = await _under_current_settings(tx, vip, room_id, room_settings), seat_of(vip)
    if vip.responsible == seller and not vip.overdue(tx.now):
        return
    if vip.overdue(tx.now):
        vip = await end_hold(tx, vip, "reset")
    if vip.responsible:
        vip = await end_hold(tx, vip, "taken_away", caller.employee_id)
    await take_hold(tx, vip, seller, room_id, room_settings, by=caller.employee_id)
    await settle(tx, [former])


async def _take_away(tx: Tx, vip_id: VipId, caller: Caller) -> None:
    vip = await lock_with_seat(tx, await repository.get(tx, vip_id))
    _overseen(vip, await _client_rooms(tx, vip), caller)
    if vip.responsible:
        await end_hold(tx, vip, "taken_away", caller.employee_id)
        await settle(tx, [seat_of(vip)])


async def _client_rooms(tx: Tx, vip: Vip) -> Sequence[RoomId]:
    return await directory.rooms_of_client(tx, vip.client_id)


def _overseen(vip: Vip, client_rooms: Sequence[RoomId], caller: Caller) -> list[RoomId]:
    """The rooms from which the caller decides who holds the VIP: its own first, then the others
    that work the client. Raises `NotFound`, or `Forbidden` where the caller only sees it.
    """
    rooms = [vip.room_id, *(room for room in client_rooms if room != vip.room_id)]
    overseen = [room for room in rooms if caller.oversees(room)]
    if not overseen:
        caller.require_room(vip.room_id, "VIP")
        raise Forbidden("head_of_room")
    return overseen


async def _under_current_settings(
    tx: Tx, vip: Vip, room_id: RoomId, room_settings: RoomSettings
) -> Vip:
    """The VIP with the deadline that the settings of its own room give it, which may be another
    than `room_id`.
    """
    if vip.responsible and vip.room_id != room_id:
        room_settings = await directory.find_settings(tx, vip.room_id, vip.company_id)
    return under(vip, room_settings)


async def end_hold(tx: Tx, vip: Vip, reason: VipReleaseReason, by: EmployeeId | None = None) -> Vip:
    """Frees a locked VIP; the VIP after it."""
    event = holding.free(vip, reason)
    await save(tx, [event], by)
    return event.after


async def take_hold(
    tx: Tx,
    vip: Vip,
    seller: EmployeeId,
    room_id: RoomId,
    room_settings: RoomSettings,
    by: EmployeeId | None,
) -> None:
    """Makes `seller`, whose places are locked, hold a free VIP; with more receipts than the
    smallest of those that are there, in its place. Raises `VipLimitReached`.
    """
    held = await places.held_by(tx, vip.company_id, room_id, seller, lock=True)
    current = [under(own, room_settings) for own in held]
    overdue = [holding.free(own, "reset") for own in current if own.overdue(tx.now)]
    await save(tx, overdue)
    claimed = holding.hold(vip, seller, room_id, room_settings, tx.now)
    staying = [own for own in current if not own.overdue(tx.now)]
    ranks = await receipts.ranked(tx, [*staying, claimed])
    *moves, event = place_claimed(
        [ranks[own.id] for own in staying], ranks[claimed.id], room_settings
    )
    await save(tx, moves, ranks=ranks)
    await save(tx, [event], by, ranks)
