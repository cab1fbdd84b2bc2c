"""The ledger: periods, statements and their lines. Lines are only added."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Numeric,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from services.motivation.domain.settling import Posted
from services.motivation.domain.statements import CheckedLine
from services.motivation.storage.tables import activity, entry, period, statement
from shared.db import BulkRows, Tx, compiled, writing
from shared.db.tables import Moment
from shared.ids import ActivityId, CompanyId, EmployeeId, PlanId
from shared.money import Money


@dataclass(slots=True)
class Statement:
    """A statement's row, locked; `version` is 0 before its first line."""

    id: UUID
    version: int
    company_id: CompanyId
    employee_id: EmployeeId
    period: str
    lines: int
    total: Money


_TENANT = bindparam("tenant_id", type_=Uuid)
_COMPANY = bindparam("company_id", type_=Uuid)
_PERIOD = bindparam("period", type_=Text)
_IDS = bindparam("ids", type_=ARRAY(Uuid))

_POSTED = compiled(
    select(entry)
    .where(
        entry.c.tenant_id == _TENANT,
        entry.c.activity_id == any_(_IDS),
        entry.c.kind != literal("adjustment", Text),
    )
    .order_by(entry.c.entry_id)
)

_PLACE_PERIOD = compiled(
    insert(period)
    .values(tenant_id=_TENANT, company_id=_COMPANY, period=_PERIOD)
    .on_conflict_do_nothing()
)
_period = select(period.c.closed_at).where(
    period.c.tenant_id == _TENANT, period.c.company_id == _COMPANY, period.c.period == _PERIOD
)
_SHARE_PERIOD = compiled(_period.with_for_update(read=True))
_held_period = _period.with_for_update().subquery()
_LOCK_PERIOD = compiled(select(func.clock_timestamp().label("now"), _held_period))
_CLOSE_PERIOD = compiled(
    update(period)
    .values(
        closed_at=bindparam("closed_at", type_=Moment), closed_by=bindparam("closed_by", type_=Uuid)
    )
    .where(
        period.c.tenant_id == _TENANT, period.c.company_id == _COMPANY, period.c.period == _PERIOD
    )
)

_named = BulkRows(
    "statement",
    {
        "statement_id": Uuid(),
        "company_id": Uuid(),
        "employee_id": Uuid(),
        "period": Text(),
        "currency": Text(),
    },
)
_PLACE_STATEMENTS = compiled(
    insert(statement)
    .from_select(
        [
            "tenant_id",
            "statement_id",
            "company_id",
            "employee_id",
            "period",
            "currency",
            "version",
            "lines",
            "total",
        ],
        select(
            _TENANT, *_named.c, literal(0, BigInteger), literal(0, Integer), literal(0, Numeric)
        ).order_by(_named.c.statement_id),
    )
    .on_conflict_do_nothing()
)
_LOCK_STATEMENTS = compiled(
    select(statement)
    .where(statement.c.tenant_id == _TENANT, statement.c.statement_id == any_(_IDS))
    .order_by(statement.c.statement_id)
    .with_for_update()
)
_LOCK_MONTH = compiled(
    select(statement)
    .where(
        statement.c.tenant_id == _TENANT,
        statement.c.company_id == _COMPANY,
        statement.c.period == _PERIOD,
    )
    .order_by(statement.c.statement_id)
    .with_for_update()
)
_MONTH_LINES = compiled(
    select(entry)
    .join(
        statement,
        (statement.c.tenant_id == entry.c.tenant_id)
        & (statement.c.statement_id == entry.c.statement_id),
    )
    .where(
        statement.c.tenant_id == _TENANT,
        statement.c.company_id == _COMPANY,
        statement.c.period == _PERIOD,
    )
)

_NEW = {column.name: column.type for column in entry.columns if column.name != "tenant_id"}
_entries = BulkRows("entry", _NEW)
_changed = BulkRows(
    "changed",
    {"statement_id": Uuid(), "version": BigInteger(), "lines": Integer(), "total": Numeric(20, 2)},
)
_pinned = BulkRows("pin", {"activity_id": Uuid(), "plan_id": Uuid()})
_POST = writing(
    insert(entry).from_select(["tenant_id", *_NEW], select(_TENANT, *_entries.c)),
    update(statement)
    .values(version=_changed.c.version, lines=_changed.c.lines, total=_changed.c.total)
    .where(statement.c.tenant_id == _TENANT, statement.c.statement_id == _changed.c.statement_id),
    update(activity)
    .values(plan_id=_pinned.c.plan_id)
    .where(activity.c.tenant_id == _TENANT, activity.c.activity_id == _pinned.c.activity_id),
)
_sealed = BulkRows("sealed", {"statement_id": Uuid(), "version": BigInteger(), "checksum": Text()})
_SEAL = writing(
    update(statement)
    .values(
        version=_sealed.c.version,
        checksum=_sealed.c.checksum,
        closed_at=bindparam("closed_at", type_=Moment),
    )
    .where(statement.c.tenant_id == _TENANT, statement.c.statement_id == _sealed.c.statement_id)
)


async def posted(tx: Tx, activity_ids: Iterable[ActivityId]) -> dict[ActivityId, list[Posted]]:
    """The accruals and corrections of these activities, in the order of posting."""
    found: dict[ActivityId, list[Posted]] = {}
    for row in await tx.rows(_POSTED, ids=sorted(activity_ids)):
        amount = Money.of(amount=row["amount"], currency=row["currency"])
        line = Posted(row["entry_id"], row["employee_id"], row["rule"], amount, row["corrects"])
        found.setdefault(row["activity_id"], []).append(line)
    return found


async def hold_open(tx: Tx, company_id: CompanyId, month: str) -> bool:
    """Whether the period is open; if so, nobody closes it before this transaction ends."""
    await tx.rows(_PLACE_PERIOD, company_id=company_id, period=month)
    row = await tx.row(_SHARE_PERIOD, company_id=company_id, period=month)
    return row is not None and row["closed_at"] is None


async def lock_period(tx: Tx, company_id: CompanyId, month: str) -> datetime | None:
    """When the period was closed, or None; nobody posts into it before this transaction ends.

    Reads the clock.
    """
    await tx.rows(_PLACE_PERIOD, company_id=company_id, period=month)
    row = await tx.row(_LOCK_PERIOD, company_id=company_id, period=month)
    assert row
    tx.at(row["now"])
    closed_at: datetime | None = row["closed_at"]
    return closed_at


def _statement(row: Any) -> Statement:
    total = Money.of(amount=Decimal(row["total"]), currency=row["currency"])
    return Statement(
        row["statement_id"],
        row["version"],
        row["company_id"],
        row["employee_id"],
        row["period"],
        row["lines"],
        total,
    )


async def lock_statements(tx: Tx, named: Collection[Statement]) -> dict[UUID, Statement]:
    """The rows of these statements, made where missing, locked in the order of their ids."""
    told = [
        {
            "statement_id": one.id,
            "company_id": one.company_id,
            "employee_id": one.employee_id,
            "period": one.period,
            "currency": one.total.currency,
        }
        for one in named
    ]
    await tx.rows(_PLACE_STATEMENTS, **_named.of(told))
    rows = await tx.rows(_LOCK_STATEMENTS, ids=sorted(one.id for one in named))
    return {row["statement_id"]: _statement(row) for row in rows}


async def lock_month(
    tx: Tx, company_id: CompanyId, month: str
) -> tuple[list[Statement], list[Any]]:
    """Every statement of a company's month, locked in the order of their ids, and their lines."""
    rows = await tx.rows(_LOCK_MONTH, company_id=company_id, period=month)
    lines = await tx.rows(_MONTH_LINES, company_id=company_id, period=month)
    return [_statement(row) for row in rows], list(lines)


async def post(
    tx: Tx,
    entries: Sequence[dict[str, Any]],
    changed: Iterable[Statement],
    pins: dict[ActivityId, PlanId],
) -> None:
    """Adds lines, moves their statements on, and notes the plan under which activities accrued."""
    moved = (
        {
            "statement_id": one.id,
            "version": one.version,
            "lines": one.lines,
            "total": one.total.amount,
        }
        for one in changed
    )
    pinned = (
        {"activity_id": activity_id, "plan_id": plan_id} for activity_id, plan_id in pins.items()
    )
    await tx.save(_POST, **_entries.of(entries), **_changed.of(moved), **_pinned.of(pinned))


async def seal(
    tx: Tx,
    company_id: CompanyId,
    month: str,
    by: EmployeeId,
    sealed: Sequence[tuple[Statement, str]],
) -> None:
    """Closes the period and its statements, each with its checksum."""
    await tx.rows(
        _CLOSE_PERIOD, company_id=company_id, period=month, closed_at=tx.now, closed_by=by
    )
    if sealed:
        rows = (
            {"statement_id": one.id, "version": one.version, "checksum": checksum}
            for one, checksum in sealed
        )
        await tx.save(_SEAL, **_sealed.of(rows), closed_at=tx.now)


def checked(line: Any) -> CheckedLine:
    """A ledger row as the checksum sees it."""
    return CheckedLine(
        line["entry_id"],
        line["personnel_number"],
        line["period"],
        line["kind"],
        line["amount"],
        line["corrects"],
    )
