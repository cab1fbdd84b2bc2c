"""Bars have the sums of the report, and lengths that compare."""

from typing import Any

from services.gateway.web.charts import WIDEST, bars_of, currency_of
from tests.support.money import rub


def _row(receipts: list[dict[str, str]], cost: list[dict[str, str]]) -> dict[str, Any]:
    return {"receipts": receipts, "cost": cost}


def test_the_largest_sum_has_the_longest_bar_and_others_compare_with_it() -> None:
    first, second = bars_of(
        [_row([rub("200.00")], [rub("50.00")]), _row([rub("100.00")], [])], "RUB"
    )
    assert first.widths == {"receipts": f"{WIDEST:.1f}", "cost": f"{WIDEST / 4:.1f}"}
    assert second.widths == {"receipts": f"{WIDEST / 2:.1f}", "cost": "0.0"}
    assert second.sums == {"receipts": rub("100.00"), "cost": rub("0.00")}


def test_currencies_are_not_added() -> None:
    dollars = {"amount": "5.00", "currency": "USD"}
    (bars,) = bars_of([_row([rub("1.10"), dollars, rub("2.02")], [dollars])], "RUB")
    assert bars.sums == {"receipts": rub("3.12"), "cost": rub("0.00")}


def test_more_refunded_than_received_has_no_length_and_its_own_sum() -> None:
    (bars,) = bars_of([_row([rub("-3.00")], [rub("0.00")])], "RUB")
    assert bars.widths == {"receipts": "0.0", "cost": "0.0"}
    assert bars.sums["receipts"] == rub("-3.00")


def test_the_currency_is_that_of_the_first_sum() -> None:
    assert currency_of([_row([], [rub("1.00")])], "USD") == "RUB"
    assert currency_of([_row([], [])], "USD") == "USD"
