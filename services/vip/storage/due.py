"""VIPs as timers find them: those whose deadline has passed, and those of a room."""

from datetime import datetime

from sqlalchemy import BigInteger, Uuid, bindparam, func, select

from services.vip.domain.vip import Vip
from services.vip.storage.mapping import vip_of
from services.vip.storage.repository import locked
from services.vip.storage.tables import vip
from shared.db import Database, Tx, compiled
from shared.db.tables import Moment
from shared.ids import CompanyId, RoomId, TenantId

_v = vip.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_now = bindparam("now", type_=Moment)
_limit = bindparam("limit", type_=BigInteger)

TENANTS_WITH_DUE = compiled(
    select(_v.tenant_id)
    .where(_v.reset_due_at <= _now)
    .group_by(_v.tenant_id)
    .order_by(func.min(_v.reset_due_at))
    .limit(_limit)
)
LOCK_DUE = compiled(
    select(vip)
    .where(_v.tenant_id == _tenant_id, _v.reset_due_at <= _now)
    .order_by(_v.reset_due_at, _v.id)
    .limit(_limit)
    .with_for_update(skip_locked=True)
)
LOCK_ROOM = compiled(
    locked(
        select(vip)
        .where(
            _v.tenant_id == _tenant_id,
            _v.room_id == bindparam("room_id", type_=Uuid),
            _v.company_id == bindparam("company_id", type_=Uuid),
            _v.responsible_id.is_not(None),
        )
        .order_by(_v.id)
        .with_for_update()
    )
)


async def tenants_with_due(worker: Database, now: datetime, limit: int) -> list[TenantId]:
    """Tenants with VIPs whose deadline has passed by `now`, the longest overdue first."""
    rows = await worker.across_tenants(TENANTS_WITH_DUE, now=now, limit=limit)
    return [TenantId(row["tenant_id"]) for row in rows]


async def lock_due(tx: Tx, now: datetime, limit: int) -> list[Vip]:
    """Up to `limit` VIPs whose deadline has passed by `now` and that nobody else works on."""
    return [vip_of(row) for row in await tx.rows(LOCK_DUE, now=now, limit=limit)]


async def lock_room(tx: Tx, room_id: RoomId, company_id: CompanyId) -> list[Vip]:
    """Every held VIP of the room and company, locked."""
    return [vip_of(row) for row in await tx.rows(LOCK_ROOM, room_id=room_id, company_id=company_id)]
