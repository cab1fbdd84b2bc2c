"""What to know of a plan before it is published."""

from decimal import Decimal

import pytest

from services.motivation.domain.plan_checks import (
    CatalogueGaps,
    PlanCheck,
    has_unknown_category,
    plan_checks,
    require_known_categories,
    require_known_vat,
)
from services.motivation.domain.rules import (
    Attainment,
    Cap,
    Draw,
    Fixed,
    Floor,
    Limits,
    PercentOfReceipts,
    Pool,
    Rule,
    Terms,
    Tier,
    Tiered,
)
from shared.errors import Invalid
from tests.support.money import roubles
from tests.unit.motivation.deals import ANNA

BOTH = ("goods", "service")


def percent(value: str, **limits: str) -> PercentOfReceipts:
    return PercentOfReceipts(Decimal(value), Limits(**limits))


def found(*rules: Rule, categories: tuple[str, ...] = BOTH) -> list[PlanCheck]:
    return plan_checks(rules, categories)


def test_one_rule_for_all_needs_no_word() -> None:
    assert found(percent("5")) == []
    assert found(percent("5"), categories=()) == []


def test_an_overlap_names_the_rules_and_the_sum_of_percentages() -> None:
    assert found(percent("5"), percent("1.5", source_kind="cold"), Fixed(roubles("1"))) == [
        PlanCheck(
            "overlap",
            (1, 2, 3),
            (Limits(source_kind="cold"),),
            Decimal("6.5"),
        ),
        PlanCheck(
            "overlap", (1, 3), (Limits(source_kind="inbound"), Limits(source_kind="renewal"))
        ),
    ]


def test_tiers_count_with_their_highest_rate() -> None:
    tiers = (Tier(Decimal(0), Decimal(3)), Tier(Decimal(10), Decimal(7)))
    rules = percent("5"), Tiered(tiers=tiers)
    assert found(*rules) == [PlanCheck("overlap", (1, 2), (Limits(),), Decimal(12))]
    amounts = percent("5"), Tiered(tiers=tiers, currency="RUB")
    assert found(*amounts) == [PlanCheck("overlap", (1, 2), (Limits(),), None)]


def test_a_gap_names_the_deals_that_no_rule_pays() -> None:
    assert found(percent("5", product_category="service")) == [
        PlanCheck("gap", (), (Limits(product_category="goods"),))
    ]
    first_of_goods = percent("5", product_category="goods", sale="first")
    assert found(first_of_goods, percent("1", product_category="service")) == [
        PlanCheck(
            "gap",
            (),
            (
                Limits(product_category="goods", sale="repeat"),
                Limits(product_category="goods", sale="renewal"),
            ),
        )
    ]


def test_a_single_kind_of_deals_is_named_whole() -> None:
    rules = percent("5", product_category="goods", source_kind="cold", sale="first"), percent("1")
    assert found(*rules)[0].deals == (
        Limits(product_category="goods", source_kind="cold", sale="first"),
    )


def test_who_is_paid_beside_the_sellers_overlaps_nobody() -> None:
    override = PercentOfReceipts(Decimal(1), terms=Terms(recipients=(ANNA,)))
    assert found(percent("5"), override, Pool(amount=roubles("1"))) == []
    assert found(override) == [PlanCheck("gap", (), (Limits(),))]


def test_tiers_that_begin_above_nothing_and_targets_are_named() -> None:
    tiers = (Tier(Decimal(50), Decimal(3)),)
    of_target = Attainment(unit="percent_of_target")
    assert found(Tiered(tiers=tiers, attainment=of_target)) == [
        PlanCheck("below_first_tier", (1,)),
        PlanCheck("needs_target", (1,)),
    ]
    pool = Pool(amount=roubles("1"), attainment=of_target, threshold=Decimal(100))
    assert found(percent("1"), pool) == [PlanCheck("needs_target", (2,))]


def test_a_category_that_the_company_does_not_have_is_refused() -> None:
    rules = percent("1"), percent("5", product_category="Service")
    assert has_unknown_category(rules, BOTH)
    assert not has_unknown_category(rules, ("Service",))
    assert found(*rules)[0] == PlanCheck(
        "unknown_category", (2,), (Limits(product_category="Service"),)
    )
    with pytest.raises(Invalid) as refusal:
        require_known_categories(rules, BOTH)
    assert refusal.value.extra["errors"] == [
        {
            "field": "rules.1.product_category",
            "rule": "product_category",
            "categories": ["goods", "service"],
        }
    ]
    require_known_categories(rules[:1], ())


NET = PercentOfReceipts(Decimal(5), base_of="net_of_vat")
MARGIN = PercentOfReceipts(Decimal(5), Limits(product_category="goods"), "margin")
MEASURED = Tiered(
    tiers=(Tier(Decimal(0), Decimal(3)),), attainment=Attainment(measure="margin", scope="room")
)
NO_VAT = CatalogueGaps(vat=True)
NO_COST = CatalogueGaps(categories_without_cost=frozenset({"goods"}))


@pytest.mark.parametrize(
    "rule", [NET, MARGIN, MEASURED, Pool(percent=Decimal(1), base_of="margin")]
)
def test_a_rule_without_the_tax_it_looks_at_is_refused(rule: Rule) -> None:
    rules = (percent("1"), rule)
    assert PlanCheck("vat_unknown", (2,)) in plan_checks(rules, BOTH, NO_VAT)
    with pytest.raises(Invalid) as refusal:
        require_known_vat(rules, NO_VAT)
    assert refusal.value.extra["errors"] == [{"field": "rules.1", "rule": "vat_unknown"}]
    require_known_vat(rules, NO_COST)


@pytest.mark.parametrize(
    ("rule", "is_told"),
    [
        (MARGIN, True),
        (MEASURED, True),
        (NET, False),
        (PercentOfReceipts(Decimal(5), Limits(product_category="service"), "margin"), False),
    ],
)
def test_a_margin_without_costs_is_told(rule: Rule, is_told: bool) -> None:
    check = PlanCheck("cost_unknown", (1,), (Limits(product_category="goods"),))
    assert (check in plan_checks((rule,), BOTH, NO_COST)) == is_told
    assert check not in plan_checks((rule,), BOTH)


@pytest.mark.parametrize(
    "rule",
    [
        Floor(roubles("1")),
        Draw(roubles("1")),
        Fixed(roubles("1"), minimum_receipts=roubles("5")),
        PercentOfReceipts(Decimal(5), terms=Terms(cap=roubles("1"), recipients=(ANNA,))),
        Tiered(tiers=(Tier(Decimal(0), Decimal(3)),)),
        Pool(amount=roubles("1")),
        Cap(roubles("1")),
    ],
)
def test_rules_of_receipts_need_no_catalogue(rule: Rule) -> None:
    require_known_vat((rule,), CatalogueGaps(vat=True, categories_without_cost=frozenset(BOTH)))
