"""What a command names, from replicas; where one has not come yet, or may be old, its owner is
asked before anything is refused.
"""

from collections.abc import Sequence

from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import Vip
from services.vip.storage import directory
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, derived_id
from shared.membership import require_sold_in_room
from shared.replicas import Reference, require


async def company_currency(
    tx: Tx, room_id: RoomId, company_id: CompanyId, client_id: ClientId
) -> str:
    """The currency of a company that the room sells for to the client.

    Raises `NotFound`, or `NotSoldInRoom` where the room does not sell for the company.
    """
    replicas = await directory.find_claim_replicas(tx, room_id, company_id, client_id)
    missing = {
        Reference("company", company_id): replicas.currency is None,
        Reference("room", room_id): company_id not in (replicas.company_ids or ()),
        Reference("client", client_id): not replicas.client_exists,
    }
    require(tx, *(reference for reference, is_missing in missing.items() if is_missing))
    if replicas.currency is None:
        raise NotFound("company", "company_id")
    if replicas.company_ids is None:
        raise NotFound("room", "room_id")
    require_sold_in_room(replicas.company_ids, company_id)
    if not replicas.client_exists:
        raise NotFound("client", "client_id")
    return replicas.currency


async def hold_room_settings(tx: Tx, room_id: RoomId, company_id: CompanyId) -> RoomSettings:
    """The room's settings for the company; they do not change until the transaction ends."""
    room_settings = await directory.hold_settings(tx, room_id, company_id)
    if room_settings is None:
        require(tx, Reference("room_settings", derived_id(room_id, company_id)))
        room_settings = await directory.hold_default_settings(tx, room_id, company_id)
    return room_settings


async def holds_nothing(tx: Tx, vip: Vip) -> bool:
    """Whether the holder of a VIP works no more in the room from which they hold it: they hold it
    against nobody then.
    """
    assert vip.responsible
    works = await directory.works(tx, vip.responsible, vip.room_id)
    if works is None:
        require(tx, Reference("employee", vip.responsible))
    return works is False


async def require_seller(tx: Tx, employee_id: EmployeeId, room_ids: Sequence[RoomId]) -> RoomId:
    """The first of the rooms in which the employee sells.

    Raises `NotFound`, naming the field, where there is none: also for an employee who exists.
    """
    room_id = await directory.room_of_seller(tx, employee_id, room_ids)
    if room_id is None:
        require(tx, Reference("employee", employee_id))
        raise NotFound("seller_of_room", "employee_id")
    return room_id
