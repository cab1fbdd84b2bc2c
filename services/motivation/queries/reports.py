"""What pay costs, for the gateway's reports: the ledger's entries by source or employee."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)

from services.motivation.storage.tables import activity, company, entry, statement
from shared.clock import known_or_utc
from shared.db import Statement, Tx, compiled
from shared.reports import ReportDays

By = Literal["source", "first_source", "seller"]

_e, _s, _a = entry.c, statement.c, activity.c
_TENANT = bindparam("tenant_id", type_=Uuid)
_KEYS: Mapping[By, ColumnElement[Any]] = {
    "source": cast(_a.state["source_id"].astext, Uuid),
    "first_source": cast(
        func.coalesce(_a.state["first_source_id"].astext, _a.state["source_id"].astext), Uuid
    ),
    "seller": _e.employee_id,
}
_month_on = cast(func.concat(_e.period, literal("-01")), Date)
_posted_on = cast(func.timezone(bindparam("time_zone", type_=Text), _e.posted_at), Date)
_month_end = cast(_month_on + literal_column("interval '1 month - 1 day'"), Date)
# The day of posting, moved into the month that the entry counts in.
_day = func.least(func.greatest(_posted_on, _month_on), _month_end)


def _pay_statement(by: By) -> Statement:
    named = _KEYS[by].label("key")
    period = func.width_bucket(_day, bindparam("bounds", type_=ARRAY(Date))).label("period")
    joined = entry.join(
        statement, (_s.tenant_id == _e.tenant_id) & (_s.statement_id == _e.statement_id)
    )
    if by != "seller":
        joined = joined.outerjoin(
            activity, (_a.tenant_id == _e.tenant_id) & (_a.activity_id == _e.activity_id)
        )
    return compiled(
        select(named, _e.currency, period, func.sum(_e.amount).label("amount"))
        .select_from(joined)
        .where(
            _s.tenant_id == _TENANT,
            _s.company_id == any_(bindparam("company_ids", type_=ARRAY(Uuid))),
            _s.period.between(
                bindparam("first_month", type_=Text), bindparam("last_month", type_=Text)
            ),
            or_(
                bindparam("every_room", type_=true().type),
                _e.room_id == any_(bindparam("room_ids", type_=ARRAY(Uuid))),
            ),
            _day.between(bindparam("first_on", type_=Date), bindparam("last_on", type_=Date)),
        )
        .group_by(literal_column("1, 2, 3"))
    )


PAY: Mapping[By, Statement] = {by: _pay_statement(by) for by in _KEYS}
_COMPANIES = compiled(
    select(company.c.company_id, company.c.time_zone).where(company.c.tenant_id == _TENANT)
)


async def sum_pay(
    tx: Tx, days: ReportDays, rooms: Sequence[UUID] | None, company_id: UUID | None, by: By
) -> list[dict[str, Any]]:
    """What was posted, corrections and adjustments included, by source (of the activity as it is
    now; null for entries without an activity) or employee, and period.

    An entry counts on the day of posting in the company's days; one that belongs to another month
    than that of its posting, on the nearest day of its own. So a month's sum is that of its pay
    statements. Raises `Invalid` for the days.
    """
    days.check()
    zones: dict[str, list[UUID]] = {}
    for row in await tx.rows(_COMPANIES):
        if company_id in (None, row["company_id"]):
            zones.setdefault(known_or_utc(row["time_zone"]), []).append(row["company_id"])
    sums: list[dict[str, Any]] = []
    for time_zone, company_ids in sorted(zones.items()):
        rows = await tx.rows(
            PAY[by],
            time_zone=time_zone,
            company_ids=company_ids,
            first_month=_month(days.first_on),
            last_month=_month(days.last_on),
            first_on=days.first_on,
            last_on=days.last_on,
            bounds=days.bounds(),
            every_room=rooms is None,
            room_ids=list(rooms or ()),
        )
        sums += [_view(row) for row in rows]
    return sums


def _month(day: date) -> str:
    return day.isoformat()[:7]


def _view(row: Mapping[str, Any]) -> dict[str, Any]:
    money = {"amount": f"{row['amount']:.2f}", "currency": row["currency"]}
    return {"key": row["key"], "period": row["period"] - 1, "pay": money}
