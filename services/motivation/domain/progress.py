"""Progress of a month: how far tiers are attained, and what the next one needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import Tiered, rule_name
from services.motivation.domain.settlement import ROOM, Settlement, Targets
from shared.ids import EmployeeId

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class NextTier:
    """The next tier: from which attainment on, how much is missing, and its rate."""

    start: Decimal
    missing: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class RuleProgress:
    """An employee's attainment under a tiered rule. `rate` is that of the tier they are in, a
    percentage or an amount, None below the first; `missing_to_threshold` is None where there is
    none, or it is reached. Without the `target` that bounds need there is no next tier.
    """

    rule: str
    terms: Tiered
    attained: Decimal
    target: Decimal | None
    rate: Decimal | None
    next_tier: NextTier | None
    missing_to_threshold: Decimal | None


def rule_progress(
    plan: Plan, employee_id: EmployeeId, settlement: Settlement, targets: Targets
) -> list[RuleProgress]:
    """The employee's progress under each tiered rule of `plan`, those for others left out."""
    tiered = (
        (rule_name(position, rule), rule)
        for position, rule in enumerate(plan.rules, 1)
        if isinstance(rule, Tiered)
        and (not rule.terms.recipients or employee_id in rule.terms.recipients)
    )
    return [
        _progress(
            name,
            rule,
            settlement.attained.get((plan.id, name), {}),
            ROOM if rule.attainment.scope == "room" else employee_id,
            targets,
        )
        for name, rule in tiered
    ]


def _progress(
    name: str,
    rule: Tiered,
    attainments: Mapping[EmployeeId | None, Decimal],
    who: EmployeeId | None,
    targets: Targets,
) -> RuleProgress:
    attained = attainments.get(who, NOTHING)
    target = targets.get((who, rule.attainment.measure))
    bounds = [
        (bound, tier.rate)
        for tier in rule.tiers
        if (bound := rule.attainment.bound(tier.start, target)) is not None
    ]
    reached = [rate for bound, rate in bounds if bound <= attained]
    return RuleProgress(
        name,
        rule,
        attained,
        target,
        reached[-1] if reached else None,
        _next(bounds, attained),
        _missing(rule, attained, target),
    )


def _next(bounds: Iterable[tuple[Decimal, Decimal]], attained: Decimal) -> NextTier | None:
    for bound, rate in bounds:
        if bound > attained:
            return NextTier(bound, bound - attained, rate)
    return None


def _missing(rule: Tiered, attained: Decimal, target: Decimal | None) -> Decimal | None:
    if rule.threshold is None:
        return None
    least = rule.attainment.bound(rule.threshold, target)
    return least - attained if least is not None and least > attained else None
