"""Who holds a client: claimed and released by a seller, assigned or taken away by a head."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.vip.domain import holding
from services.vip.domain.places import place_for
from services.vip.domain.progress import under
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import Vip
from services.vip.handlers import context
from services.vip.handlers.client_work import ClientWork
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
    await places.lock_places(tx, company_id, room_id, seller)
    vip = await repository.lock_pair(tx, company_id, command.client_id, room_id, currency)
    vip = await _under_current_settings(tx, vip, room_id, room_settings)
    if vip.responsible == seller and not vip.overdue(tx.now):
        return Claimed(vip.id, is_new=False)
    if vip.overdue(tx.now):
        vip = await end_hold(tx, vip, "reset")
    elif vip.responsible and await context.holds_nothing(tx, vip):
        vip = await end_hold(tx, vip, "holder_left")
    holding.require_free(vip)
    work.require_unworked(company_id, seller)
    await take_hold(tx, vip, seller, room_id, room_settings, by=seller)
    return Claimed(vip.id, is_new=True)


async def release_vip(tx: Tx, command: ReleaseVip, caller: Caller) -> None:
    """Frees the client for others. Raises `NotFound`, `VipNotHeld`, `Forbidden`."""
    vip = await repository.lock(tx, command.vip_id)
    if vip.responsible != caller.employee_id:
        caller.require_room(vip.room_id, "VIP")
    await save(tx, [holding.release(vip, caller.employee_id)], caller.employee_id)


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
    await places.lock_places(tx, company_id, room_id, seller)
    vip = await repository.lock(tx, command.vip_id)
    _overseen(vip, client_rooms, caller)
    vip = await _under_current_settings(tx, vip, room_id, room_settings)
    if vip.responsible == seller and not vip.overdue(tx.now):
        return
    if vip.overdue(tx.now):
        vip = await end_hold(tx, vip, "reset")
    if vip.responsible:
        vip = await end_hold(tx, vip, "taken_away", caller.employee_id)
    await take_hold(tx, vip, seller, room_id, room_settings, by=caller.employee_id)


async def _take_away(tx: Tx, vip_id: VipId, caller: Caller) -> None:
    vip = await repository.lock(tx, vip_id)
    _overseen(vip, await _client_rooms(tx, vip), caller)
    if vip.responsible:
        await end_hold(tx, vip, "taken_away", caller.employee_id)


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
    """Makes `seller`, whose places are locked, hold a free VIP."""
    held = await places.held_by(tx, vip.company_id, room_id, seller)
    held = await _without_overdue(tx, [under(own, room_settings) for own in held], room_settings)
    sold = await receipts.has_sold(tx, seller, vip)
    kind = place_for(held, sold, room_settings)
    await save(tx, [holding.hold(vip, seller, room_id, kind, room_settings, tx.now)], by)


async def _without_overdue(tx: Tx, held: Sequence[Vip], room_settings: RoomSettings) -> list[Vip]:
    """Frees, as the timer would, those of a seller's VIPs that take a place no longer due to them;
    returns the others. One that somebody else is about to free is left to them.
    """
    overdue = [vip.id for vip in held if vip.overdue(tx.now)]
    if not overdue:
        return list(held)
    locked = await repository.lock_all(tx, overdue, skip_locked=True)
    freed = [vip for vip in locked if under(vip, room_settings).overdue(tx.now)]
    await save(tx, [holding.free(vip, "reset") for vip in freed])
    freed_ids = {vip.id for vip in freed}
    return [vip for vip in held if vip.id not in freed_ids]
