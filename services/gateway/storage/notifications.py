"""Statements on notifications: planned, shown, read."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from services.gateway.domain.notices import Notice
from services.gateway.storage.notification_tables import AGENDA, NOTIFICATION
from shared.db import Tx, compiled
from shared.db.bulk import BulkRows
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import EmployeeId, new_id

_n = NOTIFICATION.c
_tenant = bindparam("tenant_id", type_=Uuid)
_of_tenant = bindparam("of_tenant", type_=Uuid)
_now = bindparam("now", type_=Moment)
_limit = bindparam("limit", type_=BigInteger)
_COLUMNS: Mapping[str, Any] = {
    "id": Uuid(),
    "employee_id": Uuid(),
    "kind": Text(),
    "subject_id": Uuid(),
    "moment": Moment,
    "activity_id": Uuid(),
    "room_id": Uuid(),
    "company_id": Uuid(),
    "count": Integer(),
    "due_at": Moment,
}
_NEW = BulkRows("new", _COLUMNS)
_PLAN = compiled(
    insert(NOTIFICATION)
    .from_select(
        ["tenant_id", "created_at", *_COLUMNS],
        select(_tenant, bindparam("created_at", type_=Moment), *_NEW.c),
    )
    .on_conflict_do_nothing()
)
TENANTS_WITH_DUE = compiled(
    select(func.distinct(_n.tenant_id).label("tenant_id")).where(_n.due_at <= _now).limit(_limit)
)
_LOCK_DUE = compiled(
    select(NOTIFICATION)
    .where(_n.tenant_id == _tenant, _n.due_at <= _now)
    .order_by(_n.due_at)
    .limit(_limit)
    .with_for_update(skip_locked=True)
)
_ids = bindparam("ids", type_=ARRAY(Uuid))
_settled = update(NOTIFICATION).where(_n.tenant_id == _of_tenant, _n.id == any_(_ids))
_SHOW = compiled(_settled.values(due_at=None, shown_at=_now))
_DROP = compiled(_settled.values(due_at=None))
_rooms = bindparam("rooms", type_=ARRAY(Uuid))
_visible = (
    _n.tenant_id == _tenant,
    _n.employee_id == bindparam("employee_id", type_=Uuid),
    _n.shown_at.is_not(None),
    # What is of a room that the person works in no more is theirs to read no more.
    or_(_n.room_id.is_(None), _rooms.is_(None), _n.room_id == any_(_rooms)),
)
_PAGE = compiled(
    select(NOTIFICATION)
    .where(
        *_visible,
        or_(bindparam("unread", type_=Integer) == 0, _n.read_at.is_(None)),
        or_(
            bindparam("before_id", type_=Uuid).is_(None),
            tuple_(_n.shown_at, _n.id)
            < tuple_(bindparam("before", type_=Moment), bindparam("before_id", type_=Uuid)),
        ),
    )
    .order_by(_n.shown_at.desc(), _n.id.desc())
    .limit(_limit)
)
_COUNT_UNREAD = compiled(
    select(func.count().label("unread")).where(*_visible, _n.read_at.is_(None))
)
_GET = compiled(select(NOTIFICATION).where(*_visible, _n.id == bindparam("id", type_=Uuid)))
_own = (
    _n.tenant_id == _of_tenant,
    _n.employee_id == bindparam("of_employee", type_=Uuid),
    _n.shown_at.is_not(None),
)
_MARK_READ = compiled(
    update(NOTIFICATION)
    .where(*_own, _n.id == bindparam("of_id", type_=Uuid), _n.read_at.is_(None))
    .values(read_at=_now)
)
_MARK_UNREAD = compiled(
    update(NOTIFICATION).where(*_own, _n.id == bindparam("of_id", type_=Uuid)).values(read_at=None)
)
_MARK_ALL_READ = compiled(
    update(NOTIFICATION)
    .where(*_own, _n.read_at.is_(None), _n.shown_at <= bindparam("until", type_=Moment))
    .values(read_at=_now)
)
_lead = func.make_interval(0, 0, 0, 0, 0, bindparam("minutes", type_=Integer))
_REPLAN = compiled(
    update(NOTIFICATION)
    .where(
        _n.tenant_id == _of_tenant,
        _n.employee_id == bindparam("of_employee", type_=Uuid),
        _n.kind == "next_step",
        _n.due_at.is_not(None),
        _n.moment > _now,
        AGENDA.c.tenant_id == _n.tenant_id,
        AGENDA.c.employee_id == _n.employee_id,
        AGENDA.c.kind == "next_step",
        AGENDA.c.subject_id == _n.subject_id,
        AGENDA.c.at == _n.moment,
    )
    .values(due_at=_n.moment - _lead)
)


async def plan(tx: Tx, notices: Iterable[Notice]) -> None:
    """Plans notices; one that was planned or told before changes nothing."""
    rows = [
        {
            **{name: getattr(notice, name) for name in _COLUMNS if name != "id"},
            "id": new_id(),
        }
        for notice in notices
    ]
    if rows:
        await tx.rows(_PLAN, created_at=tx.now, **_NEW.of(rows))


async def lock_due(tx: Tx, now: datetime, limit: int) -> list[Row]:
    """Up to `limit` notifications that are due and that nobody else is sending."""
    return await tx.rows(_LOCK_DUE, now=now, limit=limit)


async def show(tx: Tx, ids: Sequence[UUID], now: datetime) -> None:
    """Puts planned notifications on the lists of those whose they are."""
    if ids:
        await tx.rows(_SHOW, of_tenant=tx.tenant_id, ids=list(ids), now=now)


async def drop(tx: Tx, ids: Sequence[UUID]) -> None:
    """Lets planned notifications be; they will not be planned again."""
    if ids:
        await tx.rows(_DROP, of_tenant=tx.tenant_id, ids=list(ids))


async def page(
    tx: Tx,
    employee_id: EmployeeId,
    rooms: Collection[UUID] | None,
    unread: bool,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Row]:
    """A person's notifications of `rooms` (None: of all), the newest first."""
    return await tx.rows(
        _PAGE,
        employee_id=employee_id,
        rooms=_list(rooms),
        unread=int(unread),
        before=before[0] if before else None,
        before_id=before[1] if before else None,
        limit=limit,
    )


async def count_unread(tx: Tx, employee_id: EmployeeId, rooms: Collection[UUID] | None) -> int:
    """How many of a person's notifications are not read."""
    row = await tx.row(_COUNT_UNREAD, employee_id=employee_id, rooms=_list(rooms))
    return int(row["unread"]) if row else 0


async def find(
    tx: Tx, employee_id: EmployeeId, rooms: Collection[UUID] | None, id_: UUID
) -> Row | None:
    """One of a person's notifications."""
    return await tx.row(_GET, employee_id=employee_id, rooms=_list(rooms), id=id_)


async def mark(tx: Tx, employee_id: EmployeeId, id_: UUID, is_read: bool) -> None:
    """Marks one of a person's notifications as read, the first time counts, or as unread."""
    statement = _MARK_READ if is_read else _MARK_UNREAD
    now = await tx.read_clock()
    await tx.rows(statement, of_tenant=tx.tenant_id, of_employee=employee_id, of_id=id_, now=now)


async def mark_all_read(tx: Tx, employee_id: EmployeeId, until: datetime) -> None:
    """Marks as read what was shown to a person up to `until`."""
    now = await tx.read_clock()
    await tx.rows(
        _MARK_ALL_READ, of_tenant=tx.tenant_id, of_employee=employee_id, until=until, now=now
    )


async def replan_steps(tx: Tx, employee_id: EmployeeId, lead_minutes: int) -> None:
    """Moves the reminders of a person's steps to `lead_minutes` before them."""
    now = await tx.read_clock()
    await tx.rows(
        _REPLAN, of_tenant=tx.tenant_id, of_employee=employee_id, minutes=lead_minutes, now=now
    )


def _list(rooms: Collection[UUID] | None) -> list[UUID] | None:
    return None if rooms is None else list(rooms)
