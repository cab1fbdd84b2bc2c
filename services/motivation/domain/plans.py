"""Plans: versions of rules for a company in a room, with the day from which each applies."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from services.motivation.domain.deal import Deal
from services.motivation.domain.rules import Rule, amounts_of
from shared.errors import Invalid, Refusal
from shared.ids import CompanyId, PlanId, RoomId


class PlanNotDraft(Refusal):
    """A published version never changes."""

    code = "plan_published"


@dataclass(frozen=True, slots=True)
class Plan:
    """`plan_version` is None for a draft; versions of one company and room count from 1.

    `effective_from` is a day in the company's time zone.
    """

    id: PlanId
    company_id: CompanyId
    room_id: RoomId
    effective_from: date
    plan_version: int | None
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class WinCover:
    """The version that a win belongs to, also where it pays nothing, and the moment of that win: a
    win taken back and won again is another one, whose own day decides.
    """

    plan_id: PlanId
    won_at: datetime


def require_company_currency(rules: Iterable[Rule], currency: str) -> None:
    """Raises `Invalid` for an amount of a rule that is not in the company's `currency`."""
    for position, rule in enumerate(rules):
        for name, amount_currency in amounts_of(rule):
            if amount_currency != currency:
                field = f"rules.{position}.{name}.currency"
                raise Invalid(field, "company_currency", currency=currency)


def publish(plan: Plan, last_version: int) -> int:
    """The version that `plan` becomes, `last_version` being the last of its company and room (0 for
    none).

    Raises `PlanNotDraft`.
    """
    if plan.plan_version is not None:
        raise PlanNotDraft(plan_version=plan.plan_version)
    return last_version + 1


def plan_for(deal: Deal, plans: Iterable[Plan]) -> Plan | None:
    """The published plan in force on the business day of the win."""
    if deal.won_on is None:
        return None
    return plan_on(deal.company_id, deal.room_id, deal.won_on, plans)


def plan_on(
    company_id: CompanyId, room_id: RoomId, day: date, plans: Iterable[Plan]
) -> Plan | None:
    """The published plan in force on a day: the latest `effective_from` that is not after it; of
    several, the highest version.
    """
    in_force = [
        (plan.effective_from, plan.plan_version, plan)
        for plan in plans
        if plan.plan_version is not None
        and (plan.company_id, plan.room_id) == (company_id, room_id)
        and plan.effective_from <= day
    ]
    return max(in_force, key=lambda candidate: candidate[:2])[2] if in_force else None
