"""Activities in work, as sweeps and changed numbers find them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, func, select

from services.activities.domain.activity import Activity
from services.activities.storage.rows import activity_of
from services.activities.storage.tables import activity
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import ActivityId

_a = activity.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_now = bindparam("now", type_=Moment)

_OF_ROOM = compiled(
    select(activity)
    .where(
        _a.tenant_id == _tenant_id,
        _a.room_id == bindparam("room_id", type_=Uuid),
        _a.company_id == bindparam("company_id", type_=Uuid),
        _a.status == "in_work",
    )
    .order_by(_a.id)
    .with_for_update()
)
_DUE = compiled(
    select(_a.id)
    .where(_a.tenant_id == _tenant_id, _a.reset_due_at <= _now)
    .order_by(_a.reset_due_at)
    .limit(bindparam("limit", type_=BigInteger))
    .with_for_update(skip_locked=True)
)
TENANTS_WITH_DUE = compiled(
    select(func.distinct(_a.tenant_id).label("tenant_id")).where(_a.reset_due_at <= _now).limit(bindparam("limit", type_=BigInteger))
)


async def lock_of_room(tx: Tx, room_id: UUID, company_id: UUID) -> list[Activity]:
    """All that is in work for a company in a room, locked in the order of ids so that two such sweeps can't deadlock."""
    rows: list[Any] = await tx.rows(_OF_ROOM, room_id=room_id, company_id=company_id)
    return [activity_of(row) for row in rows]


async def lock_due(tx: Tx, now: datetime, limit: int) -> list[ActivityId]:
    """A batch of those whose reset is due by `now`, locked; what others work on is skipped."""
    return [ActivityId(row["id"]) for row in await tx.rows(_DUE, now=now, limit=limit)]
