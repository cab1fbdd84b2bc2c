"""Periods: a row for each company and month, locked shared to post, exclusively to close.

Months close in their order, so that a month before a closed one is closed as well, with or without
a row of its own; but for one in which somebody posted while the later one was being closed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, Text, Uuid, bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.motivation.storage.tables import period, statement
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import CompanyId, EmployeeId

_TENANT = bindparam("tenant_id", type_=Uuid)
_COMPANY = bindparam("company_id", type_=Uuid)
_PERIOD = bindparam("period", type_=Text)

_THE_PERIOD = (
    period.c.tenant_id == _TENANT,
    period.c.company_id == _COMPANY,
    period.c.period == _PERIOD,
)
_INSERT_MISSING = compiled(
    insert(period)
    .values(tenant_id=_TENANT, company_id=_COMPANY, period=_PERIOD)
    .on_conflict_do_nothing()
)
_later = period.alias("later")
_closed_later = (
    _later.c.tenant_id == _TENANT,
    _later.c.company_id == _COMPANY,
    _later.c.period > _PERIOD,
    _later.c.closed_at.is_not(None),
)
_open_pay = (
    statement.c.tenant_id == _TENANT,
    statement.c.company_id == _COMPANY,
    statement.c.closed_at.is_(None),
)
_period = select(period.c.closed_at).where(*_THE_PERIOD)
_CLOSED_FROM = compiled(
    select(period.c.period).where(
        period.c.tenant_id == _TENANT,
        period.c.company_id == _COMPANY,
        period.c.period >= _PERIOD,
        period.c.closed_at.is_not(None),
    )
)
_SHARE = compiled(
    select(period.c.closed_at, exists().where(*_closed_later).label("before_a_closed_one"))
    .where(*_THE_PERIOD)
    .with_for_update(read=True, of=period)
)
_CLOSED_WITH_LATER = compiled(
    select(func.min(_later.c.closed_at).label("closed_at")).where(
        *_closed_later, ~exists().where(*_open_pay, statement.c.period == _PERIOD)
    )
)
_EARLIER_OPEN = compiled(
    select(func.min(statement.c.period).label("period")).where(
        *_open_pay, statement.c.period < _PERIOD
    )
)
_LOCK = compiled(select(func.clock_timestamp().label("now"), _period.with_for_update().subquery()))
_CLOSE = compiled(
    update(period)
    .values(
        closed_at=bindparam("closed_at", type_=Moment),
        closed_by=bindparam("closed_by", type_=Uuid),
        early_reason=bindparam("early_reason", type_=Text),
        accepted=bindparam("accepted", type_=ARRAY(Text)),
    )
    .where(*_THE_PERIOD)
)


async def hold_open(tx: Tx, company_id: CompanyId, month: str) -> bool:
    """Whether the period is open; if so, it can't be closed before this transaction ends."""
    await tx.rows(_INSERT_MISSING, company_id=company_id, period=month)
    row = await tx.row(_SHARE, company_id=company_id, period=month)
    return row is not None and row["closed_at"] is None and not row["before_a_closed_one"]


async def closed_from(tx: Tx, company_id: CompanyId, month: str) -> set[str]:
    """The company's months from `month` on that are closed."""
    rows = await tx.rows(_CLOSED_FROM, company_id=company_id, period=month)
    return {row["period"] for row in rows}


async def last_closed(tx: Tx, company_id: CompanyId) -> str | None:
    """The company's last month that is closed."""
    return max(await closed_from(tx, company_id, ""), default=None)


async def lock(tx: Tx, company_id: CompanyId, month: str) -> datetime | None:
    """When the period was closed, or None; nothing is posted into it before this transaction ends.

    Reads the clock.
    """
    await tx.rows(_INSERT_MISSING, company_id=company_id, period=month)
    row = await tx.row(_LOCK, company_id=company_id, period=month)
    assert row
    tx.at(row["now"])
    closed_at: datetime | None = row["closed_at"]
    return closed_at or await closed_with_later(tx, company_id, month)


async def closed_with_later(tx: Tx, company_id: CompanyId, month: str) -> datetime | None:
    """When a month without open pay was closed by the closing of a later one, or None."""
    row = await tx.row(_CLOSED_WITH_LATER, company_id=company_id, period=month)
    assert row
    closed_at: datetime | None = row["closed_at"]
    return closed_at


async def earlier_open(tx: Tx, company_id: CompanyId, month: str) -> str | None:
    """The first month before this one with statements that are open."""
    row = await tx.row(_EARLIER_OPEN, company_id=company_id, period=month)
    assert row
    earlier: str | None = row["period"]
    return earlier


@dataclass(frozen=True, slots=True)
class Closing:
    """Who closes a month, the warnings that they accept, and why before it is over (if it is)."""

    by: EmployeeId
    accepted: Collection[str]
    early_reason: str | None


async def close(tx: Tx, company_id: CompanyId, month: str, closing: Closing) -> None:
    """Marks a locked period as closed."""
    await tx.rows(
        _CLOSE,
        company_id=company_id,
        period=month,
        closed_at=tx.now,
        closed_by=closing.by,
        early_reason=closing.early_reason,
        accepted=sorted(closing.accepted),
    )
