"""Counts of activities for reports: registered, taken, won and lost, each by its own moment."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
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


def _open_statement(key: ColumnElement[Any]) -> Statement:
    """Registered, taken and won, in one reading of what has progress of the time or later: each of
    them is progress.
    """
    named = key.label("key")
    periods = {
        "registered": func.width_bucket(_a.created_at, _bounds).label("registered"),
        "taken": func.width_bucket(_taken_at, _bounds).label("taken"),
        "won": func.width_bucket(_a.won_at, _bounds).label("won"),
    }
    sets = [tuple_(named, period) for period in periods.values()]
    return compiled(
        select(
            named,
            *periods.values(),
            func.grouping(*periods.values()).label("axis"),
            func.count().label("count"),
            func.count().filter(_is_outside).label("outside"),
            func.count().filter(_a.status == "won").label("requests_won"),
        )
        .where(*_of_scope, _a.progress_at >= _since)
        .group_by(func.grouping_sets(*sets))
    )


def _lost_statement(key: ColumnElement[Any]) -> Statement:
    """Lost by the moment of it, which is no progress."""
    named = key.label("key")
    period = func.width_bucket(_a.lost_at, _bounds).label("lost")
    return compiled(
        select(
            named,
            period,
            func.count().label("count"),
            func.count().filter(_is_outside).label("outside"),
        )
        .where(*_of_scope, _within(_a.lost_at), _a.status == "lost")
        .group_by(named, period)
    )


OPEN: Mapping[By, Statement] = {by: _open_statement(key) for by, key in KEYS.items()}
LOST: Mapping[By, Statement] = {by: _lost_statement(key) for by, key in KEYS.items()}
# As `grouping` has it: a bit is set for what a row is not divided by.
_AXES = {0b011: "registered", 0b101: "taken", 0b110: "won"}

_FUNNEL = compiled(
    select(
        func.width_bucket(_a.created_at, _bounds).label("period"),
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
    number_of_periods = len(scope.days.bounds()) - 1

    def add(key: UUID | None, period: int | None, **numbers: int) -> None:
        if period and period <= number_of_periods:
            figures = counts.setdefault((key, period - 1), dict.fromkeys(COUNTS, 0))
            for name, number in numbers.items():
                figures[name] += number

    for values in _values_by_zone(scope):
        for row in await tx.rows(OPEN[by], **values):
            axis, count = _AXES[row["axis"]], row["count"]
            if axis == "registered":
                outside, won = row["outside"], row["requests_won"]
                add(row["key"], row[axis], requests=count, outside=outside, requests_won=won)
            else:
                add(row["key"], row[axis], **{axis: count})
        for row in await tx.rows(LOST[by], **values):
            add(row["key"], row["lost"], lost=row["count"], lost_outside=row["outside"])
    return counts


async def count_funnel(tx: Tx, scope: ReportScope) -> list[list[dict[str, Any]]]:
    """What became of the activities that were registered in each period: how many are in each
    status and stage, were ever taken, and are outside conversion.
    """
    periods: list[list[dict[str, Any]]] = [[] for _ in scope.days.periods()]
    for values in _values_by_zone(scope):
        for row in await tx.rows(_FUNNEL, **values):
            periods[row["period"] - 1].append(dict(row))
    return periods


def _values_by_zone(scope: ReportScope) -> list[dict[str, Any]]:
    days = scope.days.bounds()
    values = []
    for companies in scope.companies:
        bounds = companies.moments(days)
        values.append(
            {
                "room_ids": scope.room_ids,
                "company_ids": companies.company_ids,
                "outside": scope.outside,
                "bounds": bounds,
                "since": bounds[0],
                "until": bounds[-1],
            }
        )
    return values
