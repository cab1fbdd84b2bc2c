"""Months of deals and their settlements for the rules' tests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.motivation.domain.deal import Deal
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import Earning, Rule
from services.motivation.domain.settlement import CreditedDeal, Month, Settlement, Targets, settle
from shared.ids import ActivityId, EmployeeId, PlanId
from tests.unit.motivation.deals import ANNA, COMPANY, ROOM, make_deal

ELENA = EmployeeId(UUID(int=4))
"""Heads the room and sells nothing herself."""


def plan_of(*rules: Rule, number: int = 1) -> Plan:
    """A published version of `rules`, in force since 1 November."""
    return Plan(PlanId(UUID(int=1000 + number)), COMPANY, ROOM, date(2026, 11, 1), number, rules)


def sales(*receipts: str | Decimal, seller: EmployeeId = ANNA) -> list[Deal]:
    """Deals of one seller, each with so much money."""
    return [make_deal(amount, [("service", amount)], [(seller, "1")]) for amount in receipts]


def credited(deals: Iterable[Deal], plan: Plan, first: int = 1) -> list[CreditedDeal]:
    """Deals won one a day, from the day `first` of November on."""
    return [
        CreditedDeal(ActivityId(UUID(int=number)), date(2026, 11, number), deal, plan)
        for number, deal in enumerate(deals, first)
    ]


def settled(
    deals: Sequence[Deal],
    *rules: Rule,
    targets: Targets | None = None,
    debts: Mapping[EmployeeId, Decimal] | None = None,
    ended: bool = True,
) -> Settlement:
    """The settlement of a month under one plan version of `rules`."""
    plan = plan_of(*rules)
    return settle(
        Month(
            currency="RUB",
            deals=credited(deals, plan),
            last_plan=plan,
            targets=targets or {},
            debts=debts or {},
            ended=ended,
        )
    )


def lines_of(settlement: Settlement, employee_id: EmployeeId = ANNA) -> list[str]:
    """The amounts of an employee's lines in the order of the deals, then those of the month."""
    return [f"{line.amount.amount:.2f}" for line in all_lines(settlement, employee_id)]


def total_of(settlement: Settlement, employee_id: EmployeeId = ANNA) -> str:
    """What the employee gets for the month."""
    lines = all_lines(settlement, employee_id)
    return f"{sum((line.amount.amount for line in lines), Decimal(0)):.2f}"


def all_lines(settlement: Settlement, employee_id: EmployeeId | None = None) -> list[Earning]:
    """Every line of an employee, or of all."""
    of_deals = [line for lines in settlement.deals.values() for line in lines]
    return [line for line in of_deals + settlement.month if employee_id in (None, line.employee_id)]


def as_vip(deal: Deal) -> Deal:
    return replace(deal, vip=True)
