"""The ratios of reports, to the last place."""

from decimal import Decimal

import pytest

from services.gateway.domain.ratios import conversion, cost_of_each, return_on_cost

D = Decimal


@pytest.mark.parametrize(
    ("won", "requests", "outside", "expected"),
    [
        (1, 8, 0, "0.1250"),
        (1, 3, 0, "0.3333"),
        (2, 3, 0, "0.6667"),
        (1, 5, 3, "0.5000"),
        (0, 5, 0, "0.0000"),
        (1, 20000, 0, "0.0001"),
        (0, 0, 0, None),
        (0, 3, 3, None),
    ],
)
def test_conversion_is_of_the_requests_that_count(
    won: int, requests: int, outside: int, expected: str | None
) -> None:
    ratio = conversion(won, requests, outside)
    assert ratio == (None if expected is None else D(expected))
    assert ratio is None or ratio.as_tuple().exponent == -4


def test_a_cost_is_divided_to_the_kopeck_in_each_currency() -> None:
    cost = {"RUB": D("100.00"), "USD": D("0.01")}
    assert cost_of_each(cost, 3) == {"RUB": D("33.33"), "USD": D("0.00")}
    assert cost_of_each({"RUB": D("0.05")}, 2) == {"RUB": D("0.03")}
    assert cost_of_each({}, 2) == {}


def test_nothing_costs_something_of_none() -> None:
    assert cost_of_each({"RUB": D(100)}, 0) is None


def test_returns_are_of_each_currency_by_itself() -> None:
    receipts = {"RUB": D(300), "EUR": D(5)}
    cost = {"RUB": D(100), "USD": D(7)}
    assert return_on_cost(receipts, cost) == {"EUR": None, "RUB": D("2.0000"), "USD": D("-1.0000")}
    assert return_on_cost({}, {}) == {}


def test_pay_is_taken_from_what_is_returned() -> None:
    receipts, cost = {"RUB": D(300)}, {"RUB": D(120)}
    assert return_on_cost(receipts, cost, {"RUB": D(10)}) == {"RUB": D("1.4167")}
    assert return_on_cost(receipts, cost, {"KZT": D(1)}) == {"KZT": None, "RUB": D("1.5000")}
    assert return_on_cost(receipts, cost, {}) == {"RUB": D("1.5000")}
