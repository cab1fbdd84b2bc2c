"""Legal entities become one client, and part again (ADR 56)."""

from dataclasses import dataclass

from services.vip.domain import groups as rules
from services.vip.domain import holding
from services.vip.domain.vip import DomainEvent
from services.vip.handlers.placing import lock_with_seat, seat_of, settle_left
from services.vip.handlers.publishing import save
from services.vip.storage import directory, groups, repository
from shared.db import Tx
from shared.errors import Forbidden, NotFound, VipOfAnother
from shared.events.vip import ClientGroupChanged
from shared.ids import ClientId, EmployeeId, VipId
from shared.replicas import Reference, require
from shared.tenancy import Caller
from shared.vocabulary import VipReleaseReason


@dataclass(frozen=True, slots=True)
class JoinGroup:
    """The client is to be one with the head client."""

    client_id: ClientId
    head_client_id: ClientId


async def join_group(tx: Tx, command: JoinGroup, caller: Caller) -> bool:
    """Makes a client a member of the head's group, covered by the head's VIPs from now on; whether
    it was none. Who holds both goes on holding the head.

    Raises `NotFound` for a client that the caller does not see, `Forbidden` unless they head a room
    that sees both or are an admin, `Invalid`, `ClientInGroup`, `VipOfAnother` where somebody else
    than the head's holder holds the client.
    """
    client_id, head_id = command.client_id, command.head_client_id
    await _require_head_of(tx, caller, {"client_id": client_id, "head_client_id": head_id})
    await groups.lock(tx, client_id, head_id)
    former = await groups.head_of(tx, client_id)
    members = [member for member, _ in await groups.members_of(tx, [client_id])]
    rules.require_joinable(client_id, head_id, former, await groups.head_of(tx, head_id), members)
    if former == head_id:
        return False
    await groups.join(tx, client_id, head_id, caller.employee_id)
    await _cover_all(tx, command, caller.employee_id)
    await _publish(tx, client_id, head_id, caller.employee_id)
    return True


async def _cover_all(tx: Tx, command: JoinGroup, by: EmployeeId) -> None:
    """Has the head's VIPs cover the member's, company by company."""
    vips = await groups.vips_of(tx, command.client_id, command.head_client_id)
    heads = {vip.company_id: vip for vip in vips if vip.client_id == command.head_client_id}
    own = {vip.company_id: vip for vip in vips if vip.client_id == command.client_id}
    for company_id in sorted(heads.keys() | own.keys()):
        member, head = own.get(company_id), heads.get(company_id)
        if member and head is None:
            head = await repository.find_or_create_pair(
                tx, company_id, command.head_client_id, member.room_id, member.currency
            )
        assert head
        seats = [seat for seat in [member and seat_of(member)] if seat]
        locked = await lock_with_seat(tx, head, *seats)
        if member:
            member = await repository.lock(tx, member.id)
            rules.require_no_other_holder(member, locked.vip)
            if member.responsible:
                await save(tx, [holding.free(member, "grouped")], by)
        await groups.link(tx, head.id, [command.client_id])
        await _claim_covered(tx, head.id, command.client_id, by)
        await settle_left(tx, locked)
        if member:
            await settle_left(tx, locked._replace(vip=member))


async def _claim_covered(tx: Tx, head_id: VipId, client_id: ClientId, by: EmployeeId) -> None:
    """Makes who holds a locked head hold the new member. Raises `VipOfAnother` where somebody came
    to hold that one meanwhile.
    """
    head = await repository.lock(tx, head_id)
    covered = await groups.lock_covered(tx, [head_id])
    new = [vip for vip in covered if vip.client_id == client_id]
    if not new:
        member = await repository.find_pair(tx, head.company_id, client_id)
        assert member
        raise VipOfAnother(member.reset_due_at)
    if head.responsible:
        details = {"responsible": head.responsible, "kind": head.kind}
        claimed = DomainEvent("vip.claimed", head, details)
        await save(tx, [event for vip in new for event in rules.cover(vip, claimed)], by)


async def leave_group(tx: Tx, client_id: ClientId, caller: Caller) -> None:
    """Ends a client's membership: nobody holds it any more. Nothing where it is in no group.

    Raises `NotFound`, `Forbidden` as `join_group` does.
    """
    await _require_head_of(tx, caller, {"client_id": client_id})
    await part(tx, client_id, "left_group", caller.employee_id)


async def part(tx: Tx, client_id: ClientId, why: VipReleaseReason, by: EmployeeId | None) -> None:
    """Ends a client's membership, if it has one."""
    await groups.lock(tx, client_id)
    head_id = await groups.leave(tx, client_id)
    if head_id is None:
        return
    for unlocked in await groups.vips_of(tx, client_id):
        vip = await repository.lock(tx, unlocked.id)
        if vip.responsible:
            await save(tx, [holding.free(vip, why)], by)
    for head in await groups.vips_of(tx, head_id):
        if head.responsible:
            await settle_left(tx, await lock_with_seat(tx, head))
    await _publish(tx, client_id, None, by)


async def part_merged(tx: Tx, client_id: ClientId, by: EmployeeId | None) -> None:
    """Ends the memberships of a client that was merged into another: its own, and of its group."""
    await part(tx, client_id, "left_group", by)
    for member, _ in await groups.members_of(tx, [client_id]):
        await part(tx, member, "left_group", by)


async def clients_of_group(tx: Tx, client_id: ClientId) -> list[ClientId]:
    """The client's group, its head first; the client alone where it is in none."""
    head = await groups.head_of(tx, client_id) or client_id
    return [head, *(member for member, _ in await groups.members_of(tx, [head]))]


async def _require_head_of(tx: Tx, caller: Caller, clients: dict[str, ClientId]) -> None:
    rooms = []
    for field, client_id in clients.items():
        room_ids = await directory.find_rooms_of_client(tx, client_id)
        if room_ids is None:
            require(tx, Reference("client", client_id))
        if room_ids is None or not caller.sees_client(room_ids):
            raise NotFound("client", field)
        rooms.append(set(room_ids))
    if "admin" in caller.roles:
        return
    common = set.intersection(*(of_client or set(caller.headed_rooms) for of_client in rooms))
    if not any(caller.oversees(room_id) for room_id in common):
        raise Forbidden("head_of_room")


async def _publish(
    tx: Tx, client_id: ClientId, head_id: ClientId | None, by: EmployeeId | None
) -> None:
    version = await groups.count_change(tx, client_id)
    event = ClientGroupChanged.build(client_id=client_id, head_client_id=head_id, by=by)
    tx.publish(event, client_id, version)
