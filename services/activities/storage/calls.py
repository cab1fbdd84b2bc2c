"""Phone calls, and which open activities of a client they may be about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Uuid,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.domain.call_effects import CallBack, Candidate
from services.activities.domain.calls import Call, Employee, Place, Sides
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.calls import call
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import ActivityId
from shared.vocabulary import CallOutcome

KEPT = timedelta(days=30)
"""How long a call of which nothing was recorded is known."""
_MOST_CANDIDATES = 100
_SETS, _MOMENTS = ("legs", "legs_over"), ("started_at", "answered_at", "ended_at")
_PLACED: Mapping[str, Any] = {"sides": Sides, "employee": Employee}

_c, _a = call.c, activity.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_id = bindparam("id", type_=Uuid)
_activity_id = bindparam("activity_id", type_=Uuid)
_now = bindparam("now", type_=Moment)
_ENTER = compiled(
    upsert(call)
    .values(
        tenant_id=_tenant_id,
        id=_id,
        reported=bindparam("reported", type_=_c.reported.type),
        created_at=_now,
        changed_at=_now,
        expires_at=bindparam("expires_at", type_=Moment),
    )
    .on_conflict_do_nothing()
)
_LOCK = compiled(
    select(
        func.clock_timestamp().label("now"),
        select(call)
        .where(_c.tenant_id == _tenant_id, _c.id == _id)
        .with_for_update()
        .subquery("locked"),
    )
)
_WRITTEN = tuple(
    column.name for column in call.c if column.name not in ("tenant_id", "id", "created_at")
)
_SAVE = compiled(
    update(call)
    .where(_c.tenant_id == _tenant_id, _c.id == _id)
    .values({name: bindparam(name, type_=_c[name].type) for name in _WRITTEN})
)
_CALL_BACK = compiled(
    select(_c.call_back_due_at, _c.promise, _c.promise_due_at)
    .where(
        _c.tenant_id == _tenant_id,
        _c.activity_id == _activity_id,
        _c.call_back_due_at == bindparam("due_at", type_=Moment),
    )
    .limit(literal_column("1"))
)
_MISSED_SINCE = compiled(
    select(_c.id)
    .where(
        _c.tenant_id == _tenant_id,
        _c.activity_id == _activity_id,
        _c.recorded == literal_column("'missed'"),
        _c.recorded_at > bindparam("since", type_=Moment),
    )
    .limit(literal_column("1"))
)
# What somebody works goes on with them, wherever they do; what waits in a pool is that room's.
_OPEN = compiled(
    select(_a.id, _a.company_id, _a.room_id, _a.responsible_id, _a.progress_at)
    .where(
        _a.tenant_id == _tenant_id,
        _a.client_id == bindparam("client_id", type_=Uuid),
        or_(
            _a.status == literal_column("'in_work'"),
            (_a.status == literal_column("'free'"))
            & (_a.room_id == func.any(bindparam("room_ids", type_=ARRAY(Uuid)))),
        ),
        or_(
            bindparam("company_id", type_=Uuid).is_(None),
            _a.company_id == bindparam("company_id", type_=Uuid),
        ),
    )
    .order_by(_a.progress_at.desc(), _a.id)
    .limit(literal_column(str(_MOST_CANDIDATES)))
)


_pruned = (
    delete(call)
    .where(_c.expires_at < func.statement_timestamp())
    .returning(literal_column("1").label("pruned"))
    .cte("pruned")
)
PRUNE = compiled(select(func.count().label("pruned")).select_from(_pruned))
"""Deletes the calls of which nothing was recorded for long, of all tenants; under the worker's
role.
"""


_LOCK_UNENDED = compiled(
    select(_c.id, _c.key_id, _c.key_room_ids)
    .where(
        _c.tenant_id == _tenant_id,
        _c.end_due_at <= _now,
        _c.id != func.all(bindparam("left_out", type_=ARRAY(Uuid))),
    )
    .order_by(_c.end_due_at)
    .limit(bindparam("limit", type_=BigInteger))
    .with_for_update(skip_locked=True)
)
TENANTS_WITH_UNENDED = compiled(
    select(func.distinct(_c.tenant_id).label("tenant_id"))
    .where(_c.end_due_at <= _now)
    .limit(bindparam("limit", type_=BigInteger))
)


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call, locked; `row` is as it is stored."""

    id: UUID
    call: Call
    recorded: CallOutcome | None
    row: Row


async def lock(tx: Tx, call_id: UUID) -> StoredCall:
    """The call, locked until the transaction ends; entered where it is new, so that of its reports
    one is taken after another.
    """
    await tx.read_clock()
    values = {"id": call_id, "now": tx.now, "expires_at": tx.now + KEPT}
    await tx.rows(_ENTER, reported=_stored(Call()), **values)
    row = await tx.row(_LOCK, id=call_id)
    assert row
    tx.at(row["now"])
    recorded = row["recorded"] if row["recorded"] in ("answered", "missed") else None
    return StoredCall(call_id, call_of(row["reported"]), recorded, row)


async def lock_unended(
    tx: Tx, now: datetime, limit: int, left_out: Sequence[UUID]
) -> Sequence[Row]:
    """Up to `limit` calls whose end was awaited until `now`, but for those `left_out`, locked;
    those that others hold are skipped.
    """
    return await tx.rows(_LOCK_UNENDED, now=now, limit=limit, left_out=list(left_out))


async def save(tx: Tx, stored: StoredCall, call: Call, changes: Mapping[str, Any]) -> None:
    """Writes what is known of a locked call now, with `changes` of its row's other columns."""
    values = {name: stored.row[name] for name in _WRITTEN} | {
        "reported": _stored(call),
        "changed_at": tx.now,
        **changes,
    }
    await tx.rows(_SAVE, id=stored.id, **values)


async def find_call_back(
    tx: Tx, activity_id: ActivityId, due_at: datetime | None
) -> CallBack | None:
    """What a missed call asked for that is due at that very moment."""
    if due_at is None:
        return None
    row = await tx.row(_CALL_BACK, activity_id=activity_id, due_at=due_at)
    if row is None:
        return None
    promised_at = row["promise_due_at"]
    promise = (row["promise"], promised_at) if promised_at is not None else None
    return CallBack(row["call_back_due_at"], promise)


async def was_missed_since(tx: Tx, activity_id: ActivityId, since: datetime) -> bool:
    """Whether a call of the activity's client was missed after `since`."""
    return await tx.row(_MISSED_SINCE, activity_id=activity_id, since=since) is not None


async def find_open(
    tx: Tx, client_id: UUID, room_ids: Sequence[UUID], company_id: UUID | None
) -> list[Candidate]:
    """The client's activities that are in work, in any room, or in the pools of `room_ids`; of the
    company alone where one is named. Not locked.
    """
    values = {"client_id": client_id, "room_ids": list(room_ids), "company_id": company_id}
    return [Candidate(**row) for row in await tx.rows(_OPEN, **values)]


def _stored(known: Call) -> dict[str, Any]:
    values: dict[str, Any] = {field.name: getattr(known, field.name) for field in fields(Call)}
    for name in _SETS:
        values[name] = sorted(values[name])
    for name in _MOMENTS:
        values[name] = values[name].isoformat() if values[name] else None
    for name in _PLACED:
        values[name] = [list(values[name][0]), *values[name][1:]] if values[name] else None
    return values | {"recordings": list(known.recordings)}


def call_of(stored: Mapping[str, Any]) -> Call:
    """The call in the column `reported`."""
    values = dict(stored)
    for name in _SETS:
        values[name] = frozenset(values[name])
    for name in _MOMENTS:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    values["recordings"] = tuple(values["recordings"])
    for name, kind in _PLACED.items():
        if values[name]:
            place, *others = values[name]
            values[name] = kind(Place(*place), *others)
    return Call(**values)
