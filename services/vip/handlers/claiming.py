"""Who holds a client: claimed by a seller, given back, assigned or taken away by a head."""

from dataclasses import dataclass

from services.vip.domain.holding import free, give_back, hold, require_free
from services.vip.domain.places import place_for
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import Vip
from services.vip.handlers import context
from services.vip.handlers.publishing import save
from services.vip.replicas import Fetched
from services.vip.storage import receipts, repository
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId
from shared.replicas.snapshot import Snapshot
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class Claim:
    """A seller's wish to hold a client of a company."""

    room_id: RoomId
    company_id: CompanyId
    client_id: ClientId


async def claim(
    tx: Tx, asked: Fetched, wish: Claim, caller: Caller
) -> tuple[VipId, list[Snapshot]]:
    """Makes the caller hold the client; nothing changes where they do already.

    Raises `ReplicaMissing` for what its owner was not `asked` about yet, `NotFound` for what is not there
    to be seen, `Invalid` where the room does not sell for the company, `VipOfAnother`,
    `VipLimitReached`.
    """
    if wish.room_id not in caller.room_ids:
        raise NotFound("room", "room_id")
    currency = await context.claimed(tx, asked, wish.room_id, wish.company_id, wish.client_id)
    room_settings = await context.room_settings(tx, asked, wish.room_id, wish.company_id)
    seller = caller.employee_id
    await repository.lock_places(tx, wish.company_id, wish.room_id, seller)
    vip = await repository.lock_pair(tx, wish.company_id, wish.client_id, wish.room_id, currency)
    if vip.responsible == seller and not vip.overdue(tx.now):
        return vip.id, []
    vip, told = await _without_overdue(tx, vip, wish.room_id, seller)
    require_free(vip)
    return vip.id, [*told, *await _hold(tx, vip, seller, wish.room_id, room_settings, seller)]


async def release(tx: Tx, vip_id: VipId, caller: Caller) -> list[Snapshot]:
    """The holder frees the client for others. Raises `NotFound`, `VipNotHeld`, `Forbidden`."""
    vip = await repository.lock(tx, vip_id)
    if vip.responsible != caller.employee_id:
        caller.require_room(vip.room_id, "VIP")
    return await save(tx, [give_back(vip, caller.employee_id)], caller.employee_id)


async def assign(
    tx: Tx, asked: Fetched, vip_id: VipId, seller: EmployeeId | None, caller: Caller
) -> list[Snapshot]:
    """A head lets `seller`, or nobody, hold the client; nothing changes where it is so already.

    Raises `ReplicaMissing` as `claim` does, `NotFound`, `NotOfTheRoom` where the employee does not sell in
    the VIP's room, `VipLimitReached`.
    """
    seen = await repository.see(tx, vip_id)
    caller.require_room(seen.room_id, "VIP")
    if seller is None:
        vip = await repository.lock(tx, vip_id)
        caller.require_room(vip.room_id, "VIP")
        return (
            await save(tx, [free(vip, "taken_away")], caller.employee_id) if vip.responsible else []
        )
    await context.require_seller(tx, asked, seller, seen.room_id)
    room_settings = await context.room_settings(tx, asked, seen.room_id, seen.company_id)
    await repository.lock_places(tx, seen.company_id, seen.room_id, seller)
    vip = await repository.lock(tx, vip_id)
    caller.require_room(vip.room_id, "VIP")
    if vip.responsible == seller and not vip.overdue(tx.now):
        return []
    vip, told = await _without_overdue(tx, vip, seen.room_id, seller)
    if vip.responsible:
        taken = free(vip, "taken_away")
        told += await save(tx, [taken], caller.employee_id)
        vip = taken.after
    return [*told, *await _hold(tx, vip, seller, seen.room_id, room_settings, caller.employee_id)]


async def _without_overdue(
    tx: Tx, vip: Vip, room_id: RoomId, seller: EmployeeId
) -> tuple[Vip, list[Snapshot]]:
    """Frees what the sweeper would: `vip` if its deadline has passed, and what of the seller's
    takes a place no longer due to them.
    """
    overdue = {
        one.id: one for one in await repository.lock_own_due(tx, vip.company_id, room_id, seller)
    }
    if vip.overdue(tx.now):
        overdue[vip.id] = vip
    freed = [free(one, "reset") for one in overdue.values()]
    told = await save(tx, freed)
    return next((each.after for each in freed if each.after.id == vip.id), vip), told


async def _hold(
    tx: Tx,
    vip: Vip,
    seller: EmployeeId,
    room_id: RoomId,
    room_settings: RoomSettings,
    by: EmployeeId,
) -> list[Snapshot]:
    held = await repository.held_by(tx, vip.company_id, room_id, seller)
    sold = await receipts.has_sold(tx, seller, vip)
    return await save(
        tx,
        [hold(vip, seller, room_id, place_for(held, sold, room_settings), room_settings, tx.now)],
        by,
    )
