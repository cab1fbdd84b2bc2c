"""How far tiers are attained, and what the next one needs."""

from decimal import Decimal

import pytest

from services.motivation.domain.progress import NextTier, RuleProgress, rule_progress
from services.motivation.domain.rules import (
    Attainment,
    PercentOfReceipts,
    Rule,
    Terms,
    Tier,
    Tiered,
)
from services.motivation.domain.settlement import ROOM, Targets
from tests.unit.motivation.deals import ANNA, BORIS
from tests.unit.motivation.months import ELENA, plan_of, sales, settled

STEPS = (Tier(Decimal(100), Decimal(3)), Tier(Decimal(1000), Decimal(5)))
TIERS = Tiered(tiers=STEPS)
OF_TARGET = Tiered(
    tiers=(Tier(Decimal(0), Decimal(3)), Tier(Decimal(100), Decimal(5))),
    attainment=Attainment(unit="percent_of_target"),
    threshold=Decimal(50),
)


def progress(
    *receipts: str, rule: Rule = TIERS, targets: Targets | None = None, who: object = ANNA
) -> list[RuleProgress]:
    settlement = settled(sales(*receipts), rule, targets=targets)
    return rule_progress(plan_of(rule), who, settlement, targets or {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("receipts", "rate", "next_tier"),
    [
        ("99.99", None, NextTier(Decimal(100), Decimal("0.01"), Decimal(3))),
        ("100.00", Decimal(3), NextTier(Decimal(1000), Decimal(900), Decimal(5))),
        ("1000.00", Decimal(5), None),
    ],
)
def test_progress_names_the_tier_and_the_next(
    receipts: str, rate: Decimal | None, next_tier: NextTier | None
) -> None:
    (found,) = progress(receipts)
    assert (found.rule, found.attained) == ("1:tiered_percent", Decimal(receipts))
    assert (found.rate, found.next_tier) == (rate, next_tier)
    assert (found.target, found.missing_to_threshold) == (None, None)


def test_who_has_sold_nothing_has_attained_nothing() -> None:
    (found,) = progress("500.00", who=BORIS)
    assert (found.attained, found.rate) == (Decimal(0), None)


@pytest.mark.parametrize(
    ("receipts", "missing"), [("300.00", Decimal(100)), ("400.00", None), ("500.00", None)]
)
def test_bounds_follow_the_target(receipts: str, missing: Decimal | None) -> None:
    targets: Targets = {(ANNA, "receipts"): Decimal(800)}
    (found,) = progress(receipts, rule=OF_TARGET, targets=targets)
    assert (found.target, found.missing_to_threshold) == (Decimal(800), missing)
    assert found.next_tier == NextTier(Decimal(800), 800 - Decimal(receipts), Decimal(5))


def test_without_its_target_a_rule_has_no_next_tier() -> None:
    (found,) = progress("300.00", rule=OF_TARGET)
    assert (found.rate, found.next_tier, found.missing_to_threshold) == (Decimal(3), None, None)


def test_the_rooms_attainment_is_everybodys() -> None:
    rule = Tiered(tiers=STEPS, attainment=Attainment(scope="room"))
    targets: Targets = {(ROOM, "receipts"): Decimal(5000)}
    (found,) = progress("500.00", rule=rule, targets=targets, who=BORIS)
    assert (found.attained, found.target) == (Decimal(500), Decimal(5000))


def test_rules_for_others_and_flat_ones_are_left_out() -> None:
    attainment = Attainment(scope="room")
    of_elena = Tiered(tiers=STEPS, attainment=attainment, terms=Terms(recipients=(ELENA,)))
    assert progress("500.00", rule=of_elena) == []
    assert len(progress("500.00", rule=of_elena, who=ELENA)) == 1
    assert progress("500.00", rule=PercentOfReceipts(Decimal(5))) == []
