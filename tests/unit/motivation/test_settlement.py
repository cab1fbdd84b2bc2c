"""Settlement of a month: lines of tiers and flat rules, each a difference of the month's total."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.motivation.domain.rules import (
    Attainment,
    Fixed,
    Limits,
    PercentOfReceipts,
    Rule,
    Terms,
    Tier,
    Tiered,
    earnings,
)
from services.motivation.domain.settlement import ROOM, Month, settle
from tests.support.money import roubles
from tests.unit.motivation.deals import ANNA, BORIS, make_deal, reopened
from tests.unit.motivation.months import (
    ELENA,
    all_lines,
    as_vip,
    credited,
    lines_of,
    plan_of,
    sales,
    settled,
    total_of,
)

STEPS = (Tier(Decimal(0), Decimal(3)), Tier(Decimal(1000), Decimal(5)))
FIVE = PercentOfReceipts(Decimal(5))


def tiered(*tiers: Tier, **terms: object) -> Tiered:
    return Tiered(tiers=tiers or STEPS, **terms)  # type: ignore[arg-type]


def test_flat_rules_pay_each_deal_as_it_is_paid_alone() -> None:
    rules: list[Rule] = [FIVE, Fixed(roubles("10"), Limits(source_kind="cold"))]
    deals = [make_deal("0.50"), make_deal("333.35", shares=[(ANNA, "0.3"), (BORIS, "0.7")])]
    settlement = settled(deals, *rules)
    for deal, lines in zip(deals, settlement.deals.values(), strict=True):
        alone = [(line.employee_id, line.rule, line.amount) for line in earnings(deal, rules)]
        by_rule = sorted(lines, key=lambda line: line.rule)
        assert [(line.employee_id, line.rule, line.amount) for line in by_rule] == alone


def test_each_part_is_paid_at_the_rate_of_its_own_tier() -> None:
    assert lines_of(settled(sales("600", "600", "600"), tiered())) == ["18.00", "22.00", "30.00"]


def test_the_sale_that_reaches_a_tier_lifts_all_before_it() -> None:
    lines = lines_of(settled(sales("600", "400", "100"), tiered(mode="retroactive")))
    assert lines == ["18.00", "32.00", "5.00"]


@pytest.mark.parametrize(("second", "total"), [("399.99", "30.00"), ("400.00", "50.00")])
def test_a_tier_begins_with_its_bound(second: str, total: str) -> None:
    assert total_of(settled(sales("600", second), tiered(mode="retroactive"))) == total


def test_below_the_first_tier_nothing_is_paid() -> None:
    rule = tiered(Tier(Decimal(1000), Decimal(10)))
    assert lines_of(settled(sales("900", "300"), rule)) == ["20.00"]
    assert lines_of(settled(sales("900", "300"), replace(rule, mode="retroactive"))) == ["120.00"]


@pytest.mark.parametrize(
    ("receipts", "lines"),
    [(["999.99"], []), (["1000"], ["30.00"]), (["900", "100"], ["30.00"])],
)
def test_once_the_threshold_is_reached_all_is_paid(receipts: list[str], lines: list[str]) -> None:
    rule = tiered(Tier(Decimal(0), Decimal(3)), threshold=Decimal(1000))
    assert lines_of(settled(sales(*receipts), rule)) == lines


def test_bounds_are_percent_of_the_target() -> None:
    rule = tiered(
        Tier(Decimal(0), Decimal(5)),
        Tier(Decimal(100), Decimal(10)),
        attainment=Attainment(unit="percent_of_target"),
    )
    targets = {(ANNA, "receipts"): Decimal("800")}
    settlement = settled(sales("600", "600"), rule, targets=targets)  # type: ignore[arg-type]
    assert lines_of(settlement) == ["30.00", "50.00"]
    assert settlement.missing_targets == frozenset()


def test_without_its_target_a_rule_pays_what_nothing_attained_pays() -> None:
    rule = tiered(
        Tier(Decimal(0), Decimal(5)),
        Tier(Decimal(100), Decimal(10)),
        attainment=Attainment(unit="percent_of_target"),
    )
    settlement = settled(sales("600"), rule)
    assert lines_of(settlement) == ["30.00"]
    assert settlement.missing_targets == {(ANNA, "receipts")}
    assert lines_of(settled(sales("600"), replace(rule, threshold=Decimal(50)))) == []


def test_tiers_count_the_sales() -> None:
    rule = tiered(
        Tier(Decimal(0), Decimal(100)),
        Tier(Decimal(2), Decimal(300)),
        currency="RUB",
        attainment=Attainment(measure="count"),
    )
    assert lines_of(settled(sales("1", "2", "3"), rule)) == ["100.00", "100.00", "300.00"]
    back = replace(rule, mode="retroactive")
    assert lines_of(settled(sales("1", "2", "3"), back)) == ["100.00", "500.00", "300.00"]


def test_a_percentage_may_follow_the_number_of_sales() -> None:
    rule = tiered(
        Tier(Decimal(0), Decimal(1)),
        Tier(Decimal("1.5"), Decimal(2)),
        attainment=Attainment(measure="count"),
    )
    assert lines_of(settled(sales("100", "33.33"), rule)) == ["1.00", "0.50"]


def test_the_room_is_attained_by_all_its_sellers() -> None:
    rule = tiered(attainment=Attainment(scope="room"))
    deals = [*sales("800", seller=BORIS), *sales("400")]
    settlement = settled(deals, rule)
    assert (total_of(settlement, BORIS), total_of(settlement)) == ("24.00", "16.00")
    assert settlement.attained == {(plan_of().id, "1:tiered_percent"): {ROOM: Decimal("1200")}}


def test_a_colleagues_sale_lifts_what_the_room_reached_together() -> None:
    rule = tiered(mode="retroactive", attainment=Attainment(scope="room"))
    deals = [*sales("800", seller=BORIS), *sales("400"), *sales("100")]
    settlement = settled(deals, rule)
    assert lines_of(settlement, BORIS) == ["24.00", "16.00"]
    lifting = list(settlement.deals.values())[1]
    assert [(line.employee_id, line.share) for line in lifting] == [
        (ANNA, Decimal(1)),
        (BORIS, Decimal(0)),
    ]
    assert lines_of(settlement) == ["20.00", "5.00"]


def test_a_split_sale_is_attained_in_parts() -> None:
    deals = [make_deal("2000", shares=[(ANNA, "0.75"), (BORIS, "0.25")])]
    settlement = settled(deals, tiered())
    assert (total_of(settlement), total_of(settlement, BORIS)) == ("55.00", "15.00")
    (line,) = all_lines(settlement, BORIS)
    assert (line.base, line.share, line.attained) == (
        roubles("500"),
        Decimal("0.25"),
        Decimal(500),
    )


def test_all_sales_may_count_towards_the_tiers_of_a_category() -> None:
    of_goods = Limits(product_category="goods")
    deals = [*sales("1000"), make_deal("100", [("goods", "60"), ("service", "40")])]
    rule = tiered(mode="retroactive", limits=of_goods)
    assert lines_of(settled(deals, rule)) == ["1.80"]
    all_count = replace(rule, attainment=Attainment(deals="all"))
    assert lines_of(settled(deals, all_count)) == ["3.00"]
    assert lines_of(settled(deals[::-1], all_count)) == ["1.80", "1.20"]


def test_a_cap_limits_each_seller_under_the_rule() -> None:
    capped = PercentOfReceipts(Decimal(10), terms=Terms(cap=roubles("100")))
    assert lines_of(settled(sales("600", "600", "600"), capped)) == ["60.00", "40.00"]
    rule = tiered(terms=Terms(cap=roubles("35")))
    assert lines_of(settled(sales("600", "600", "600"), rule)) == ["18.00", "17.00"]


def test_a_vips_deal_is_paid_with_the_coefficient() -> None:
    terms = Terms(vip_coefficient=Decimal("1.5"))
    deals = [as_vip(sales("600")[0]), *sales("600")]
    assert lines_of(settled(deals, PercentOfReceipts(Decimal(5), terms=terms))) == [
        "45.00",
        "30.00",
    ]
    assert lines_of(settled(deals, Fixed(roubles("10"), terms=terms))) == ["15.00", "10.00"]
    assert lines_of(settled(deals, tiered(terms=terms))) == ["27.00", "22.00"]
    assert lines_of(settled(deals, tiered(terms=terms, mode="retroactive"))) == ["27.00", "48.00"]


def test_a_head_gets_a_part_of_what_the_room_sold() -> None:
    override = PercentOfReceipts(Decimal(2), terms=Terms(recipients=(ELENA,)))
    deals = [*sales("600"), make_deal("400", shares=[(ANNA, "0.5"), (BORIS, "0.5")])]
    settlement = settled(deals, FIVE, override)
    assert lines_of(settlement, ELENA) == ["12.00", "8.00"]
    assert lines_of(settlement, BORIS) == ["10.00"]
    by_tiers = tiered(attainment=Attainment(scope="room"), terms=Terms(recipients=(ELENA,)))
    assert lines_of(settled([*deals, *sales("100")], by_tiers), ELENA) == ["18.00", "12.00", "5.00"]


@pytest.mark.parametrize(("receipts", "lines"), [("99.99", []), ("100.00", ["7.00"])])
def test_a_fixed_amount_may_need_a_minimum_of_receipts(receipts: str, lines: list[str]) -> None:
    rule = Fixed(roubles("7"), minimum_receipts=roubles("100"))
    assert lines_of(settled(sales(receipts), rule)) == lines


def test_the_months_total_is_rounded_once() -> None:
    rule = tiered(Tier(Decimal(0), Decimal(5)))
    assert lines_of(settled(sales("0.10", "0.10", "0.10"), rule)) == ["0.01", "0.01"]
    assert lines_of(settled(sales("0.10", "0.10", "0.10"), FIVE)) == ["0.01", "0.01", "0.01"]


def test_a_version_pays_its_own_deals_and_attains_with_all() -> None:
    old, new = plan_of(FIVE, number=1), plan_of(tiered(), number=2)
    deals = credited(sales("900"), old) + credited(sales("300"), new, first=15)
    settlement = settle(Month(currency="RUB", deals=deals))
    assert [
        [(line.rule, line.amount) for line in lines] for lines in settlement.deals.values()
    ] == [
        [("1:percent_of_receipts", roubles("45"))],
        [("1:tiered_percent", roubles("13"))],
    ]


def test_only_wins_with_a_seller_count() -> None:
    deals = [reopened(sales("1000")[0]), make_deal("1000", shares=()), *sales("100")]
    settlement = settled(deals, tiered(attainment=Attainment(scope="room")))
    assert [line.amount for line in all_lines(settlement)] == [roubles("3")]


def test_a_line_says_what_it_was_computed_from() -> None:
    settlement = settled(sales("600", "600"), tiered())
    line = all_lines(settlement)[1]
    assert (line.base, line.before_shares, line.month_total) == (
        roubles("600"),
        roubles("22"),
        roubles("40"),
    )
    assert (line.attained, line.rate) == (Decimal("1200"), Decimal("0.05"))
