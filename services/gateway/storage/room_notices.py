"""Statements on what concerns the people of a room."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from services.gateway.domain.fanning_out import Work
from services.gateway.domain.notices import RoomNotice
from services.gateway.storage.notification_tables import AGENDA, FOLLOWED_ACTIVITY, ROOM_NOTICE
from shared.db import Tx, compiled
from shared.db.bulk import BulkRows
from shared.db.tables import Moment
from shared.db.transaction import Row

_r = ROOM_NOTICE.c
_tenant = bindparam("tenant_id", type_=Uuid)
_now = bindparam("now", type_=Moment)
_limit = bindparam("limit", type_=BigInteger)
_COLUMNS: Mapping[str, Any] = {
    "kind": Text(),
    "subject_id": Uuid(),
    "moment": Moment,
    "room_id": Uuid(),
    "company_id": Uuid(),
    "due_at": Moment,
}
_NEW = BulkRows("new", _COLUMNS)
_PLAN = compiled(
    insert(ROOM_NOTICE)
    .from_select(
        ["tenant_id", "created_at", *_COLUMNS],
        select(_tenant, bindparam("created_at", type_=Moment), *_NEW.c),
    )
    .on_conflict_do_nothing()
)
TENANTS_WITH_DUE = compiled(
    select(func.distinct(_r.tenant_id).label("tenant_id")).where(_r.due_at <= _now).limit(_limit)
)
_DUE_ROOMS = (
    select(_r.room_id)
    .where(_r.tenant_id == _tenant, _r.due_at <= _now, _r.kind == "pool")
    .scalar_subquery()
)
# What came into a pool a moment ago goes along with what is due there.
_LOCK_DUE = compiled(
    select(ROOM_NOTICE)
    .where(
        _r.tenant_id == _tenant,
        _r.due_at.is_not(None),
        or_(_r.due_at <= _now, and_(_r.kind == "pool", _r.room_id.in_(_DUE_ROOMS))),
    )
    .order_by(_r.due_at)
    .limit(_limit)
    .with_for_update(skip_locked=True)
)
_KEY: Mapping[str, Any] = {"kind": Text(), "subject_id": Uuid(), "moment": Moment}
_KEYS = BulkRows("settled", _KEY)
_SETTLE = compiled(
    update(ROOM_NOTICE)
    .where(
        _r.tenant_id == bindparam("of_tenant", type_=Uuid),
        _r.kind == _KEYS.c.kind,
        _r.subject_id == _KEYS.c.subject_id,
        _r.moment == _KEYS.c.moment,
    )
    .values(due_at=None)
)
_ids = bindparam("ids", type_=ARRAY(Uuid))
_WORKS = compiled(
    select(
        FOLLOWED_ACTIVITY.c.activity_id,
        FOLLOWED_ACTIVITY.c.status,
        FOLLOWED_ACTIVITY.c.room_id,
        FOLLOWED_ACTIVITY.c.responsible_id,
        AGENDA.c.at,
    )
    .outerjoin(
        AGENDA,
        and_(
            AGENDA.c.tenant_id == FOLLOWED_ACTIVITY.c.tenant_id,
            AGENDA.c.activity_id == FOLLOWED_ACTIVITY.c.activity_id,
            AGENDA.c.kind == "next_step",
            AGENDA.c.cancelled_at.is_(None),
        ),
    )
    .where(FOLLOWED_ACTIVITY.c.tenant_id == _tenant, FOLLOWED_ACTIVITY.c.activity_id == any_(_ids))
)


async def plan(tx: Tx, notices: Iterable[RoomNotice]) -> None:
    """Plans notices; one that was planned before changes nothing."""
    rows = [{name: getattr(notice, name) for name in _COLUMNS} for notice in notices]
    if rows:
        await tx.rows(_PLAN, created_at=tx.now, **_NEW.of(rows))


async def lock_due(tx: Tx, now: datetime, limit: int) -> list[RoomNotice]:
    """Up to `limit` notices that are due, and what came into the same pools meanwhile."""
    rows = await tx.rows(_LOCK_DUE, now=now, limit=limit)
    return [_notice(row) for row in rows]


async def settle(tx: Tx, notices: Iterable[RoomNotice]) -> None:
    """Marks notices as done with; they will not be planned again."""
    rows = [{name: getattr(notice, name) for name in _KEY} for notice in notices]
    if rows:
        await tx.rows(_SETTLE, of_tenant=tx.tenant_id, **_KEYS.of(rows))


async def works_of(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Work]:
    """Activities as they are by now, by id."""
    rows = await tx.rows(_WORKS, ids=list(ids)) if ids else []
    return {
        row["activity_id"]: Work(row["status"], row["room_id"], row["responsible_id"], row["at"])
        for row in rows
    }


def _notice(row: Row) -> RoomNotice:
    return RoomNotice(
        row["kind"],
        row["subject_id"],
        row["moment"],
        row["room_id"],
        row["company_id"],
        row["due_at"],
        row["created_at"],
    )
