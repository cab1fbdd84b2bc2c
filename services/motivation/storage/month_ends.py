"""Months that are to be settled for their end: of companies and rooms, the next one each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, all_, bindparam, func, select, update

from services.motivation.storage.plan_tables import plan_series
from services.motivation.storage.settlements import RoomMonth
from shared.db import Tx, compiled, writing
from shared.db.tables import Moment
from shared.ids import CompanyId, RoomId
from shared.jobs.tables import JOB

_s = plan_series.c
_TENANT = bindparam("tenant_id", type_=Uuid)
_COMPANY = bindparam("company_id", type_=Uuid)
_ROOM = bindparam("room_id", type_=Uuid)
_NOW = bindparam("now", type_=Moment)

TENANTS_WITH_ENDED = compiled(
    select(_s.tenant_id)
    .where(_s.end_due_at <= _NOW)
    .group_by(_s.tenant_id)
    .order_by(func.min(_s.end_due_at))
    .limit(bindparam("limit", type_=BigInteger))
)
_LOCK_ENDED = compiled(
    select(_s.company_id, _s.room_id, _s.end_month)
    .where(
        _s.tenant_id == _TENANT,
        _s.end_due_at <= _NOW,
        _s.room_id != all_(bindparam("left_out", type_=ARRAY(Uuid))),
    )
    .order_by(_s.end_due_at, _s.company_id, _s.room_id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_JOB_RUNS = compiled(
    select(JOB.c.id)
    .where(
        JOB.c.tenant_id == _TENANT,
        JOB.c.finished_at.is_(None),
        JOB.c.kind == bindparam("kind", type_=Text),
    )
    .limit(1)
)
_BEFORE = compiled(
    select(_s.end_month).where(
        _s.tenant_id == _TENANT, _s.company_id == _COMPANY, _s.room_id == _ROOM
    )
)
_SAVE = writing(
    update(plan_series)
    .values(end_month=bindparam("month", type_=Text), end_due_at=bindparam("due_at", type_=Moment))
    .where(_s.tenant_id == _TENANT, _s.company_id == _COMPANY, _s.room_id == _ROOM)
)
_COUNT_WAITING = compiled(
    select(func.count().label("waiting")).where(
        _s.tenant_id == _TENANT,
        _s.company_id == _COMPANY,
        _s.end_month <= bindparam("month", type_=Text),
    )
)


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """The next month of a company and room to be settled for its end, and when that is, UTC."""

    room_month: RoomMonth
    due_at: datetime


async def lock_ended(tx: Tx, now: datetime, left_out: Sequence[UUID]) -> RoomMonth | None:
    """A month that was over at `now` and waits, but of the rooms `left_out`; no version of its
    company and room is published meanwhile.
    """
    row = await tx.row(_LOCK_ENDED, now=now, left_out=list(left_out))
    return RoomMonth(row["company_id"], row["room_id"], row["end_month"]) if row else None


async def has_job(tx: Tx, kind: str) -> bool:
    """Whether the tenant has a job of the kind that has not finished."""
    return await tx.row(_JOB_RUNS, kind=kind) is not None


async def find(tx: Tx, company_id: CompanyId, room_id: RoomId) -> str | None:
    """The next month of a locked company and room to be settled for its end, if any is."""
    row = await tx.row(_BEFORE, company_id=company_id, room_id=room_id)
    month: str | None = row["end_month"] if row else None
    return month


async def save(tx: Tx, end: MonthEnd) -> None:
    """Stores the next month of a locked company and room."""
    of = end.room_month
    await tx.save(
        _SAVE, company_id=of.company_id, room_id=of.room_id, month=of.month, due_at=end.due_at
    )


async def count_waiting(tx: Tx, company_id: CompanyId, month: str) -> int:
    """In how many rooms of the company the month has not been settled for its end."""
    row = await tx.row(_COUNT_WAITING, company_id=company_id, month=month)
    assert row
    waiting: int = row["waiting"]
    return waiting
