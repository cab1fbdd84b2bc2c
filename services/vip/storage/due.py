"""VIPs as timers and jobs find them: deadline passed, or not where the room's settings put it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Integer, Uuid, all_, bindparam, func, select

from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import Vip
from services.vip.storage.mapping import vip_of
from services.vip.storage.tables import vip
from shared.db import Database, Tx, compiled
from shared.db.tables import Moment
from shared.ids import CompanyId, RoomId, TenantId, VipId

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
    .where(
        _v.tenant_id == _tenant_id,
        _v.reset_due_at <= _now,
        _v.id != all_(bindparam("left_out", type_=ARRAY(Uuid))),
    )
    .order_by(_v.reset_due_at, _v.id)
    .limit(_limit)
    .with_for_update(skip_locked=True)
)
# Hours, not days: a day is as long as 24 hours whatever the session's time zone does. Null for
# never.
_due_at = _v.progress_at + func.make_interval(0, 0, 0, 0, bindparam("hours", type_=Integer))
_outdated = (
    _v.tenant_id == _tenant_id,
    _v.room_id == bindparam("room_id", type_=Uuid),
    _v.company_id == bindparam("company_id", type_=Uuid),
    _v.responsible_id.is_not(None),
    _v.reset_due_at.is_distinct_from(_due_at),
)
OUTDATED = compiled(
    select(_v.id)
    .where(*_outdated, _v.id > bindparam("after", type_=Uuid))
    .order_by(_v.id)
    .limit(_limit)
)
COUNT_OUTDATED = compiled(select(func.count().label("count")).where(*_outdated))


async def tenants_with_due(worker: Database, now: datetime, limit: int) -> list[TenantId]:
    """Tenants with VIPs whose deadline has passed by `now`, the longest overdue first."""
    rows = await worker.across_tenants(TENANTS_WITH_DUE, now=now, limit=limit)
    return [TenantId(row["tenant_id"]) for row in rows]


async def lock_due(tx: Tx, now: datetime, limit: int, left_out: Sequence[UUID]) -> list[Vip]:
    """Up to `limit` VIPs whose deadline has passed by `now` and that nobody else works on, but for
    those `left_out`.
    """
    rows = await tx.rows(LOCK_DUE, now=now, limit=limit, left_out=list(left_out))
    return [vip_of(row) for row in rows]


async def with_outdated_deadline(
    tx: Tx,
    room_id: RoomId,
    company_id: CompanyId,
    room_settings: RoomSettings,
    after: UUID,
    limit: int,
) -> list[VipId]:
    """Held VIPs of the room and company whose deadline is not where its settings put it: up to
    `limit` with ids above `after`, in their order; none is locked.
    """
    rows = await tx.rows(
        OUTDATED,
        room_id=room_id,
        company_id=company_id,
        hours=_hours(room_settings),
        after=after,
        limit=limit,
    )
    return [VipId(row["id"]) for row in rows]


async def count_outdated(
    tx: Tx, room_id: RoomId, company_id: CompanyId, room_settings: RoomSettings
) -> int:
    """How many `with_outdated_deadline` finds in all."""
    hours = _hours(room_settings)
    row = await tx.row(COUNT_OUTDATED, room_id=room_id, company_id=company_id, hours=hours)
    assert row is not None
    return int(row["count"])


def _hours(room_settings: RoomSettings) -> int | None:
    return 24 * room_settings.reset_days or None
