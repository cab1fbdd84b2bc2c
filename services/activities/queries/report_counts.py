"""Counts of activities for reports: registered, taken, won and lost, each by its own moment."""

from collections.abc import Mapping
from functools import reduce
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    true,
    values,
)

from services.activities.storage.report_scope import ReportScope
from services.activities.storage.tables.activities import activity
from shared.db import Statement, Tx, compiled
from shared.db.tables import Moment

By = Literal["source", "first_source", "seller"]
Key = tuple[UUID | None, int]
"""A source or a seller, and the number of a period, from 0 on."""
COUNTS = ("requests", "outside", "requests_won", "taken", "won", "lost", "lost_outside")

_a = activity.c
KEYS: Mapping[By, ColumnElement[Any]] = {
    "source": _a.source_id,
    "first_source": func.coalesce(_a.first_source_id, _a.source_id),
    "seller": _a.responsible_id,
}
_ids = {
    name: any_(bindparam(name, type_=ARRAY(Uuid)))
    for name in ("room_ids", "company_ids", "outside")
}
_of_scope = (
    _a.tenant_id == bindparam("tenant_id", type_=Uuid),
    _a.room_id == _ids["room_ids"],
    _a.company_id == _ids["company_ids"],
)
_bounds = bindparam("bounds", type_=ARRAY(Moment))
_since, _until = bindparam("since", type_=Moment), bindparam("until", type_=Moment)
# Rows of a release that did not know when somebody first became responsible.
_taken_at = func.coalesce(_a.first_taken_at, _a.responsible_since)
_is_outside = and_(_a.status == "lost", _a.lost_reason_id == _ids["outside"])


def _within(moment: Any) -> ColumnElement[bool]:
    return and_(moment >= _since, moment < _until)


def _period(moment: Any) -> ColumnElement[Any]:
    return func.width_bucket(moment, _bounds)


AXES = ("registered", "taken", "won", "lost")
_radix = bindparam("radix", type_=BigInteger)
_periods: tuple[ColumnElement[Any], ...] = (
    _period(_a.created_at),
    func.coalesce(_period(_taken_at), 0),
    func.coalesce(_period(_a.won_at), 0),
    case((_a.status == "lost", func.coalesce(_period(_a.lost_at), 0)), else_=0),
)
# The numbers of all four periods as the digits of one.
_packed = reduce(lambda high, low: high * _radix + low, _periods)
# Of an expression of four moments PostgreSQL expects as many values as there are rows, and sorts
# them all instead of counting them in several workers; what a subquery says that it may not pull up
# it takes for one of few.
NOT_PULLED_UP: ColumnElement[int] = literal_column("0")
_SUMMED = ("count", "outside", "won")


def _counts_statement(key: ColumnElement[Any]) -> Statement:
    """All axes in one reading of what has progress of the time or later, for being registered,
    taken and won are progress, and of what was lost in it, which is none.
    """
    lost = and_(_within(_a.lost_at), _a.status == "lost")
    rows = (
        select(
            key.label("key"),
            _packed.label("periods"),
            _is_outside.label("outside"),
            (_a.status == "won").label("won"),
        )
        .where(*_of_scope, or_(_a.progress_at >= _since, lost))
        .offset(NOT_PULLED_UP)
        .subquery("rows")
    )
    counted = (
        select(
            rows.c.key,
            rows.c.periods,
            func.count().label("count"),
            func.count().filter(rows.c.outside).label("outside"),
            func.count().filter(rows.c.won).label("won"),
        )
        .group_by(rows.c.key, rows.c.periods)
        .subquery("counted")
    )
    digits: list[ColumnElement[int]] = [counted.c.periods]
    for _ in AXES[1:]:
        digits.append(digits[-1] // _radix)
    numbered = zip(reversed(AXES), digits, strict=True)
    each_axis = (
        values(column("axis", Text), column("period", BigInteger), name="each_axis")
        .data([(axis, digit % _radix) for axis, digit in numbered])
        .lateral()
    )
    return compiled(
        select(
            counted.c.key,
            each_axis.c.axis,
            each_axis.c.period,
            *(cast(func.sum(counted.c[name]), BigInteger).label(name) for name in _SUMMED),
        )
        .select_from(counted.join(each_axis, true()))
        .where(each_axis.c.period.between(1, _radix - 2))
        .group_by(literal_column("1, 2, 3"))
    )


COUNTED: Mapping[By, Statement] = {by: _counts_statement(key) for by, key in KEYS.items()}

_FUNNEL = compiled(
    select(
        _period(_a.created_at).label("period"),
        _a.status,
        _a.stage,
        _is_outside.label("outside"),
        _taken_at.is_not(None).label("taken"),
        func.count().label("count"),
    )
    .where(*_of_scope, _a.progress_at >= _since, _within(_a.created_at))
    .group_by(literal_column("1, 2, 3, 4, 5"))
)


async def count_activities(tx: Tx, scope: ReportScope, by: By) -> dict[Key, dict[str, int]]:
    """`COUNTS` by source or responsible and by period: each where its own moment falls, in the days
    of the activity's company. Won and lost are those that are so now.

    `requests` were registered then; of them `outside` are lost for reasons outside conversion, and
    `requests_won` are won, whenever that was.
    """
    counts: dict[Key, dict[str, int]] = {}
    for given in _values_by_zone(scope):
        for row in await tx.rows(COUNTED[by], radix=len(given["bounds"]) + 1, **given):
            key = (row["key"], row["period"] - 1)
            figures = counts.setdefault(key, dict.fromkeys(COUNTS, 0))
            for name, number in _figures(row["axis"], row):
                figures[name] += number
    return counts


def _figures(axis: str, row: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """What a row of an axis adds to `COUNTS`."""
    count, outside = row["count"], row["outside"]
    if axis == "registered":
        return ("requests", count), ("outside", outside), ("requests_won", row["won"])
    return ((axis, count), ("lost_outside", outside)) if axis == "lost" else ((axis, count),)


async def count_funnel(tx: Tx, scope: ReportScope) -> list[list[dict[str, Any]]]:
    """What became of the activities that were registered in each period: how many are in each
    status and stage, were ever taken, and are outside conversion.
    """
    periods: list[list[dict[str, Any]]] = [[] for _ in scope.days.periods()]
    for given in _values_by_zone(scope):
        for row in await tx.rows(_FUNNEL, **given):
            periods[row["period"] - 1].append(dict(row))
    return periods


def _values_by_zone(scope: ReportScope) -> list[dict[str, Any]]:
    days = scope.days.bounds()
    by_zone = []
    for companies in scope.companies:
        bounds = companies.moments(days)
        by_zone.append(
            {
                "room_ids": scope.room_ids,
                "company_ids": companies.company_ids,
                "outside": scope.outside,
                "bounds": bounds,
                "since": bounds[0],
                "until": bounds[-1],
            }
        )
    return by_zone
