"""A company's months: what state each is in, and what stands in the way of closing it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Text, Uuid, bindparam, func, or_, select

from services.motivation.domain.closing import Finding
from services.motivation.domain.statements import totals
from services.motivation.storage import company_months, periods
from services.motivation.storage.directory import Company
from services.motivation.storage.tables import period, statement
from shared.clock import following_period, start_of_period
from shared.db import Tx, compiled
from shared.ids import CompanyId
from shared.money import MoneySum
from shared.paging import cursor_of, page, read_cursor
from shared.vocabulary import PeriodState

_p, _s = period.c, statement.c
_TENANT = bindparam("tenant_id", type_=Uuid)
_COMPANY = bindparam("company_id", type_=Uuid)
_PERIOD = bindparam("period", type_=Text)
_before = bindparam("before", type_=Text)

_ONE = compiled(
    select(period).where(_p.tenant_id == _TENANT, _p.company_id == _COMPANY, _p.period == _PERIOD)
)
_PAGE = compiled(
    select(period)
    .where(
        _p.tenant_id == _TENANT,
        _p.company_id == _COMPANY,
        or_(_before.is_(None), _p.period < _before),
    )
    .order_by(_p.period.desc())
    .limit(bindparam("count", type_=Integer))
)
_SUMS = compiled(
    select(
        _s.period,
        _s.currency,
        func.count().label("statements"),
        func.sum(_s.entries).label("entries"),
        func.sum(_s.total).label("total"),
    )
    .where(
        _s.tenant_id == _TENANT,
        _s.company_id == _COMPANY,
        _s.period >= bindparam("first", type_=Text),
        _s.period <= bindparam("last", type_=Text),
    )
    .group_by(_s.period, _s.currency)
)


async def period_view(
    tx: Tx, company: Company, month: str, findings: Sequence[Finding], now: datetime
) -> dict[str, Any]:
    """A month with its totals and `findings`, which are those of an open one."""
    row = await tx.row(_ONE, company_id=company.id, period=month)
    closed_at = row["closed_at"] if row else None
    closed_at = closed_at or await periods.closed_with_later(tx, company.id, month)
    sums = await company_months.totals(tx, company.id, month)
    ends_at = start_of_period(following_period(month), company.time_zone)
    shown = [] if closed_at else findings
    view = {
        "begins_at": start_of_period(month, company.time_zone),
        "ends_at": ends_at,
        "finished": now >= ends_at,
        "earlier_open": None if closed_at else await periods.earlier_open(tx, company.id, month),
        "statements": sums.statements,
        "lines": sums.entries,
        "totals": sums.totals,
        "findings": [_finding_view(finding) for finding in shown],
    }
    return _state_view(company.id, month, row, closed_at) | view


async def get_period(tx: Tx, company_id: CompanyId, month: str) -> dict[str, Any]:
    """A closed month as it is now."""
    row = await tx.row(_ONE, company_id=company_id, period=month)
    assert row
    sums = await company_months.totals(tx, company_id, month)
    view = {"statements": sums.statements, "lines": sums.entries, "totals": sums.totals}
    return _state_view(company_id, month, row, row["closed_at"]) | view


async def list_periods(
    tx: Tx, company_id: CompanyId, cursor: str | None, limit: int
) -> dict[str, Any]:
    """A page of the company's months in which pay was posted or that were closed, newest first.

    Raises `Invalid` for a broken cursor.
    """
    before = read_cursor(cursor, str)
    rows = await tx.rows(
        _PAGE, company_id=company_id, before=before[0] if before else None, count=limit + 1
    )
    sums = await _sums_of(tx, company_id, rows[:limit])
    views = []
    for row in rows[:limit]:
        month = row["period"]
        closed_at = row["closed_at"] or await periods.closed_with_later(tx, company_id, month)
        views.append(_state_view(company_id, month, row, closed_at) | _summed(sums.get(month, [])))
    more = cursor_of(rows[limit - 1]["period"]) if len(rows) > limit else None
    return {**page(views, limit, None), "next_cursor": more}


async def _sums_of(
    tx: Tx, company_id: CompanyId, rows: Sequence[Mapping[str, Any]]
) -> dict[str, list[Mapping[str, Any]]]:
    if not rows:
        return {}
    by_month: dict[str, list[Mapping[str, Any]]] = {}
    first, last = rows[-1]["period"], rows[0]["period"]
    for row in await tx.rows(_SUMS, company_id=company_id, first=first, last=last):
        by_month.setdefault(row["period"], []).append(row)
    return by_month


def _summed(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "statements": sum(row["statements"] for row in rows),
        "lines": sum(row["entries"] for row in rows),
        "totals": totals(
            MoneySum.build(amount=row["total"], currency=row["currency"]) for row in rows
        ),
    }


def _state_view(
    company_id: CompanyId,
    month: str,
    row: Mapping[str, Any] | None,
    closed_at: datetime | None,
) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "period": month,
        "state": _state(row, closed_at),
        "closed_at": closed_at,
        "closed_by": row["closed_by"] if row else None,
        "early_reason": row["early_reason"] if row else None,
        "accepted": (row["accepted"] if row else None) or [],
        "approved_at": row["approved_at"] if row else None,
        "approved_by": row["approved_by"] if row else None,
        "paid_at": row["paid_at"] if row else None,
    }


def _state(row: Mapping[str, Any] | None, closed_at: datetime | None) -> PeriodState:
    if closed_at is None:
        return "open"
    if row is None or row["approved_at"] is None:
        return "closed"
    return "paid" if row["paid_at"] else "approved"


def _finding_view(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "count": finding.count,
        "totals": list(finding.totals),
        "employee_ids": list(finding.employee_ids),
    }
