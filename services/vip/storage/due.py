"""VIPs as timers and jobs find them: deadline passed, or not where the room's settings put it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, all_, and_, bindparam, func, select, tuple_

from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import Vip
from services.vip.storage.mapping import vip_of
from services.vip.storage.tables import place, vip
from shared.db import BulkRows, Database, Tx, compiled
from shared.db.tables import Moment
from shared.ids import CompanyId, RoomId, TenantId, VipId

PAGE = 1000
"""Held VIPs that are compared with the settings at once."""
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
TENANTS_WITH_WARNINGS = compiled(
    select(_v.tenant_id)
    .where(_v.warning_at <= _now)
    .group_by(_v.tenant_id)
    .order_by(func.min(_v.warning_at))
    .limit(_limit)
)
LOCK_WARNINGS = compiled(
    select(vip)
    .where(
        _v.tenant_id == _tenant_id,
        _v.warning_at <= _now,
        # What has passed is the reset's.
        _v.reset_due_at > _now,
        _v.id != all_(bindparam("left_out", type_=ARRAY(Uuid))),
    )
    .order_by(_v.warning_at, _v.id)
    .limit(_limit)
    .with_for_update(skip_locked=True)
)
_is_due = and_(
    _v.tenant_id == _tenant_id,
    _v.head_id.is_(None),
    _v.reset_due_at <= _now,
    _v.id != all_(bindparam("left_out", type_=ARRAY(Uuid))),
)
_PLACE = ("company_id", "room_id", "seller_id")
_places = BulkRows("locked_place", dict.fromkeys(_PLACE, Uuid()))
_due = (
    select(_v.company_id, _v.room_id, _v.responsible_id.label("seller_id"))
    .where(_is_due)
    .order_by(_v.reset_due_at, _v.id)
    .limit(_limit)
    .subquery("due")
)
LOCK_PLACES_OF_DUE = compiled(
    select(place)
    .where(
        place.c.tenant_id == _tenant_id,
        tuple_(*(place.c[name] for name in _PLACE)).in_(select(*(_due.c[name] for name in _PLACE))),
    )
    .order_by(*(place.c[name] for name in _PLACE))
    .with_for_update(skip_locked=True)
)
LOCK_DUE = compiled(
    select(vip)
    .join(
        _places.table,
        and_(
            _v.company_id == _places.c.company_id,
            _v.room_id == _places.c.room_id,
            _v.responsible_id == _places.c.seller_id,
        ),
    )
    .where(_is_due)
    .order_by(_v.reset_due_at, _v.id)
    .limit(_limit)
    .with_for_update(skip_locked=True, of=vip)
)
_HELD = compiled(
    select(_v.id, _v.progress_at, _v.reset_due_at)
    .where(
        _v.tenant_id == _tenant_id,
        _v.room_id == bindparam("room_id", type_=Uuid),
        _v.company_id == bindparam("company_id", type_=Uuid),
        _v.responsible_id.is_not(None),
        _v.head_id.is_(None),
        _v.id > bindparam("after", type_=Uuid),
    )
    .order_by(_v.id)
    .limit(_limit)
)


async def tenants_with_due(worker: Database, now: datetime, limit: int) -> list[TenantId]:
    """Tenants with VIPs whose deadline has passed by `now`, the longest overdue first."""
    rows = await worker.across_tenants(TENANTS_WITH_DUE, now=now, limit=limit)
    return [TenantId(row["tenant_id"]) for row in rows]


async def tenants_with_warnings(worker: Database, now: datetime, limit: int) -> list[TenantId]:
    """Tenants with VIPs of whose reset somebody is to be warned by `now`, the longest due first."""
    rows = await worker.across_tenants(TENANTS_WITH_WARNINGS, now=now, limit=limit)
    return [TenantId(row["tenant_id"]) for row in rows]


async def lock_warnings(tx: Tx, now: datetime, limit: int, left_out: Sequence[UUID]) -> list[Vip]:
    """Up to `limit` VIPs of whose reset somebody is to be warned by `now` and that nobody else
    works on, but for those `left_out`.
    """
    rows = await tx.rows(LOCK_WARNINGS, now=now, limit=limit, left_out=list(left_out))
    return [vip_of(row) for row in rows]


async def lock_due(tx: Tx, now: datetime, limit: int, left_out: Sequence[UUID]) -> list[Vip]:
    """Up to `limit` VIPs whose deadline has passed by `now` and that nobody else works on, but for
    those `left_out`; after the places of their holders, of which nobody works on others either.
    """
    values = {"now": now, "limit": limit, "left_out": list(left_out)}
    locked = await tx.rows(LOCK_PLACES_OF_DUE, **values)
    keys = _places.of({name: row[name] for name in _PLACE} for row in locked)
    rows = await tx.rows(LOCK_DUE, **values, **keys) if locked else []
    return [vip_of(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Outdated:
    """Held VIPs whose deadline is not where the settings put it: up to a limit of them, in the
    order of ids. The next look begins past `last`; None at the end of the room.
    """

    ids: Sequence[VipId]
    last: UUID | None


async def find_outdated(
    tx: Tx,
    room_id: RoomId,
    company_id: CompanyId,
    room_settings: RoomSettings,
    after: UUID,
    limit: int,
) -> Outdated:
    """The next of a room and company with ids above `after`, among the next `PAGE` held.

    Which they are is the domain's to say, so their rows are read as they stand; none is locked.
    """
    rows = await tx.rows(_HELD, room_id=room_id, company_id=company_id, after=after, limit=PAGE)
    ids = [
        VipId(row["id"])
        for row in rows
        if room_settings.reset_due_at(row["progress_at"]) != row["reset_due_at"]
    ]
    if len(ids) > limit:
        return Outdated(ids[:limit], ids[limit - 1])
    return Outdated(ids, rows[-1]["id"] if len(rows) == PAGE else None)


async def count_outdated(
    tx: Tx, room_id: RoomId, company_id: CompanyId, room_settings: RoomSettings
) -> int:
    """How many `find_outdated` finds in all."""
    count, after = 0, UUID(int=0)
    while True:
        outdated = await find_outdated(tx, room_id, company_id, room_settings, after, PAGE)
        count += len(outdated.ids)
        if outdated.last is None:
            return count
        after = outdated.last
