"""The part of reports that activities own, for the gateway: counts, receipts and costs."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Table, Uuid, bindparam, select

from services.activities.queries.report_counts import (
    COUNTS,
    count_activities,
    count_funnel,
)
from services.activities.queries.report_money import Sums, sum_costs, sum_receipts
from services.activities.storage.report_scope import find_scope
from services.activities.storage.tables.directory import employee, source
from shared.db import Statement, Tx, compiled
from shared.ids import RoomId
from shared.reports import ReportDays, ReportSource, SellersScope

View = dict[str, Any]


def _named(table: Table, *columns: str) -> Statement:
    """Everything of a kind: pay may be of what has no other figures."""
    return compiled(
        select(table.c.id, *(table.c[name] for name in columns))
        .where(table.c.tenant_id == bindparam("tenant_id", type_=Uuid))
        .order_by(table.c.id)
    )


_SOURCES = _named(source, "name", "channel", "campaign", "kind")
_SELLERS = _named(employee, "name", "active")


async def report_sources(
    tx: Tx,
    days: ReportDays,
    rooms: list[RoomId] | None,
    company_id: UUID | None,
    by: ReportSource,
) -> View:
    """Counts, receipts and costs by source and period.

    Raises `Invalid` for the days, `NotFound` for a room or company that is not there.
    """
    scope = await find_scope(tx, days, rooms, company_id)
    counts = await count_activities(tx, scope, by)
    receipts, refunds = await sum_receipts(tx, scope, by)
    costs = await sum_costs(tx, scope)
    rows = _rows(counts, {"receipts": receipts, "refunds": refunds, "cost": costs})
    return {"rows": rows, "names": await _names(tx, _SOURCES)}


async def report_sellers(
    tx: Tx, days: ReportDays, sellers: SellersScope, company_id: UUID | None
) -> View:
    """Counts and receipts by who is responsible now, and period; of one seller alone, where
    `sellers` names one.

    Raises `Invalid` for the days, `NotFound` for a room or company that is not there.
    """
    scope = await find_scope(tx, days, sellers.rooms, company_id)
    counts = await count_activities(tx, scope, "seller")
    receipts, refunds = await sum_receipts(tx, scope, "seller")
    rows = _rows(counts, {"receipts": receipts, "refunds": refunds})
    own = sellers.employee_id
    rows = [row for row in rows if own in (None, row["key"])]
    names = [name for name in await _names(tx, _SELLERS) if own in (None, name["id"])]
    return {"rows": rows, "names": names}


async def report_funnel(
    tx: Tx, days: ReportDays, rooms: list[RoomId] | None, company_id: UUID | None
) -> View:
    """What became of the activities that were registered in each period.

    Raises `Invalid` for the days, `NotFound` for a room or company that is not there.
    """
    scope = await find_scope(tx, days, rooms, company_id)
    return {"periods": [_funnel(rows) for rows in await count_funnel(tx, scope)]}


def _funnel(rows: Iterable[Mapping[str, Any]]) -> View:
    numbers = dict.fromkeys(("requests", "outside", "taken", "won", "lost"), 0)
    stages: dict[str, int] = {}
    for row in rows:
        count = row["count"]
        numbers["requests"] += count
        numbers["taken"] += count * row["taken"]
        if row["outside"]:
            numbers["outside"] += count
        if row["status"] in ("won", "lost"):
            numbers[row["status"]] += count
        else:
            stages[row["stage"]] = stages.get(row["stage"], 0) + count
    return {**numbers, "open": stages}


def _rows(
    counts: Mapping[tuple[UUID | None, int], Mapping[str, int]], sums: Mapping[str, Sums]
) -> list[View]:
    """One row for each source or seller and period of which there is anything to tell."""
    keys = set(counts).union(*sums.values())
    nothing = dict.fromkeys(COUNTS, 0)
    return [
        {
            "key": key,
            "period": period,
            **(counts.get((key, period)) or nothing),
            **{name: _money(of_kind.get((key, period), {})) for name, of_kind in sums.items()},
        }
        for key, period in sorted(keys, key=str)
    ]


def _money(by_currency: Mapping[str, Decimal]) -> list[dict[str, str]]:
    return [
        {"amount": f"{amount:.2f}", "currency": currency}
        for currency, amount in sorted(by_currency.items())
    ]


async def _names(tx: Tx, statement: Statement) -> list[View]:
    return [dict(row) for row in await tx.rows(statement)]
