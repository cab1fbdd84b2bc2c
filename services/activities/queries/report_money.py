"""Money for reports: receipts by the day on which it came or went back, and costs by their days."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
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
    or_,
    select,
    true,
)

from services.activities.domain.source_costs import Cost
from services.activities.queries.report_counts import KEYS, NOT_PULLED_UP, By, Key
from services.activities.storage.report_scope import ReportScope
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.money import payment
from services.activities.storage.tables.source_costs import source_cost
from shared.db import Statement, Tx, compiled
from shared.db.tables import Moment
from shared.ids import lowest_id

Sums = dict[Key, dict[str, Decimal]]
"""By currency."""

_a, _p, _c = activity.c, payment.c, source_cost.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_first, _last = bindparam("first_on", type_=Date), bindparam("last_on", type_=Date)
_room_ids = bindparam("room_ids", type_=ARRAY(Uuid))
_company_id = bindparam("company_id", type_=Uuid)
_DAY = timedelta(days=1)
_paid_on = func.coalesce(
    _p.paid_on, cast(func.timezone(bindparam("time_zone", type_=Text), _p.paid_at), Date)
)


def _receipts_statement(key: ColumnElement[Any]) -> Statement:
    """Money is recorded when it came or later, at most a day before by another zone's calendar.

    What the moments let in of other days has periods of its own: of a condition on an expression
    PostgreSQL expects half a percent of the rows, and would look up each payment's activity.
    """
    paid = (
        select(
            key.label("key"),
            _p.currency,
            func.width_bucket(_paid_on, bindparam("bounds", type_=ARRAY(Date))).label("period"),
            _p.amount,
            _p.state,
        )
        .select_from(
            payment.join(activity, (_a.tenant_id == _p.tenant_id) & (_a.id == _p.activity_id))
        )
        .where(
            _p.tenant_id == _tenant_id,
            _p.room_id == any_(_room_ids),
            or_(_p.state == "confirmed", _p.state == "refunded"),
            _p.id >= bindparam("recorded_from", type_=Uuid),
            _p.paid_at >= bindparam("paid_from", type_=Moment),
            _p.paid_at < bindparam("paid_until", type_=Moment),
            _p.company_id == any_(bindparam("company_ids", type_=ARRAY(Uuid))),
        )
        .offset(NOT_PULLED_UP)
        .subquery("paid")
    )
    return compiled(
        select(
            paid.c.key,
            paid.c.currency,
            paid.c.period,
            func.sum(paid.c.amount).label("amount"),
            (-func.sum(paid.c.amount).filter(paid.c.state == "refunded")).label("refunded"),
        ).group_by(paid.c.key, paid.c.currency, paid.c.period)
    )


RECEIPTS: Mapping[By, Statement] = {by: _receipts_statement(key) for by, key in KEYS.items()}
_COSTS = compiled(
    select(_c.source_id, _c.currency, _c.amount, _c.first_on, _c.last_on).where(
        _c.tenant_id == _tenant_id,
        _c.last_on >= _first,
        _c.first_on <= _last,
        ~_c.removed,
        or_(_company_id.is_(None), _c.company_id == _company_id),
        or_(
            bindparam("every_room", type_=true().type),
            _c.room_id == any_(_room_ids),
        ),
    )
)


async def sum_receipts(tx: Tx, scope: ReportScope, by: By) -> tuple[Sums, Sums]:
    """Confirmed payments less refunds, and the refunds alone, by source or responsible and by
    period: by the company's day on which money came or went back.
    """
    receipts: Sums = {}
    refunds: Sums = {}
    days = scope.days
    bounds = days.bounds()
    for companies in scope.companies:
        begin, end = companies.moments([days.first_on, days.last_on + _DAY])
        rows = await tx.rows(
            RECEIPTS[by],
            room_ids=scope.room_ids,
            company_ids=companies.company_ids,
            time_zone=companies.time_zone,
            bounds=bounds,
            paid_from=begin - _DAY,
            paid_until=end + _DAY,
            recorded_from=lowest_id(begin - 2 * _DAY),
        )
        for row in rows:
            if not 0 < row["period"] < len(bounds):
                continue
            key = (row["key"], row["period"] - 1)
            _add(receipts, key, row["currency"], row["amount"])
            if row["refunded"]:
                _add(refunds, key, row["currency"], row["refunded"])
    return receipts, refunds


async def sum_costs(tx: Tx, scope: ReportScope) -> Sums:
    """What sources cost by period, each cost spread over its days. A report on a company or on
    rooms has the costs of that company and of those rooms alone.
    """
    rows = await tx.rows(
        _COSTS,
        first_on=scope.days.first_on,
        last_on=scope.days.last_on,
        company_id=scope.company_id,
        every_room=scope.rooms is None,
        room_ids=scope.room_ids,
    )
    costs: Sums = {}
    periods = scope.days.periods()
    begins = [first_on for first_on, _ in periods]
    for row in rows:
        cost = Cost(row["amount"], row["first_on"], row["last_on"])
        since = max(bisect_right(begins, cost.first_on) - 1, 0)
        for number in range(since, bisect_right(begins, cost.last_on)):
            part = cost.part(*periods[number])
            _add(costs, (row["source_id"], number), row["currency"], part)
    return costs


def _add(sums: Sums, key: tuple[UUID | None, int], currency: str, amount: Decimal) -> None:
    by_currency = sums.setdefault(key, {})
    by_currency[currency] = by_currency.get(currency, Decimal(0)) + amount
