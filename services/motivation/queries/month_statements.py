"""The statements of a company's month, by employee."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, and_, bindparam, or_, select

from services.motivation.storage.month_tables import payout_line
from services.motivation.storage.tables import employee, period, statement
from shared.db import Tx, compiled
from shared.ids import CompanyId
from shared.money import MoneySum
from shared.paging import cursor_of, page, read_cursor
from shared.vocabulary import StatementState

_s, _e, _p, _l = statement.c, employee.c, period.c, payout_line.c
_after = bindparam("after", type_=Uuid)
_employee = bindparam("employee_id", type_=Uuid)

_PAGE = compiled(
    select(
        statement,
        _e.personnel_number,
        _p.approved_at,
        _l.reference,
        _l.reason.label("payout_reason"),
    )
    .select_from(
        statement.outerjoin(
            employee, and_(_e.tenant_id == _s.tenant_id, _e.employee_id == _s.employee_id)
        )
        .outerjoin(
            period,
            and_(
                _p.tenant_id == _s.tenant_id,
                _p.company_id == _s.company_id,
                _p.period == _s.period,
            ),
        )
        .outerjoin(
            payout_line,
            and_(
                _l.tenant_id == _s.tenant_id,
                _l.payroll_id == _s.payroll_id,
                _l.statement_id == _s.statement_id,
            ),
        )
    )
    .where(
        _s.tenant_id == bindparam("tenant_id", type_=Uuid),
        _s.company_id == bindparam("company_id", type_=Uuid),
        _s.period == bindparam("period", type_=Text),
        or_(_employee.is_(None), _s.employee_id == _employee),
        or_(_after.is_(None), _s.employee_id > _after),
    )
    .order_by(_s.employee_id)
    .limit(bindparam("count", type_=Integer))
)
_SHOWN = (
    "company_id",
    "employee_id",
    "personnel_number",
    "period",
    "closed_at",
    "checksum",
    "payroll_id",
    "payout_at",
    "reference",
    "payout_reason",
)


@dataclass(frozen=True, slots=True)
class StatementFilters:
    """The company's month whose statements are listed; an employee of None is everybody."""

    company_id: CompanyId
    period: str
    employee_id: UUID | None = None


async def list_statements(
    tx: Tx, filters: StatementFilters, cursor: str | None, limit: int
) -> dict[str, Any]:
    """A page of the month's statements in the order of employees' ids.

    Raises `Invalid` for a broken cursor.
    """
    after = read_cursor(cursor, UUID)
    rows = await tx.rows(
        _PAGE,
        company_id=filters.company_id,
        period=filters.period,
        employee_id=filters.employee_id,
        after=after[0] if after else None,
        count=limit + 1,
    )
    more = cursor_of(rows[limit - 1]["employee_id"]) if len(rows) > limit else None
    return page([_view(row) for row in rows], limit, more)


def _view(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["statement_id"],
        "state": _state(row),
        "total": MoneySum.build(amount=row["total"], currency=row["currency"]),
        "lines": row["entries"],
        **{name: row[name] for name in _SHOWN},
    }


def _state(row: Mapping[str, Any]) -> StatementState:
    if row["payout_outcome"]:
        outcome: StatementState = row["payout_outcome"]
        return outcome
    if row["approved_at"]:
        return "approved"
    return "closed" if row["closed_at"] else "open"
