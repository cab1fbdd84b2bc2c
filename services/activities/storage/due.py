"""Activities in work whose deadline has passed, or is not where the room settings put it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Integer, Uuid, bindparam, func, select

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

# In hours: to PostgreSQL a day may be longer or shorter, by the session's time zone. NULL for never.
_due_at = _a.progress_at + func.make_interval(0, 0, 0, 0, bindparam("hours", type_=Integer))
_OUTDATED = compiled(
    select(_a.id)
    .where(
        _a.tenant_id == _tenant_id,
        _a.room_id == bindparam("room_id", type_=Uuid),
        _a.company_id == bindparam("company_id", type_=Uuid),
        _a.status == "in_work",
        _a.reset_due_at.is_distinct_from(_due_at),
    )
    .limit(bindparam("most", type_=BigInteger))
)
_LOCK_AVAILABLE = compiled(
    select(activity)
    .where(_a.tenant_id == _tenant_id, _a.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
    .with_for_update(skip_locked=True)
)
_LOCK_DUE = compiled(
    select(_a.id)
    .where(_a.tenant_id == _tenant_id, _a.reset_due_at <= _now)
    .order_by(_a.reset_due_at)
    .limit(bindparam("limit", type_=BigInteger))
    .with_for_update(skip_locked=True)
)
TENANTS_WITH_DUE = compiled(
    select(func.distinct(_a.tenant_id).label("tenant_id"))
    .where(_a.reset_due_at <= _now)
    .limit(bindparam("limit", type_=BigInteger))
)


async def with_outdated_deadline(
    tx: Tx, room_id: UUID, company_id: UUID, room_settings: RoomSettings, most: int
) -> list[ActivityId]:
    """Up to `most` activities in work for a company in a room whose deadline is not where the
    settings put it; none is locked.
    """
    hours = 24 * room_settings.activity_reset_days or None
    rows = await tx.rows(_OUTDATED, room_id=room_id, company_id=company_id, hours=hours, most=most)
    return [ActivityId(row["id"]) for row in rows]


async def lock_available(tx: Tx, ids: Sequence[ActivityId]) -> list[Activity]:
    """Those of `ids` that nobody works on at this moment, locked."""
    return [activity_of(row) for row in await tx.rows(_LOCK_AVAILABLE, ids=list(ids))]


async def lock_due(tx: Tx, now: datetime, limit: int) -> list[ActivityId]:
    """Up to `limit` activities whose reset is due by `now`, locked; those that others work on are
    skipped.
    """
    return [ActivityId(row["id"]) for row in await tx.rows(_LOCK_DUE, now=now, limit=limit)]
