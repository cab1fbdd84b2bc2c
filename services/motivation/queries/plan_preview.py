"""A plan on a finished month: who would have earned what, beside what was posted."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import Text, Uuid, bindparam, func, literal, select

from services.motivation.domain.rules import Earning
from services.motivation.domain.settlement import Settlement, settle
from services.motivation.queries.months import RoomMonth, month_under
from services.motivation.queries.plans import readable_plan
from services.motivation.storage import directory
from services.motivation.storage.plans import plan_of
from services.motivation.storage.tables import entry, period
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
_POSTED = compiled(
    select(entry.c.employee_id, func.sum(entry.c.amount).label("amount"))
    .where(
        entry.c.tenant_id == _TENANT,
        entry.c.company_id == _COMPANY,
        entry.c.room_id == bindparam("room_id", type_=Uuid),
        entry.c.period == _PERIOD,
        entry.c.kind != literal("adjustment", Text),
    )
    .group_by(entry.c.employee_id)
)


async def preview_plan(
    tx: Tx, caller: Caller, plan_id: PlanId, asked_period: str | None
) -> dict[str, Any]:
    """The plan on one month, by default the last that the company has closed; without one, the last
    that has ended. Raises `NotFound` as `readable_plan`, `Invalid` for a month that has not ended.
    """
    plan = plan_of(await readable_plan(tx, caller, plan_id))
    if not caller.sees_every_room and plan.room_id not in caller.headed_rooms:
        raise NotFound("plan")
    company = await directory.company(tx, plan.company_id)
    current = period_of(await tx.read_clock(), company.time_zone)
    if asked_period is not None and asked_period >= current:
        raise Invalid("period", "ended", max=current)
    row = await tx.row(_LAST_CLOSED, company_id=company.id)
    last_closed = row["period"] if row else None
    chosen = asked_period or last_closed or preceding(current)
    month = RoomMonth(company, plan.room_id, chosen)
    settlement = settle(await month_under(tx, month, plan))
    posted = await tx.rows(
        _POSTED, company_id=company.id, room_id=plan.room_id, period=month.period
    )
    paid = {EmployeeId(each["employee_id"]): Decimal(each["amount"]) for each in posted}
    return _view(plan_id, month, settlement, paid)


def preceding(month: str) -> str:
    """The month before."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02}"


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
