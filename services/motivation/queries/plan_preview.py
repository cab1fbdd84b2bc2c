"""A plan on a finished month: who would have earned what, beside what was posted."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, literal, select, union_all

from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import Earning
from services.motivation.domain.settlement import Settlement, settle
from services.motivation.domain.simulations import preceding
from services.motivation.queries.months import RoomMonth, month_under
from services.motivation.queries.plans import readable_plan
from services.motivation.storage import directory
from services.motivation.storage.plans import plan_of
from services.motivation.storage.tables import entry, period, statement
from shared.clock import period_of
from shared.db import Tx, compiled
from shared.errors import Invalid, NotFound
from shared.ids import EmployeeId, PlanId
from shared.money import MoneySum
from shared.tenancy import Caller

NOTHING = Decimal("0.00")
_TENANT = bindparam("tenant_id", type_=Uuid)
_COMPANY = bindparam("company_id", type_=Uuid)
_PERIOD = bindparam("period", type_=Text)
_LAST_CLOSED = compiled(
    select(func.max(period.c.period).label("period")).where(
        period.c.tenant_id == _TENANT,
        period.c.company_id == _COMPANY,
        period.c.closed_at.is_not(None),
    )
)
_paid = (
    entry.c.tenant_id == _TENANT,
    entry.c.company_id == _COMPANY,
    entry.c.room_id == bindparam("room_id", type_=Uuid),
    entry.c.kind != literal("adjustment", Text),
)
_statements = select(statement.c.statement_id).where(
    statement.c.tenant_id == _TENANT,
    statement.c.company_id == _COMPANY,
    statement.c.period == _PERIOD,
)
_entries = union_all(
    select(entry.c.employee_id, entry.c.amount).where(
        *_paid, entry.c.corrected_period.is_(None), entry.c.statement_id.in_(_statements)
    ),
    select(entry.c.employee_id, entry.c.amount).where(*_paid, entry.c.corrected_period == _PERIOD),
).subquery()
POSTED = compiled(
    select(_entries.c.employee_id, func.sum(_entries.c.amount).label("amount")).group_by(
        _entries.c.employee_id
    )
)
"""What was posted for a month, by employee."""


async def preview_plan(
    tx: Tx, caller: Caller, plan_id: PlanId, asked_period: str | None
) -> dict[str, Any]:
    """The plan on one month, by default the last that the company has closed; without one, the last
    that has ended. Raises `NotFound` as `readable_plan`, `Invalid` for a month that has not ended.
    """
    plan = await plan_to_try(tx, caller, plan_id)
    company = await directory.company(tx, plan.company_id)
    current = period_of(await tx.read_clock(), company.time_zone)
    if asked_period is not None and asked_period >= current:
        raise Invalid("period", "ended", max=current)
    row = await tx.row(_LAST_CLOSED, company_id=company.id)
    last_closed = row["period"] if row else None
    chosen = asked_period or last_closed or preceding(current)
    month = RoomMonth(company, plan.room_id, chosen)
    settlement = settle(await month_under(tx, month, plan))
    paid = await posted_to(tx, month)
    return _view(plan_id, month, settlement, paid)


async def plan_to_try(tx: Tx, caller: Caller, plan_id: PlanId) -> Plan:
    """The plan, for who may see what it would have paid: who heads its room, accountants, admins.
    Raises `NotFound`.
    """
    plan = plan_of(await readable_plan(tx, caller, plan_id))
    require_head(caller, plan.room_id)
    return plan


def require_head(caller: Caller, room_id: UUID) -> None:
    """Raises `NotFound` unless the caller heads the room, or sees every room's pay."""
    if not caller.sees_every_room and room_id not in caller.headed_rooms:
        raise NotFound("plan")


async def posted_to(tx: Tx, month: RoomMonth) -> dict[EmployeeId, Decimal]:
    """What was posted for the month without adjustments, also what a later one took since this was
    closed.
    """
    rows = await tx.rows(
        POSTED, company_id=month.company.id, room_id=month.room_id, period=month.period
    )
    return {EmployeeId(row["employee_id"]): Decimal(row["amount"]) for row in rows}


def earned_by(settlement: Settlement) -> dict[EmployeeId, Decimal]:
    """What each employee has of a settlement."""
    earned: dict[EmployeeId, Decimal] = {}
    for line in lines_of(settlement):
        id_ = line.employee_id
        earned[id_] = earned.get(id_, NOTHING) + line.amount.amount
    return earned


def lines_of(settlement: Settlement) -> Iterable[Earning]:
    """The lines of the deals, and of the month."""
    for lines in settlement.deals.values():
        yield from lines
    yield from settlement.month


def _view(
    plan_id: PlanId, month: RoomMonth, settlement: Settlement, paid: dict[EmployeeId, Decimal]
) -> dict[str, Any]:
    earned = earned_by(settlement)

    def money(amount: Decimal) -> MoneySum:
        return MoneySum.build(amount=amount, currency=month.company.currency)

    return {
        "plan_id": plan_id,
        "period": month.period,
        "employees": [
            {
                "employee_id": id_,
                "earned": money(earned.get(id_, NOTHING)),
                "posted": money(paid.get(id_, NOTHING)),
                "difference": money(earned.get(id_, NOTHING) - paid.get(id_, NOTHING)),
            }
            for id_ in sorted(earned.keys() | paid.keys())
        ],
        "earned": money(sum(earned.values(), NOTHING)),
        "posted": money(sum(paid.values(), NOTHING)),
        "missing_targets": [
            {"employee_id": who, "measure": measure}
            for who, measure in sorted(settlement.missing_targets, key=str)
        ],
    }
