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
from services.vip.handlers.placing import Locked, Seat, lock_with_seat, look_again, settle_left
from services.vip.handlers.publishing import save
from services.vip.storage import directory, groups, places, receipts, repository
from shared.db import Tx
from shared.db.transaction import VersionConflict
from shared.errors import Forbidden, NotFound
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId
from shared.tenancy import Caller
from shared.vocabulary import VipReleaseReason


@dataclass(frozen=True, slots=True)
class ClaimVip:
    """The caller, working from the room, is to hold the client for the company; with a `seller_id`
    that seller of a room which the caller heads.
    """

    room_id: RoomId
    company_id: CompanyId
    client_id: ClientId
    seller_id: EmployeeId | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReleaseVip:
    """The caller, its holder, frees the VIP."""

    vip_id: VipId


@dataclass(frozen=True, slots=True)
class AssignVip:
    """`seller_id`, or nobody, is to hold the VIP, for the `reason` if one is given."""

    vip_id: VipId
    seller_id: EmployeeId | None
    reason: str | None = None


class Cause(NamedTuple):
    """Who changes a hold, None for a rule, and why, in their own words."""

    employee_id: EmployeeId | None
    reason: str | None = None


RULE = Cause(None)


class Claimed(NamedTuple):
    """The VIP of a claim, and whether it is held so only since."""

    vip_id: VipId
    is_new: bool


async def claim_vip(tx: Tx, command: ClaimVip, caller: Caller, work: ClientWork | None) -> Claimed:
    """Makes the caller, or the seller whom a head names, hold the client; nothing changes where
    they do already. `work` is the client's, None where there is no such client.

    Raises `NotFound` for what is not there to be seen, also a client of other rooms and who does
    not sell in the room, `NotSoldInRoom` where the room does not sell for the company, `Forbidden`
    where the caller does not sell in it, or names somebody and does not head it, `VipOfAnother`,
    `WorkedByAnother`, `VipLimitReached`; `ReplicaMissing` for what its owner is to be asked about.
    """
    room_id, company_id = command.room_id, command.company_id
    if work is None or not caller.sees_client(work.room_ids):
        _require_place(command, caller)
        raise NotFound("client", "client_id")
    seller = await _find_claimer(tx, command, caller)
    await _hold_group(tx, command.client_id)
    currency = await context.company_currency(tx, room_id, company_id, command.client_id)
    room_settings = await context.hold_room_settings(tx, room_id, company_id)
    unlocked = await repository.find_or_create_pair(
        tx, company_id, command.client_id, room_id, currency
    )
    locked = await lock_with_seat(tx, unlocked, Seat(company_id, room_id, seller))
    vip = await _under_current_settings(tx, locked.vip, room_id, room_settings)
    if vip.responsible == seller and not vip.overdue(tx.now):
        return Claimed(vip.id, is_new=False)
    if vip.overdue(tx.now):
        vip = await end_hold(tx, vip, "reset")
    elif vip.responsible and await context.holds_nothing(tx, vip):
        vip = await end_hold(tx, vip, "holder_left")
    holding.require_free(vip)
    work.require_unworked(company_id, seller)
    by = Cause(caller.employee_id, command.reason)
    await take_hold(tx, vip, seller, room_id, room_settings, by)
    await settle_left(tx, locked)
    return Claimed(vip.id, is_new=True)


async def _hold_group(tx: Tx, client_id: ClientId) -> None:
    """Keeps the client's group from changing until the transaction ends. Raises `VersionConflict`
    where it joined one since the group was looked up.
    """
    await groups.lock(tx, client_id)
    if await groups.head_of(tx, client_id):
        raise VersionConflict


def _require_place(command: ClaimVip, caller: Caller) -> None:
    """Raises `NotFound` for a room that is not the caller's, `Forbidden` where they may not claim
    there.
    """
    if command.room_id not in caller.room_ids:
        raise NotFound("room", "room_id")
    if command.seller_id not in (None, caller.employee_id):
        if not caller.oversees(command.room_id):
            raise Forbidden("head_of_room")
    elif not caller.sells_in(command.room_id):
        raise Forbidden("sells_in_room")


async def _find_claimer(tx: Tx, command: ClaimVip, caller: Caller) -> EmployeeId:
    """Who is to hold the client."""
    _require_place(command, caller)
    if command.seller_id is None or command.seller_id == caller.employee_id:
        return caller.employee_id
    await context.require_seller(tx, command.seller_id, [command.room_id])
    return command.seller_id


async def release_vip(tx: Tx, command: ReleaseVip, caller: Caller) -> None:
    """Frees the client for others. Raises `NotFound`, `VipNotHeld`, `Forbidden`."""
    locked = await lock_with_seat(tx, await _deciding(tx, command.vip_id))
    _require_deciding(locked)
    vip = locked.vip
    if vip.responsible != caller.employee_id:
        caller.require_room(vip.room_id, "VIP")
    await save(tx, [holding.release(vip, caller.employee_id)], caller.employee_id)
    await settle_left(tx, locked)


async def assign_vip(tx: Tx, command: AssignVip, caller: Caller) -> None:
    """Makes a seller, or nobody, hold the client; nothing changes where it is so already.

    A head decides also from another room that works the client: the seller then holds from there.

    Raises `NotFound`, also for who does not sell in the room, `Forbidden` for who does not head it,
    `VipLimitReached`; `ReplicaMissing` as `claim_vip` does.
    """
    if command.seller_id is None:
        await _take_away(tx, command, caller)
        return
    seller, unlocked = command.seller_id, await _deciding(tx, command.vip_id)
    company_id, client_rooms = unlocked.company_id, await _client_rooms(tx, unlocked)
    room_id = await context.require_seller(tx, seller, _overseen(unlocked, client_rooms, caller))
    if room_id != unlocked.room_id:
        await context.company_currency(tx, room_id, company_id, unlocked.client_id)
    room_settings = await context.hold_room_settings(tx, room_id, company_id)
    locked = await lock_with_seat(tx, unlocked, Seat(company_id, room_id, seller))
    _require_deciding(locked)
    _overseen(locked.vip, client_rooms, caller)
    vip = await _under_current_settings(tx, locked.vip, room_id, room_settings)
    if vip.responsible == seller and not vip.overdue(tx.now):
        return
    by = Cause(caller.employee_id, command.reason)
    if vip.overdue(tx.now):
        vip = await end_hold(tx, vip, "reset")
    if vip.responsible:
        vip = await end_hold(tx, vip, "taken_away", by)
    await take_hold(tx, vip, seller, room_id, room_settings, by)
    await settle_left(tx, locked)


async def _deciding(tx: Tx, vip_id: VipId) -> Vip:
    """The VIP, or the one that covers it, not locked. Raises `NotFound`."""
    vip = await repository.get(tx, vip_id)
    return await repository.get(tx, vip.head_id) if vip.head_id else vip


def _require_deciding(locked: Locked) -> None:
    """Raises `VersionConflict` where the VIP came to be covered since it was read."""
    if locked.vip.head_id:
        raise VersionConflict


async def _take_away(tx: Tx, command: AssignVip, caller: Caller) -> None:
    locked = await lock_with_seat(tx, await _deciding(tx, command.vip_id))
    _require_deciding(locked)
    vip = locked.vip
    _overseen(vip, await _client_rooms(tx, vip), caller)
    if vip.responsible:
        await end_hold(tx, vip, "taken_away", Cause(caller.employee_id, command.reason))
        await settle_left(tx, locked)


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


async def end_hold(tx: Tx, vip: Vip, why: VipReleaseReason, by: Cause = RULE) -> Vip:
    """Frees a locked VIP; the VIP after it."""
    event = holding.free(vip, why)
    await save(tx, [event], by.employee_id, reason=by.reason)
    return event.after


async def take_hold(
    tx: Tx,
    vip: Vip,
    seller: EmployeeId,
    room_id: RoomId,
    room_settings: RoomSettings,
    by: Cause,
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
    await save(tx, [event], by.employee_id, ranks, by.reason)
    if event.after.kind == "in_development":
        await look_again(tx, room_id, vip.company_id)
