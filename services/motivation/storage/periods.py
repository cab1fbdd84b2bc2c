"""Periods: a row for each company and month, locked shared to post, exclusively to close."""

from datetime import datetime

from sqlalchemy import Text, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.motivation.storage.tables import period
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
_period = select(period.c.closed_at).where(*_THE_PERIOD)
_CLOSED_FROM = compiled(
    select(period.c.period).where(
        period.c.tenant_id == _TENANT,
        period.c.company_id == _COMPANY,
        period.c.period >= _PERIOD,
        period.c.closed_at.is_not(None),
    )
)
_SHARE = compiled(_period.with_for_update(read=True))
_LOCK = compiled(select(func.clock_timestamp().label("now"), _period.with_for_update().subquery()))
_CLOSE = compiled(
    update(period)
    .values(
        closed_at=bindparam("closed_at", type_=Moment), closed_by=bindparam("closed_by", type_=Uuid)
    )
    .where(*_THE_PERIOD)
)


async def hold_open(tx: Tx, company_id: CompanyId, month: str) -> bool:
    """Whether the period is open; if so, it can't be closed before this transaction ends."""
    await tx.rows(_INSERT_MISSING, company_id=company_id, period=month)
    row = await tx.row(_SHARE, company_id=company_id, period=month)
    return row is not None and row["closed_at"] is None


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
    return closed_at


async def close(tx: Tx, company_id: CompanyId, month: str, by: EmployeeId) -> None:
    """Marks a locked period as closed."""
    await tx.rows(_CLOSE, company_id=company_id, period=month, closed_at=tx.now, closed_by=by)
