"""Earnings of a won activity under the rules of a plan."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.motivation.domain.rules import Fixed, Limits, PercentOfReceipts, Rule, earnings
from tests.support.money import roubles
from tests.unit.motivation.deals import ANNA, BORIS, VERA, make_deal, reopened

FIVE = PercentOfReceipts(Decimal("5.00"))
MONEY = st.decimals(min_value=0, max_value=10**9, places=2)
SHARES = st.lists(st.integers(1, 1000), min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("percent", "receipts", "amount"),
    [
        ("5.00", "1000.00", "50.00"),
        ("5.00", "0.10", "0.01"),  # 0.005 rounds half up
        ("2.50", "0.59", "0.01"),  # 0.01475
        ("33.33", "100.00", "33.33"),
        ("100", "1234.56", "1234.56"),
    ],
)
def test_a_percentage_is_rounded_half_up_to_the_kopeck(
    percent: str, receipts: str, amount: str
) -> None:
    (earning,) = earnings(make_deal(receipts), [PercentOfReceipts(Decimal(percent))])
    assert earning.amount == roubles(amount)


@pytest.mark.parametrize("receipts", ["0.00", "0.09"])
def test_a_zero_amount_is_no_earning(receipts: str) -> None:
    assert earnings(make_deal(receipts), [FIVE]) == []


def test_only_a_win_earns() -> None:
    assert earnings(reopened(make_deal()), [FIVE, Fixed(roubles("100"))]) == []


def test_a_win_without_a_seller_pays_nobody() -> None:
    assert earnings(make_deal(shares=()), [FIVE]) == []


def test_every_rule_that_matches_adds_an_earning() -> None:
    found = earnings(
        make_deal(),
        [FIVE, Fixed(roubles("300")), PercentOfReceipts(Decimal(1), Limits(source_kind="cold"))],
    )
    assert [(earning.rule, earning.amount) for earning in found] == [
        ("1:percent_of_receipts", roubles("50")),
        ("2:fixed", roubles("300")),
        ("3:percent_of_receipts", roubles("10")),
    ]


@pytest.mark.parametrize(
    ("limits", "matches"),
    [
        (Limits(), True),
        (Limits(source_kind="cold"), True),
        (Limits(source_kind="inbound"), False),
        (Limits(source_kind="renewal"), False),
        (Limits(sale="first"), True),
        (Limits(sale="repeat"), False),
        (Limits(product_category="service"), True),
        (Limits(product_category="goods"), False),
        (Limits(product_category="service", source_kind="cold", sale="renewal"), False),
        (Limits(product_category="service", source_kind="cold", sale="first"), True),
    ],
)
@pytest.mark.parametrize("kind", ["percent", "fixed"])
def test_a_rule_matches_only_within_all_its_limits(
    limits: Limits, matches: bool, kind: str
) -> None:
    rule: Rule = (
        Fixed(roubles("100"), limits) if kind == "fixed" else PercentOfReceipts(Decimal(10), limits)
    )
    assert [earning.amount for earning in earnings(make_deal(), [rule])] == (
        [roubles("100")] if matches else []
    )


def test_a_fixed_amount_is_earned_once_however_many_products_match() -> None:
    products = [("service", "10"), ("service", "20"), ("goods", "30")]
    assert [
        earning.amount
        for earning in earnings(
            make_deal(products=products),
            [Fixed(roubles("100"), Limits(product_category="service"))],
        )
    ] == [roubles("100")]


def test_products_below_a_rouble_share_receipts_by_price() -> None:
    products = [("service", "0.60"), ("goods", "0.20")]
    rule = PercentOfReceipts(Decimal(100), Limits(product_category="service"))
    (earning,) = earnings(make_deal("8.00", products=products), [rule])
    assert earning.amount == roubles("6.00")


@pytest.mark.parametrize(
    ("receipts", "products", "base"),
    [
        ("1000.00", [("service", "600"), ("goods", "400")], "600.00"),
        ("500.00", [("service", "600"), ("goods", "400")], "300.00"),  # a part paid: in proportion
        ("1500.00", [("service", "600"), ("goods", "400")], "900.00"),  # overpaid: too
        ("100.00", [("service", "1"), ("goods", "2")], "33.33"),
        (
            "100.00",
            [("service", "1"), ("goods", "1"), ("service", "1")],
            "66.67",
        ),
        (
            "100.00",
            [("goods", "1"), *[("service", "1"), ("goods", "1")] * 3],
            "42.86",
        ),  # three sevenths, however many products have a part
        ("100.00", [("service", "0"), ("goods", "0")], "50.00"),  # given away, yet paid: alike
    ],
)
def test_a_category_counts_its_part_of_the_receipts(
    receipts: str, products: list[tuple[str, str]], base: str
) -> None:
    (earning,) = earnings(
        make_deal(receipts, products),
        [PercentOfReceipts(Decimal(100), Limits(product_category="service"))],
    )
    assert earning.base == roubles(base) and earning.amount == roubles(base)


@given(
    MONEY,
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 10**6)), min_size=1, max_size=6
    ),
)
def test_the_categories_of_a_deal_add_up_to_its_receipts(
    receipts: Decimal, products: list[tuple[str, int]]
) -> None:
    deal = make_deal(receipts, [(category, Decimal(amount)) for category, amount in products])
    bases = [
        PercentOfReceipts(Decimal(1), Limits(product_category=category)).base(deal).amount
        for category in {category for category, _ in products}
    ]
    assert sum(bases) == receipts


@given(MONEY, SHARES)
def test_shares_add_up_to_the_whole_amount(receipts: Decimal, weights: list[int]) -> None:
    sellers = [ANNA, BORIS, VERA][: len(weights)]
    shares = [
        (seller, Decimal(weight) / sum(weights))
        for seller, weight in zip(sellers, weights, strict=True)
    ]
    whole = earnings(make_deal(receipts), [FIVE])
    shared = earnings(make_deal(receipts, shares=shares), [FIVE])
    assert sum(earning.amount.amount for earning in shared) == sum(
        earning.amount.amount for earning in whole
    )


def test_the_first_of_equal_shares_takes_the_odd_kopeck() -> None:
    found = earnings(
        make_deal("2.00", shares=[(ANNA, "0.5"), (BORIS, "0.5")]),
        [PercentOfReceipts(Decimal("50.50"))],
    )
    assert {earning.employee_id: earning.amount for earning in found} == {
        ANNA: roubles("0.51"),
        BORIS: roubles("0.50"),
    }


def test_an_earning_names_what_it_was_computed_from() -> None:
    category = PercentOfReceipts(Decimal(10), Limits(product_category="service"))
    products = [("service", "600"), ("goods", "400")]
    anna, boris = earnings(
        make_deal("1000.00", products, shares=[(ANNA, "0.75"), (BORIS, "0.25")]), [category]
    )
    assert (anna.base, anna.before_shares, anna.share) == (
        roubles("600"),
        roubles("60"),
        Decimal("0.75"),
    )
    assert (anna.amount, boris.amount) == (roubles("45"), roubles("15"))
    (fixed,) = earnings(make_deal("1000.00"), [Fixed(roubles("300"))])
    assert (fixed.base, fixed.before_shares, fixed.share) == (
        roubles("1000"),
        roubles("300"),
        Decimal(1),
    )
