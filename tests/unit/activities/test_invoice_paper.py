"""What an invoice's print form says of lines, parts and tax."""

from datetime import date
from decimal import Decimal

from services.activities.domain.invoice_paper import (
    PaperProduct,
    is_taxed,
    paper_lines,
    shipment_day,
    taxes_of,
)
from services.activities.domain.trade import OrderLine, Shipment
from shared.ids import ProductId, new_id
from shared.money import Money

ISSUED, PLANNED, SHIPPED = date(2025, 12, 30), date(2026, 1, 1), date(2026, 2, 1)
FIRST, SECOND = ProductId(new_id()), ProductId(new_id())
PRODUCTS = {
    FIRST: PaperProduct("Лицензия", "standard"),
    SECOND: PaperProduct("Книга", "reduced"),
}


def rub(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="RUB")


def line(product_id: ProductId, quantity: int, price: str) -> OrderLine:
    return OrderLine(product_id, "category", quantity, rub(price), False, None)


LINES = [line(FIRST, 2, "300.00"), line(SECOND, 1, "400.00")]


def test_the_first_shipment_decides_the_day_then_the_planned_one() -> None:
    shipments = [Shipment(new_id(), SHIPPED), Shipment(new_id(), PLANNED)]
    assert shipment_day(shipments, ISSUED, SHIPPED) == PLANNED
    assert shipment_day([], ISSUED, PLANNED) == PLANNED
    assert shipment_day([], ISSUED, None) == ISSUED


def test_an_invoice_over_the_whole_order_bills_each_line() -> None:
    first, second = paper_lines(LINES, PRODUCTS, rub("1000.00"), PLANNED, "general")
    assert (first.name, first.quantity, first.price) == ("Лицензия", 2, Decimal("300.00"))
    assert (first.amount, first.billed, first.rate) == (Decimal(600), Decimal(600), 22)
    assert (second.amount, second.billed, second.rate) == (Decimal(400), Decimal(400), 10)
    assert taxes_of([first, second]) == {22: Decimal("108.20"), 10: Decimal("36.36")}
    assert is_taxed([first, second])


def test_an_invoice_over_a_part_bills_lines_in_proportion() -> None:
    lines = paper_lines(LINES, PRODUCTS, rub("333.33"), ISSUED, "general")
    assert [part.billed for part in lines] == [Decimal("200.00"), Decimal("133.33")]
    assert [part.amount for part in lines] == [Decimal(600), Decimal(400)]
    assert taxes_of(lines) == {20: Decimal("33.33"), 10: Decimal("12.12")}


def test_an_order_that_costs_nothing_shares_an_invoice_equally() -> None:
    free = [line(FIRST, 1, "0.00"), line(SECOND, 1, "0.00")]
    lines = paper_lines(free, PRODUCTS, rub("10.01"), ISSUED, "none")
    assert [part.billed for part in lines] == [Decimal("5.01"), Decimal("5.00")]
    assert sum(part.billed for part in lines) == Decimal("10.01")
    assert not is_taxed(lines)
    assert taxes_of(lines) == {}


def test_a_rate_of_zero_is_a_tax() -> None:
    products = {FIRST: PaperProduct("Экспорт", "zero")}
    lines = paper_lines(LINES[:1], products, rub("600.00"), PLANNED, "general")
    assert is_taxed(lines)
    assert taxes_of(lines) == {0: Decimal("0.00")}
