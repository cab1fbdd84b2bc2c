"""The phone calls of an activity, for who sees the activity."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, select, tuple_

from services.activities.storage.calls import call_of
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.calls import call
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import ActivityId
from shared.paging import cursor_of, moment, page, read_cursor
from shared.tenancy import Caller

_c, _a = call.c, activity.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_activity_id = bindparam("activity_id", type_=Uuid)
_ROOM = compiled(select(_a.room_id).where(_a.tenant_id == _tenant_id, _a.id == _activity_id))
_first = (
    select(call)
    .where(_c.tenant_id == _tenant_id, _c.activity_id == _activity_id)
    .order_by(_c.recorded_at.desc(), _c.id.desc())
    .limit(bindparam("limit", type_=BigInteger))
)
_NEWEST = compiled(_first)
_BEFORE = compiled(
    _first.where(
        tuple_(_c.recorded_at, _c.id)
        < tuple_(bindparam("at", type_=Moment), bindparam("id", type_=Uuid))
    )
)


async def list_calls(
    tx: Tx, activity_id: ActivityId, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of the activity's calls, the newest first. Raises `NotFound`, also for another room's
    activity.
    """
    last = read_cursor(cursor, moment, UUID)
    row = await tx.row(_ROOM, activity_id=activity_id)
    if row is None or not caller.sees_room(row["room_id"]):
        raise NotFound("activity")
    values: dict[str, Any] = {"activity_id": activity_id, "limit": limit + 1}
    if last:
        rows = await tx.rows(_BEFORE, at=last[0], id=last[1], **values)
    else:
        rows = await tx.rows(_NEWEST, **values)
    more = None
    if len(rows) > limit:
        more = cursor_of(rows[limit - 1]["recorded_at"].isoformat(), rows[limit - 1]["id"])
    return page([_view(row) for row in rows], limit, more)


def _view(row: Row) -> dict[str, Any]:
    reported = call_of(row["reported"])
    sides = reported.sides
    return {
        "id": row["id"],
        "direction": sides.direction if sides else None,
        "outcome": row["recorded"],
        "client_number": (sides.client or None) if sides else None,
        "our_number": (sides.ours or None) if sides else None,
        "employee_id": row["employee_id"],
        "started_at": reported.started_at,
        "answered_at": reported.answered_at,
        "ended_at": reported.ended_at,
        "end_reported": reported.is_over,
        "duration_seconds": reported.talk_seconds,
        "recordings": list(reported.recordings),
    }
