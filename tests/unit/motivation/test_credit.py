"""What counts of a deal: its receipts, without VAT, its margin; of all or of a category."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.motivation.domain.deal import Deal, SoldProduct
from services.motivation.domain.rules.credit import counted, divided
from shared.vocabulary import PayBase
from tests.unit.motivation.deals import ANNA, BORIS, make_deal


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def deal_of(receipts: str, *products: tuple[str, str, str | None, str | None]) -> Deal:
    """A deal of products by category, amount, VAT and cost."""
    sold = tuple(
        SoldProduct(category, Decimal(amount), vat=_decimal(vat), cost=_decimal(cost))
        for category, amount, vat, cost in products
    )
    return replace(make_deal(receipts), products=sold)


DEAL = deal_of("1800", ("goods", "1200", "20", "400"), ("service", "600", None, None))


@pytest.mark.parametrize(
    ("category", "base", "counts"),
    [
        (None, "receipts", "1800"),
        ("goods", "receipts", "1200"),
        ("other", "receipts", "0"),
        (None, "net_of_vat", "1600"),
        ("service", "net_of_vat", "600"),
        ("goods", "margin", "600"),
        ("service", "margin", "0"),  # its cost is unknown
        (None, "margin", "600"),
    ],
)
def test_what_counts_of_a_deal(category: str | None, base: PayBase, counts: str) -> None:
    assert counted(DEAL, category, base) == Decimal(counts)


def test_the_cost_counts_by_how_much_was_paid() -> None:
    half = deal_of("600", ("goods", "1200", "20", "400"))
    assert counted(half, None, "margin") == Decimal("300.00")


def test_a_margin_is_never_below_zero_and_free_products_have_none() -> None:
    assert counted(deal_of("100", ("goods", "100", None, "150")), None, "margin") == 0
    assert counted(deal_of("100", ("goods", "0", None, "50")), None, "margin") == 0


def test_nothing_counts_where_the_tax_is_not_known() -> None:
    known = deal_of("300", ("goods", "100", None, "10"), ("service", "200", None, "20"))
    first, second = known.products
    deal = replace(known, products=(replace(first, vat_known=False), second))
    assert counted(deal, None, "receipts") == Decimal("300")
    assert counted(deal, None, "net_of_vat") == Decimal("200.00")
    assert counted(deal, None, "margin") == Decimal("180.00")


def test_a_deal_without_products_has_no_parts() -> None:
    assert counted(deal_of("100"), "goods", "receipts") == 0
    assert counted(deal_of("100"), None, "net_of_vat") == 0


def test_tax_is_rounded_to_the_kopeck_for_each_product() -> None:
    deal = deal_of("0.10", ("goods", "0.05", "20", None), ("goods", "0.05", "20", None))
    assert counted(deal, None, "net_of_vat") == Decimal("0.08")  # 0.041666… twice


def test_an_amount_is_divided_by_shares() -> None:
    shares = make_deal(shares=[(ANNA, "0.25"), (BORIS, "0.75")]).shares
    assert divided(Decimal("100.00"), shares) == [Decimal("25.00"), Decimal("75.00")]
    assert divided(Decimal("0.01"), shares[:1]) == [Decimal("0.01")]
