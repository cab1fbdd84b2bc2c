"""A seller's places in a room for a company: locking them, and the VIPs that take them."""

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from services.vip.domain.vip import Vip
from services.vip.storage.mapping import vip_of
from services.vip.storage.repository import locked
from services.vip.storage.tables import place, vip
from shared.db import Tx, compiled
from shared.ids import CompanyId, EmployeeId, RoomId

_v = vip.c
_key = {
    name: bindparam(name, type_=Uuid)
    for name in ("tenant_id", "company_id", "room_id", "seller_id")
}
_held = (
    select(vip)
    .where(
        _v.tenant_id == _key["tenant_id"],
        _v.responsible_id == _key["seller_id"],
        _v.company_id == _key["company_id"],
        _v.room_id == _key["room_id"],
    )
    .order_by(_v.id)
)
HELD = compiled(_held)
LOCK_HELD = compiled(locked(_held.with_for_update()))
LOCK_PLACES = compiled(
    locked(
        select(place)
        .where(*(place.c[name] == value for name, value in _key.items()))
        .with_for_update()
    )
)
CREATE_PLACES = compiled(insert(place).values(_key).on_conflict_do_nothing())


async def lock_places(tx: Tx, company_id: CompanyId, room_id: RoomId, seller: EmployeeId) -> None:
    """Makes this transaction the only one that may let `seller` hold more, in this room for this
    company.
    """
    key = {"company_id": company_id, "room_id": room_id, "seller_id": seller}
    row = await tx.row(LOCK_PLACES, **key)
    if row is None:
        await tx.rows(CREATE_PLACES, **key)
        row = await tx.row(LOCK_PLACES, **key)
    assert row is not None
    tx.at(row["now"])


async def held_by(
    tx: Tx, company_id: CompanyId, room_id: RoomId, seller: EmployeeId, lock: bool = False
) -> list[Vip]:
    """The VIPs that `seller` holds in the room for the company; exact under `lock_places`, for
    nobody can add to them meanwhile.
    """
    statement = LOCK_HELD if lock else HELD
    rows = await tx.rows(statement, company_id=company_id, room_id=room_id, seller_id=seller)
    return [vip_of(row) for row in rows]
