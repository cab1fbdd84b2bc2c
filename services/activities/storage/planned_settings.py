"""Numbers of a room that are to hold from a day on."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    DateTime,
    Text,
    Uuid,
    all_,
    and_,
    bindparam,
    cast,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.storage.tables.settings import room_settings_planned as planned
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import EmployeeId

_p = planned.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_room_id, _company_id = bindparam("room_id", type_=Uuid), bindparam("company_id", type_=Uuid)
_now = bindparam("now", type_=Moment)
_of_room = and_(_p.tenant_id == _tenant_id, _p.room_id == _room_id, _p.company_id == _company_id)
_is_it = and_(_of_room, _p.effective_from == bindparam("effective_from", type_=Date))

_LIST = compiled(select(planned).where(_of_room).order_by(_p.effective_from))
_new = upsert(planned).values(
    {column.name: bindparam(column.name, type_=column.type) for column in planned.c}
)
_PLAN = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "room_id", "company_id", "effective_from"],
        set_={name: _new.excluded[name] for name in ("apply_at", "numbers", "by", "planned_at")},
    )
)
_DELETE = compiled(delete(planned).where(_is_it).returning(_p.effective_from))
_LOCK_DUE = compiled(
    select(planned)
    .where(
        _p.tenant_id == _tenant_id,
        _p.apply_at <= _now,
        _p.room_id != all_(bindparam("left_out", type_=ARRAY(Uuid))),
    )
    .order_by(_p.room_id, _p.apply_at, _p.company_id)
    .limit(bindparam("limit", type_=BigInteger))
    .with_for_update(skip_locked=True)
)
TENANTS_WITH_PLANNED = compiled(
    select(func.distinct(_p.tenant_id).label("tenant_id"))
    .where(_p.apply_at <= _now)
    .limit(bindparam("limit", type_=BigInteger))
)
# A day begins where the company is.
_MOVE = compiled(
    update(planned)
    .where(_p.tenant_id == _tenant_id, _p.company_id == _company_id)
    .values(
        apply_at=func.timezone(
            bindparam("time_zone", type_=Text), cast(_p.effective_from, DateTime)
        )
    )
)


async def list_of_room(tx: Tx, room_id: UUID, company_id: UUID) -> Sequence[Row]:
    """What is planned, the next day first."""
    return await tx.rows(_LIST, room_id=room_id, company_id=company_id)


async def plan(
    tx: Tx,
    room_id: UUID,
    company_id: UUID,
    effective_from: date,
    apply_at: datetime,
    numbers: Mapping[str, int],
    by: EmployeeId,
) -> None:
    """Writes what is to hold from a day on, in place of what was planned for that day."""
    values: dict[str, Any] = {"effective_from": effective_from, "apply_at": apply_at}
    values |= {"numbers": dict(numbers), "by": by, "planned_at": tx.now}
    await tx.rows(_PLAN, room_id=room_id, company_id=company_id, **values)


async def remove(tx: Tx, room_id: UUID, company_id: UUID, effective_from: date) -> bool:
    """Removes what is planned for a day; whether anything was."""
    row = await tx.row(
        _DELETE, room_id=room_id, company_id=company_id, effective_from=effective_from
    )
    return row is not None


async def lock_due(tx: Tx, now: datetime, limit: int, left_out: Sequence[UUID]) -> Sequence[Row]:
    """Up to `limit` whose day has begun by `now`, but for those of the rooms `left_out`, locked, a
    room's together and its earliest first; those that others apply are skipped.
    """
    return await tx.rows(_LOCK_DUE, now=now, limit=limit, left_out=list(left_out))


async def follow_time_zone(tx: Tx, company_id: UUID, time_zone: str) -> None:
    """Puts the beginning of a company's planned days where they begin now."""
    await tx.rows(_MOVE, company_id=company_id, time_zone=time_zone)
