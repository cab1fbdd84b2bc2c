"""Sellers whose places may not be with whom they are due."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, and_, any_, bindparam, func, or_, select

from services.vip.storage.receipts import clients_of, window_start
from services.vip.storage.tables import receipt, vip
from shared.db import Tx, compiled
from shared.ids import CompanyId, EmployeeId, RoomId

_v, _r = vip.c, receipt.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_receipts = func.coalesce(
    select(func.sum(_r.amount - _r.returned))
    .where(
        _r.tenant_id == _tenant_id,
        _r.company_id == _v.company_id,
        _r.client_id == any_(clients_of(_v)),
        _r.seller_id == _v.responsible_id,
        _r.currency == _v.currency,
        _r.received_at > window_start(_v.room_id, _v.company_id, func.clock_timestamp()),
        _r.amount > 0,
    )
    .correlate(vip)
    .scalar_subquery(),
    0,
)
_SELLERS = compiled(
    select(_v.responsible_id)
    .where(
        _v.tenant_id == _tenant_id,
        _v.room_id == bindparam("room_id", type_=Uuid),
        _v.company_id == bindparam("company_id", type_=Uuid),
        _v.responsible_id > bindparam("after", type_=Uuid),
        _v.head_id.is_(None),
        or_(
            and_(_v.kind == "in_development", _receipts > 0),
            and_(_v.kind == "by_receipts", _receipts <= 0),
        ),
    )
    .group_by(_v.responsible_id)
    .order_by(_v.responsible_id)
    .limit(bindparam("limit", type_=BigInteger))
)
_ROOMS = compiled(
    select(_v.company_id, _v.room_id)
    .where(_v.tenant_id == _tenant_id, _v.responsible_id.is_not(None))
    .group_by(_v.company_id, _v.room_id)
    .order_by(_v.company_id, _v.room_id)
)


async def find_sellers(
    tx: Tx, room_id: RoomId, company_id: CompanyId, after: UUID, limit: int
) -> Sequence[EmployeeId]:
    """Up to `limit` sellers with ids above `after` of a room and company, of whom a VIP in
    development has receipts, or one by receipts has none any more.
    """
    rows = await tx.rows(_SELLERS, room_id=room_id, company_id=company_id, after=after, limit=limit)
    return [EmployeeId(row["responsible_id"]) for row in rows]


async def find_rooms(tx: Tx) -> Sequence[tuple[CompanyId, RoomId]]:
    """Every company and room in which the tenant's VIPs are held."""
    return [(row["company_id"], row["room_id"]) for row in await tx.rows(_ROOMS)]
