"""Activities in work whose deadline has passed, or is not where the room settings put it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, all_, any_, bindparam, func, select

from services.activities.domain.activity import Activity
from services.activities.domain.room_settings import RoomSettings
from services.activities.storage.absences import absences_of, absences_since
from services.activities.storage.mapping import activity_of
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.directory import company
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import ActivityId

PAGE = 1000
"""Activities in work that are compared with the settings at once."""
_a = activity.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_now = bindparam("now", type_=Moment)

_absences = (
    absences_since(_a.responsible_id, _a.progress_at).label("absences"),
    select(company.c.time_zone)
    .where(company.c.tenant_id == _tenant_id, company.c.id == _a.company_id)
    .scalar_subquery()
    .label("company_time_zone"),
)
_OPEN = compiled(
    select(
        _a.id,
        _a.progress_at,
        _a.reset_paused_until,
        _a.reset_due_at,
        _a.reset_warning_at,
        *_absences,
    )
    .where(
        _a.tenant_id == _tenant_id,
        _a.room_id == bindparam("room_id", type_=Uuid),
        _a.company_id == bindparam("company_id", type_=Uuid),
        _a.status == "in_work",
        _a.id > bindparam("after", type_=Uuid),
    )
    .order_by(_a.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_LOCK = compiled(
    select(activity, *_absences)
    .where(_a.tenant_id == _tenant_id, _a.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(_a.id)
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
_LOCK_ALERTS = compiled(
    select(_a.id)
    .where(
        _a.tenant_id == _tenant_id,
        _a.alert_at <= _now,
        _a.id != all_(bindparam("left_out", type_=ARRAY(Uuid))),
    )
    .order_by(_a.alert_at)
    .limit(bindparam("limit", type_=BigInteger))
    .with_for_update(skip_locked=True)
)
TENANTS_WITH_ALERTS = compiled(
    select(func.distinct(_a.tenant_id).label("tenant_id"))
    .where(_a.alert_at <= _now)
    .limit(bindparam("limit", type_=BigInteger))
)
TENANTS_WITH_DUE = compiled(
    select(func.distinct(_a.tenant_id).label("tenant_id"))
    .where(_a.reset_due_at <= _now)
    .limit(bindparam("limit", type_=BigInteger))
)


@dataclass(frozen=True, slots=True)
class Outdated:
    """Activities in work whose deadline is not where the settings put it: up to a limit of them,
    in the order of ids. The next look begins past `last`; None at the end of the room.
    """

    ids: Sequence[ActivityId]
    last: UUID | None


async def find_outdated(
    tx: Tx, room_id: UUID, company_id: UUID, room_settings: RoomSettings, after: UUID, limit: int
) -> Outdated:
    """The next of a company in a room with ids past `after`, among the next `PAGE` in work.

    Which they are is the domain's to say, so their rows are read as they stand; none is locked.
    """
    rows = await tx.rows(_OPEN, room_id=room_id, company_id=company_id, after=after, limit=PAGE)
    ids = [
        ActivityId(row["id"]) for row in rows if _is_outdated(row, settings_for(row, room_settings))
    ]
    if len(ids) > limit:
        return Outdated(ids[:limit], ids[limit - 1])
    return Outdated(ids, rows[-1]["id"] if len(rows) == PAGE else None)


async def every_open(tx: Tx, room_id: UUID, company_id: UUID) -> AsyncIterator[Row]:
    """Everything of a company in a room that is in work, as far as deadlines depend on it."""
    after, rows = UUID(int=0), list[Row]()
    while not after.int or len(rows) == PAGE:
        rows = await tx.rows(_OPEN, room_id=room_id, company_id=company_id, after=after, limit=PAGE)
        for row in rows:
            yield row
        after = rows[-1]["id"] if rows else UUID(int=1)


def settings_for(row: Row, room_settings: RoomSettings) -> RoomSettings:
    """The settings as they are for the responsible of an open activity."""
    return room_settings.of_seller(absences_of(row["absences"], row["company_time_zone"]))


def _is_outdated(row: Row, room_settings: RoomSettings) -> bool:
    deadline = room_settings.deadline(row["progress_at"], row["reset_paused_until"])
    return any(row[name] != deadline[name] for name in ("reset_due_at", "reset_warning_at"))


async def lock_unlocked(
    tx: Tx, ids: Sequence[ActivityId], room_settings: RoomSettings
) -> list[tuple[Activity, RoomSettings]]:
    """The activities of `ids`, locked, but for those that somebody works on at this moment; each
    with the settings of its room as they are for its responsible.
    """
    rows = await tx.rows(_LOCK, ids=list(ids))
    return [(activity_of(row), settings_for(row, room_settings)) for row in rows]


async def lock_due(tx: Tx, now: datetime, limit: int, left_out: Sequence[UUID]) -> list[ActivityId]:
    """Up to `limit` activities whose reset is due by `now`, but for those `left_out`, locked; those
    that others work on are skipped.
    """
    rows = await tx.rows(_LOCK_DUE, now=now, limit=limit, left_out=list(left_out))
    return [ActivityId(row["id"]) for row in rows]


async def lock_alerts(
    tx: Tx, now: datetime, limit: int, left_out: Sequence[UUID]
) -> list[ActivityId]:
    """As `lock_due`, those of which somebody is to be told by `now`."""
    rows = await tx.rows(_LOCK_ALERTS, now=now, limit=limit, left_out=list(left_out))
    return [ActivityId(row["id"]) for row in rows]
