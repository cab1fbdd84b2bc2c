"""A seller's places in a room for a company: locking them, and the VIPs that take them."""

from collections.abc import Iterable

from sqlalchemy import Uuid, and_, any_, bindparam, func, select, union_all
from sqlalchemy.dialects.postgresql import insert

from services.vip.domain.vip import Vip
from services.vip.storage.mapping import vip_of
from services.vip.storage.repository import locked
from services.vip.storage.tables import place, vip
from shared.db import BulkRows, Tx, compiled
from shared.ids import CompanyId, EmployeeId, RoomId, VipId

PlaceKey = tuple[CompanyId, RoomId, EmployeeId]

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
        _v.head_id.is_(None),
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
_PLACE = ("company_id", "room_id", "seller_id")
_places = BulkRows("locked_place", dict.fromkeys(_PLACE, Uuid()))
_other = vip.alias("held")
_of_places = (
    select(_other.c.id)
    .join(
        _places.table,
        and_(
            _other.c.company_id == _places.c.company_id,
            _other.c.room_id == _places.c.room_id,
            _other.c.responsible_id == _places.c.seller_id,
        ),
    )
    .where(_other.c.tenant_id == _key["tenant_id"], _other.c.head_id.is_(None))
)
LOCK_WITH_HELD = compiled(
    locked(
        select(vip)
        .where(
            _v.tenant_id == _key["tenant_id"],
            _v.id
            == any_(
                func.array(
                    union_all(select(bindparam("vip_id", type_=Uuid)), _of_places).scalar_subquery()
                )
            ),
        )
        .order_by(_v.id)
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


async def lock_with_held(tx: Tx, vip_id: VipId, places: Iterable[PlaceKey]) -> Vip:
    """The VIP, locked together with all that is held in `places`, which are locked: VIPs are locked
    in the order of their ids.
    """
    keys = _places.of(dict(zip(_PLACE, key, strict=True)) for key in places)
    rows = await tx.rows(LOCK_WITH_HELD, vip_id=vip_id, **keys)
    tx.at(rows[-1]["now"])
    return next(vip_of(row) for row in rows if row["id"] == vip_id)


async def held_by(
    tx: Tx, company_id: CompanyId, room_id: RoomId, seller: EmployeeId, lock: bool = False
) -> list[Vip]:
    """The VIPs that `seller` holds in the room for the company; exact under `lock_places`, for
    nobody can add to them meanwhile.
    """
    statement = LOCK_HELD if lock else HELD
    rows = await tx.rows(statement, company_id=company_id, room_id=room_id, seller_id=seller)
    return [vip_of(row) for row in rows]
