"""Scales of rates by attainment, and which rules look at the month."""

from decimal import Decimal

import pytest

from services.motivation.domain.rules import (
    Attainment,
    Cap,
    Draw,
    Fixed,
    Floor,
    PercentOfReceipts,
    Pool,
    Rule,
    Terms,
    Tier,
    Tiered,
    amounts_of,
    needs_room,
    pays_by_month,
    rule_name,
)
from tests.support.money import roubles
from tests.unit.motivation.deals import ANNA

SCALE = Tiered(
    tiers=(Tier(Decimal(10), Decimal(2)), Tier(Decimal(20), Decimal(4))), currency="RUB"
).scale(None)
TO_ANNA = Terms(recipients=(ANNA,))
CAPPED = Terms(cap=roubles("1"))
TIERED = Tiered(tiers=(Tier(Decimal(0), Decimal(1)),))
OF_ROOM = Tiered(tiers=TIERED.tiers, attainment=Attainment(scope="room"))


@pytest.mark.parametrize(("attained", "rate"), [(0, 0), (9, 0), (10, 2), (19, 2), (20, 4), (99, 4)])
def test_a_rate_is_that_of_the_tier(attained: int, rate: int) -> None:
    assert SCALE.rate(Decimal(attained)) == rate


@pytest.mark.parametrize(
    ("low", "high", "sum_of_parts"),
    [(0, 10, 0), (5, 15, 10), (10, 20, 20), (15, 25, 30), (0, 30, 60), (25, 30, 20), (12, 12, 0)],
)
def test_parts_have_the_rates_of_their_tiers(low: int, high: int, sum_of_parts: int) -> None:
    assert SCALE.between(Decimal(low), Decimal(high)) == sum_of_parts


def test_percentages_are_fractions_and_bounds_follow_the_target() -> None:
    rule = Tiered(
        tiers=(Tier(Decimal(0), Decimal("7.125")), Tier(Decimal("33.3333"), Decimal(10))),
        attainment=Attainment(unit="percent_of_target"),
        threshold=Decimal(50),
    )
    scale = rule.scale(Decimal("300"))
    assert scale.starts == (Decimal(0), Decimal("99.9999"))
    assert scale.least == Decimal(150)
    assert list(scale.rates) == [Decimal("0.07125"), Decimal("0.1")]
    assert [scale.pays(Decimal(attained)) for attained in (149, 150)] == [False, True]
    without = rule.scale(None)
    assert without.starts == (Decimal(0),)
    assert not without.pays(Decimal(10**9))


@pytest.mark.parametrize(
    ("rule", "by_month", "room"),
    [
        (PercentOfReceipts(Decimal(1)), False, False),
        (Fixed(roubles("1")), False, False),
        (PercentOfReceipts(Decimal(1), terms=TO_ANNA), False, False),
        (PercentOfReceipts(Decimal(1), terms=CAPPED), True, False),
        (Fixed(roubles("1"), terms=Terms(cap=roubles("1"), recipients=(ANNA,))), True, True),
        (TIERED, True, False),
        (OF_ROOM, True, True),
        (Tiered(tiers=TIERED.tiers, terms=TO_ANNA), True, True),
        (Pool(amount=roubles("1")), True, True),
        (Cap(roubles("1")), True, False),
        (Floor(roubles("1")), True, False),
        (Draw(roubles("1")), True, False),
    ],
)
def test_which_rules_look_at_the_month_and_at_the_room(
    rule: Rule, by_month: bool, room: bool
) -> None:
    assert (pays_by_month([rule]), needs_room([rule])) == (by_month, room)
    assert pays_by_month([PercentOfReceipts(Decimal(1)), rule]) == by_month


@pytest.mark.parametrize(
    ("rule", "name", "amounts"),
    [
        (PercentOfReceipts(Decimal(1)), "2:percent_of_receipts", []),
        (PercentOfReceipts(Decimal(1), terms=CAPPED), "2:percent_of_receipts", ["cap"]),
        (Fixed(roubles("1"), minimum_receipts=roubles("2")), "2:fixed", None),
        (Tiered(tiers=TIERED.tiers, currency="RUB"), "2:tiered_fixed", ["tiers.0.amount"]),
        (Tiered(tiers=TIERED.tiers, terms=CAPPED), "2:tiered_percent", ["cap"]),
        (Pool(percent=Decimal(1)), "2:pool", []),
        (Pool(amount=roubles("1")), "2:pool", ["amount"]),
        (Cap(roubles("1")), "2:cap", ["amount"]),
        (Floor(roubles("1")), "2:floor", ["amount"]),
        (Draw(roubles("1")), "2:draw", ["amount"]),
    ],
)
def test_a_rule_is_named_and_names_its_amounts(
    rule: Rule, name: str, amounts: list[str] | None
) -> None:
    expected = ["minimum_receipts", "amount"] if amounts is None else amounts
    assert rule_name(2, rule) == name
    assert amounts_of(rule) == [(field, "RUB") for field in expected]
