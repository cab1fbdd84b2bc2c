"""What of a deal's receipts falls on each category."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.motivation.domain.deal import Deal, SoldProduct
from tests.support.money import roubles
from tests.unit.motivation.deals import make_deal

ALPHA, BETA = "alpha", "beta"
AMOUNTS = st.integers(0, 10**6).map(lambda kopecks: Decimal(kopecks).scaleb(-2))
PRODUCTS = st.lists(
    st.builds(SoldProduct, st.sampled_from("abc"), AMOUNTS, AMOUNTS), min_size=1, max_size=8
)


def deal_of(receipts: str, products: Sequence[SoldProduct]) -> Deal:
    return replace(make_deal(receipts), products=tuple(products))


def product(category: str, amount: str, returned: str = "0") -> SoldProduct:
    return SoldProduct(category, Decimal(amount), Decimal(returned))


@pytest.mark.parametrize(
    ("receipts", "products", "alpha", "beta"),
    [
        ("0.25", [product(ALPHA, "1"), *[product(BETA, "1")] * 49], "0.00", "0.25"),
        ("0.25", [product(ALPHA, "1"), product(BETA, "1")] * 25, "0.13", "0.12"),
        ("2000.10", [product(ALPHA, "100"), *[product(BETA, "100")] * 19], "100.00", "1900.10"),
        ("1000", [product(ALPHA, "1000"), product(BETA, "1000", "1000")], "1000.00", "0.00"),
        ("500", [product(ALPHA, "1000"), product(BETA, "1000", "1000")], "500.00", "0.00"),
        ("1600", [product(ALPHA, "1000"), product(BETA, "1000", "400")], "1000.00", "600.00"),
        ("90", [product(ALPHA, "10", "10"), product(BETA, "20", "20")], "30.00", "60.00"),
        ("90", [product(ALPHA, "10", "11"), product(BETA, "20", "5")], "0.00", "90.00"),
        ("90", [product(ALPHA, "0"), product(BETA, "0"), product(BETA, "0")], "30.00", "60.00"),
    ],
)
def test_receipts_fall_on_categories_by_what_was_not_returned(
    receipts: str, products: list[SoldProduct], alpha: str, beta: str
) -> None:
    deal = deal_of(receipts, products)
    assert (deal.received_for(ALPHA), deal.received_for(BETA)) == (roubles(alpha), roubles(beta))


def test_nothing_falls_on_a_category_that_was_not_sold() -> None:
    assert deal_of("10", [product(ALPHA, "1")]).received_for(BETA) == roubles("0.00")


@given(AMOUNTS, PRODUCTS)
def test_categories_add_up_to_the_receipts_and_none_is_below_zero(
    receipts: Decimal, products: list[SoldProduct]
) -> None:
    deal = deal_of(str(receipts), products)
    parts = [deal.received_for(category).amount for category in {p.category for p in products}]
    assert sum(parts) == receipts and min(parts) >= 0
