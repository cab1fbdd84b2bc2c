"""What a won activity earns."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.motivation.domain.rules import Fixed, Limits, PercentOfReceipts, Rule, earned
from tests.unit.motivation.deals import ANNA, BORIS, VERA, deal, in_work, rub

FIVE = PercentOfReceipts(Decimal("5.00"))
MONEY = st.decimals(min_value=0, max_value=10**9, places=2)
SHARES = st.lists(st.integers(1, 1000), min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("percent", "receipts", "line"),
    [
        ("5.00", "1000.00", "50.00"),
        ("5.00", "0.10", "0.01"),  # 0.005 rounds half up
        ("2.50", "0.59", "0.01"),  # 0.01475
        ("33.33", "100.00", "33.33"),
        ("100", "1234.56", "1234.56"),
    ],
)
def test_a_percentage_is_rounded_half_up_to_the_kopeck(
    percent: str, receipts: str, line: str
) -> None:
    (found,) = earned(deal(receipts), [PercentOfReceipts(Decimal(percent))])
    assert found.amount == rub(line)


@pytest.mark.parametrize("receipts", ["0.00", "0.09"])
def test_nothing_is_not_a_line(receipts: str) -> None:
    assert earned(deal(receipts), [FIVE]) == []


def test_only_a_win_earns() -> None:
    assert earned(in_work(deal()), [FIVE, Fixed(rub("100"))]) == []


def test_a_win_without_a_seller_pays_nobody() -> None:
    assert earned(deal(parts=()), [FIVE]) == []


def test_every_rule_that_matches_adds_a_line() -> None:
    lines = earned(
        deal(), [FIVE, Fixed(rub("300")), PercentOfReceipts(Decimal(1), Limits(source_kind="cold"))]
    )
    assert [(line.rule, line.amount) for line in lines] == [
        ("1:percent_of_receipts", rub("50")),
        ("2:fixed", rub("300")),
        ("3:percent_of_receipts", rub("10")),
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
def test_a_rule_is_for_what_all_its_limits_name(limits: Limits, matches: bool, kind: str) -> None:
    rule: Rule = (
        Fixed(rub("100"), limits) if kind == "fixed" else PercentOfReceipts(Decimal(10), limits)
    )
    assert [line.amount for line in earned(deal(), [rule])] == ([rub("100")] if matches else [])


def test_a_fixed_amount_comes_once_however_many_lines_match() -> None:
    sold = [("service", "10"), ("service", "20"), ("goods", "30")]
    assert [
        line.amount
        for line in earned(deal(sold=sold), [Fixed(rub("100"), Limits(product_category="service"))])
    ] == [rub("100")]


@pytest.mark.parametrize(
    ("receipts", "sold", "base"),
    [
        ("1000.00", [("service", "600"), ("goods", "400")], "600.00"),
        ("500.00", [("service", "600"), ("goods", "400")], "300.00"),  # a part paid: in proportion
        ("1500.00", [("service", "600"), ("goods", "400")], "900.00"),  # overpaid: too
        ("100.00", [("service", "1"), ("goods", "2")], "33.33"),
        (
            "100.00",
            [("service", "1"), ("goods", "1"), ("service", "1")],
            "66.67",
        ),  # the first of the largest takes the rest
        ("100.00", [("service", "0"), ("goods", "0")], "50.00"),  # given away, yet paid: alike
    ],
)
def test_a_category_counts_its_lines_part_of_the_receipts(
    receipts: str, sold: list[tuple[str, str]], base: str
) -> None:
    (line,) = earned(
        deal(receipts, sold), [PercentOfReceipts(Decimal(100), Limits(product_category="service"))]
    )
    assert line.base == rub(base) and line.amount == rub(base)


@given(
    MONEY,
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 10**6)), min_size=1, max_size=6
    ),
)
def test_the_categories_of_a_deal_add_up_to_its_receipts(
    receipts: Decimal, sold: list[tuple[str, int]]
) -> None:
    found = deal(receipts, [(category, Decimal(amount)) for category, amount in sold])
    bases = [
        PercentOfReceipts(Decimal(1), Limits(product_category=category)).base(found).amount
        for category in {category for category, _ in sold}
    ]
    assert sum(bases) == receipts


@given(MONEY, SHARES)
def test_shares_make_the_whole_line(receipts: Decimal, weights: list[int]) -> None:
    sellers = [ANNA, BORIS, VERA][: len(weights)]
    parts = [
        (seller, Decimal(weight) / sum(weights))
        for seller, weight in zip(sellers, weights, strict=True)
    ]
    whole = earned(deal(receipts), [FIVE])
    shared = earned(deal(receipts, parts=parts), [FIVE])
    assert sum(line.amount.amount for line in shared) == sum(line.amount.amount for line in whole)


def test_the_largest_share_takes_the_odd_kopeck() -> None:
    lines = earned(
        deal("2.00", parts=[(ANNA, "0.5"), (BORIS, "0.5")]), [PercentOfReceipts(Decimal("50.50"))]
    )
    assert {line.employee_id: line.amount for line in lines} == {
        ANNA: rub("0.50"),
        BORIS: rub("0.51"),
    }
