"""Activities in work whose deadline has passed, or is not where the room settings put it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Integer, Uuid, all_, bindparam, func, select

from services.activities.domain.activity import Activity
from services.activities.domain.room_settings import RoomSettings
from services.activities.storage.mapping import activity_of
from services.activities.storage.tables import activity
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import ActivityId

_a = activity.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_now = bindparam("now", type_=Moment)

# In hours: a day of PostgreSQL is longer or shorter by the session's time zone. NULL for never.
_due_at = _a.progress_at + func.make_interval(0, 0, 0, 0, bindparam("hours", type_=Integer))
_outdated = (
    _a.tenant_id == _tenant_id,
    _a.room_id == bindparam("room_id", type_=Uuid),
    _a.company_id == bindparam("company_id", type_=Uuid),
    _a.status == "in_work",
    _a.reset_due_at.is_distinct_from(_due_at),
)
_COUNT_OUTDATED = compiled(
    select(func.count().label("count")).select_from(activity).where(*_outdated)
)
_LOCK_OUTDATED = compiled(
    select(activity)
    .where(*_outdated, _a.id > bindparam("after", type_=Uuid))
    .order_by(_a.id)
    .limit(bindparam("limit", type_=BigInteger))
    .with_for_update(skip_locked=True)
)
_LOCK_DUE = compiled(
    select(_a.id)
    .where(
        _a.tenant_id == _tenant_id,
        _a.reset_due_at <= _now,
        _a.id != all_(bindparam("left_out", type_=ARRAY(Uuid))),
    )
    .order_by(_a.reset_due_at)
    .limit(bindparam("limit", type_=BigInteger))
    .with_for_update(skip_locked=True)
)
TENANTS_WITH_DUE = compiled(
    select(func.distinct(_a.tenant_id).label("tenant_id"))
    .where(_a.reset_due_at <= _now)
    .limit(bindparam("limit", type_=BigInteger))
)


async def count_outdated(
    tx: Tx, room_id: UUID, company_id: UUID, room_settings: RoomSettings
) -> int:
    """Counts activities in work for a company in a room whose deadline is not where the settings
    put it.
    """
    hours = _hours(room_settings)
    row = await tx.row(_COUNT_OUTDATED, room_id=room_id, company_id=company_id, hours=hours)
    assert row
    return int(row["count"])


async def lock_outdated(
    tx: Tx, room_id: UUID, company_id: UUID, room_settings: RoomSettings, after: UUID, limit: int
) -> list[Activity]:
    """Up to `limit` of them with ids past `after`, locked; those that somebody works on at this
    moment are skipped.
    """
    rows = await tx.rows(
        _LOCK_OUTDATED,
        room_id=room_id,
        company_id=company_id,
        hours=_hours(room_settings),
        after=after,
        limit=limit,
    )
    return [activity_of(row) for row in rows]


def _hours(room_settings: RoomSettings) -> int | None:
    return 24 * room_settings.activity_reset_days or None


async def lock_due(tx: Tx, now: datetime, limit: int, left_out: Sequence[UUID]) -> list[ActivityId]:
    """Up to `limit` activities whose reset is due by `now`, but for those `left_out`, locked; those
    that others work on are skipped.
    """
    rows = await tx.rows(_LOCK_DUE, now=now, limit=limit, left_out=list(left_out))
    return [ActivityId(row["id"]) for row in rows]
