"""A company's month as its closing looks at it: totals of statements, wins, what has no pay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Integer, Text, Uuid, and_, any_, bindparam, func, or_, select

from services.motivation.domain.closing import Win
from services.motivation.storage.activities import STORED, StoredActivity, stored_of
from services.motivation.storage.tables import activity, employee, statement
from shared.clock import following_period
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import ActivityId, CompanyId, EmployeeId, PlanId
from shared.money import MoneySum

_a, _s, _e = activity.c, statement.c, employee.c
_TENANT = bindparam("tenant_id", type_=Uuid)
_COMPANY = bindparam("company_id", type_=Uuid)
_PERIOD = bindparam("period", type_=Text)
_begin, _end = bindparam("begin", type_=Moment), bindparam("end", type_=Moment)
_won_in_month = and_(_a.won_at >= _begin, _a.won_at < _end)
_of_month_won = and_(
    _a.won_on >= bindparam("first_on", type_=Date), _a.won_on < bindparam("next_on", type_=Date)
)

_WINS = compiled(
    select(_a.activity_id, _a.version, _a.won_at).where(
        _a.tenant_id == _TENANT, _a.company_id == _COMPANY, _won_in_month
    )
)
# A refused correction of what is no win any more belongs to whichever month is closed next.
_WITHOUT_PAY = compiled(
    select(*STORED, _a.refusal_cause)
    .where(
        _a.tenant_id == _TENANT,
        _a.company_id == _COMPANY,
        or_(
            and_(_a.refusal_cause.is_not(None), or_(_of_month_won, _a.won_on.is_(None))),
            and_(_a.plan_id.is_(None), _of_month_won),
        ),
        _a.activity_id > bindparam("after", type_=Uuid),
    )
    .order_by(_a.activity_id)
    .limit(bindparam("count", type_=Integer))
)
_UNDER = compiled(
    select(*STORED)
    .where(
        _a.tenant_id == _TENANT,
        _a.company_id == _COMPANY,
        _of_month_won,
        _a.won_at.is_not(None),
        _a.cover_plan_id == any_(bindparam("plan_ids", type_=ARRAY(Uuid))),
        _a.activity_id > bindparam("after", type_=Uuid),
    )
    .order_by(_a.activity_id)
    .limit(bindparam("count", type_=Integer))
)
_of_month = (_s.tenant_id == _TENANT, _s.company_id == _COMPANY, _s.period == _PERIOD)
_TOTALS = compiled(
    select(
        _s.currency,
        func.count().label("statements"),
        func.sum(_s.entries).label("entries"),
        func.sum(_s.total).label("total"),
    )
    .where(*_of_month)
    .group_by(_s.currency)
    .order_by(_s.currency)
)
_NEGATIVE = compiled(
    select(_s.employee_id, _s.total, _s.currency)
    .where(*_of_month, _s.total < 0)
    .order_by(_s.employee_id)
)
_WITHOUT_NUMBER = compiled(
    select(_s.employee_id)
    .select_from(
        statement.outerjoin(
            employee, and_(_e.tenant_id == _s.tenant_id, _e.employee_id == _s.employee_id)
        )
    )
    .where(*_of_month, _e.personnel_number.is_(None))
    .order_by(_s.employee_id)
)
_PARKED = "SELECT 1 FROM parked_tenant WHERE tenant_id = $1"


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """How many statements and entries a month has, and their sum by currency."""

    statements: int
    entries: int
    totals: list[MoneySum]


async def wins(
    tx: Tx, company_id: CompanyId, begin: datetime, end: datetime
) -> dict[ActivityId, Win]:
    """The company's wins from `begin` until `end`."""
    rows = await tx.rows(_WINS, company_id=company_id, begin=begin, end=end)
    return {row["activity_id"]: Win(row["version"], row["won_at"]) for row in rows}


async def page_without_pay(
    tx: Tx, company_id: CompanyId, month: str, after: UUID, count: int
) -> list[tuple[StoredActivity, Mapping[str, Any]]]:
    """Up to `count` of the month's activities without pay by id after `after`, with their rows: by
    the business days of their wins.
    """
    rows = await tx.rows(
        _WITHOUT_PAY,
        company_id=company_id,
        after=after,
        count=count,
        **_days(month),
    )
    return list(zip(stored_of(rows), rows, strict=True))


async def page_under(
    tx: Tx,
    company_id: CompanyId,
    month: str,
    plan_ids: Sequence[PlanId],
    after: UUID,
    count: int,
) -> list[StoredActivity]:
    """Up to `count` of the month's wins that belong to these plan versions, by id after `after`."""
    rows = await tx.rows(
        _UNDER, company_id=company_id, plan_ids=plan_ids, after=after, count=count, **_days(month)
    )
    return stored_of(rows)


def _days(month: str) -> dict[str, date]:
    return {
        "first_on": date.fromisoformat(f"{month}-01"),
        "next_on": date.fromisoformat(f"{following_period(month)}-01"),
    }


async def totals(tx: Tx, company_id: CompanyId, month: str) -> MonthTotals:
    """The sums of the month's statements."""
    rows = await tx.rows(_TOTALS, company_id=company_id, period=month)
    return MonthTotals(
        sum(row["statements"] for row in rows),
        sum(row["entries"] for row in rows),
        [_sum(row) for row in rows],
    )


async def negative_totals(
    tx: Tx, company_id: CompanyId, month: str
) -> list[tuple[EmployeeId, MoneySum]]:
    """The employees whose statements are below nothing, and by how much."""
    rows = await tx.rows(_NEGATIVE, company_id=company_id, period=month)
    return [(row["employee_id"], _sum(row)) for row in rows]


async def without_personnel_number(tx: Tx, company_id: CompanyId, month: str) -> list[EmployeeId]:
    """The employees with a statement of whom payroll has no number now."""
    rows = await tx.rows(_WITHOUT_NUMBER, company_id=company_id, period=month)
    return [row["employee_id"] for row in rows]


async def is_parked(tx: Tx) -> bool:
    """Whether the tenant's events are put aside instead of applied."""
    return await tx.connection.fetchval(_PARKED, tx.tenant_id) is not None


def _sum(row: Mapping[str, Any]) -> MoneySum:
    return MoneySum.build(amount=row["total"], currency=row["currency"])
