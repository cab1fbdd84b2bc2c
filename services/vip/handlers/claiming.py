"""Who holds a client: claimed and released by a seller, assigned or taken away by a head."""

from dataclasses import dataclass
from typing import NamedTuple

from services.vip.domain import holding
from services.vip.domain.places import place_for
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import Vip
from services.vip.handlers import context
from services.vip.handlers.publishing import save
from services.vip.storage import places, receipts, repository
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId
from shared.tenancy import Caller


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


async def claim_vip(tx: Tx, command: ClaimVip, caller: Caller) -> Claimed:
    """Makes the caller hold the client; nothing changes where they do already.

    Raises `NotFound` for what is not there to be seen, `NotSoldInRoom` where the room does not sell
    for the company, `VipOfAnother`, `VipLimitReached`; `ReplicaMissing` for what its owner is to be
    asked about.
    """
    room_id, company_id, seller = command.room_id, command.company_id, caller.employee_id
    if room_id not in caller.room_ids:
        raise NotFound("room", "room_id")
    currency = await context.company_currency(tx, room_id, company_id, command.client_id)
    room_settings = await context.hold_room_settings(tx, room_id, company_id)
    await places.lock_places(tx, company_id, room_id, seller)
    vip = await repository.lock_pair(tx, company_id, command.client_id, room_id, currency)
    if vip.responsible == seller and not vip.overdue(tx.now):
        return Claimed(vip.id, is_new=False)
    vip = await _reset_overdue(tx, vip, room_id, seller)
    holding.require_free(vip)
    await _hold(tx, vip, seller, room_id, room_settings, by=seller)
    return Claimed(vip.id, is_new=True)


async def release_vip(tx: Tx, command: ReleaseVip, caller: Caller) -> None:
    """Frees the client for others. Raises `NotFound`, `VipNotHeld`, `Forbidden`."""
    vip = await repository.lock(tx, command.vip_id)
    if vip.responsible != caller.employee_id:
        caller.require_room(vip.room_id, "VIP")
    await save(tx, [holding.release(vip, caller.employee_id)], caller.employee_id)


async def assign_vip(tx: Tx, command: AssignVip, caller: Caller) -> None:
    """Makes a seller, or nobody, hold the client; nothing changes where it is so already.

    Raises `NotFound`, `NotOfTheRoom` where the employee does not sell in the VIP's room,
    `VipLimitReached`; `ReplicaMissing` as `claim_vip` does.
    """
    if command.seller_id is None:
        await _take_away(tx, command.vip_id, caller)
        return
    seller, unlocked = command.seller_id, await repository.get(tx, command.vip_id)
    room_id, company_id = unlocked.room_id, unlocked.company_id
    caller.require_room(room_id, "VIP")
    await context.require_seller(tx, seller, room_id)
    room_settings = await context.hold_room_settings(tx, room_id, company_id)
    await places.lock_places(tx, company_id, room_id, seller)
    vip = await repository.lock(tx, command.vip_id)
    caller.require_room(vip.room_id, "VIP")
    if vip.responsible == seller and not vip.overdue(tx.now):
        return
    vip = await _reset_overdue(tx, vip, room_id, seller)
    if vip.responsible:
        taken_away = holding.free(vip, "taken_away")
        await save(tx, [taken_away], caller.employee_id)
        vip = taken_away.after
    await _hold(tx, vip, seller, room_id, room_settings, by=caller.employee_id)


async def _take_away(tx: Tx, vip_id: VipId, caller: Caller) -> None:
    vip = await repository.lock(tx, vip_id)
    caller.require_room(vip.room_id, "VIP")
    if vip.responsible:
        await save(tx, [holding.free(vip, "taken_away")], caller.employee_id)


async def _reset_overdue(tx: Tx, vip: Vip, room_id: RoomId, seller: EmployeeId) -> Vip:
    """Frees what the timer would: `vip` if its deadline has passed, and those of the seller's VIPs
    that take a place no longer due to them. Returns `vip` after it.
    """
    overdue = {
        held.id: held
        for held in await places.lock_overdue(tx, vip.company_id, room_id, seller, tx.now)
    }
    if vip.overdue(tx.now):
        overdue[vip.id] = vip
    events = {held.id: holding.free(held, "reset") for held in overdue.values()}
    await save(tx, list(events.values()))
    return events[vip.id].after if vip.id in events else vip


async def _hold(
    tx: Tx,
    vip: Vip,
    seller: EmployeeId,
    room_id: RoomId,
    room_settings: RoomSettings,
    by: EmployeeId,
) -> None:
    held = await places.held_by(tx, vip.company_id, room_id, seller)
    sold = await receipts.has_sold(tx, seller, vip)
    kind = place_for(held, sold, room_settings)
    await save(tx, [holding.hold(vip, seller, room_id, kind, room_settings, tx.now)], by)
