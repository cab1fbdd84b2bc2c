"""What a settlement is made from, and what it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.motivation.domain.deal import Deal
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import Earning
from shared.ids import ActivityId, EmployeeId, PlanId
from shared.vocabulary import AttainmentMeasure

Who = EmployeeId | None
ROOM: Who = None
"""Whose attainment or target it is: an employee's, or the room's."""
Targets = Mapping[tuple[Who, AttainmentMeasure], Decimal]


@dataclass(frozen=True, slots=True)
class CreditedDeal:
    """A win of the month: `business_day` in the company's days, and the plan version that pays."""

    activity_id: ActivityId
    business_day: date
    deal: Deal
    plan: Plan

    @property
    def place(self) -> tuple[date, UUID]:
        """Its place in the canonical order."""
        return self.business_day, self.activity_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A company's month in a room: of all its wins, or of one employee's where `needs_room` of
    every plan is false.

    `last_plan` is the version in force on the month's last day, whose rules of the month apply.
    `debts` are what employees owe of earlier draws. Before the month has `ended`, what needs its
    end (floors and draws) is left out.
    """

    currency: str
    deals: Sequence[CreditedDeal]
    last_plan: Plan | None = None
    targets: Targets = field(default_factory=dict)
    debts: Mapping[EmployeeId, Decimal] = field(default_factory=dict)
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """The lines of each deal and of the month, without zero amounts.

    `debts` are those after the month; `attained` is each tiered rule's attainment, by plan and
    rule; `missing_targets` are those that rules needed and that are not set.
    """

    deals: Mapping[ActivityId, list[Earning]]
    month: list[Earning]
    debts: Mapping[EmployeeId, Decimal]
    attained: Mapping[tuple[PlanId, str], Mapping[Who, Decimal]]
    missing_targets: frozenset[tuple[Who, AttainmentMeasure]]
