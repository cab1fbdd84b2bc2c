"""Bars that are drawn from the very figures of the table beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Money = Mapping[str, str]
PARTS = ("receipts", "cost")
WIDEST = 70
"""Percent of the chart's width; the rest is for the sum beside the bar."""
_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars of one source or month: their sums, and their `widths` in percent of the chart.

    `figures` is what the report says of it.
    """

    figures: Mapping[str, Any]
    sums: Mapping[str, Money]
    widths: Mapping[str, str]


def bars_of(rows: Sequence[Mapping[str, Any]], currency: str) -> list[Bars]:
    """Receipts and cost of each of `rows` in `currency`; sums in others are never added to them."""
    amounts = [{part: _amount(row[part], currency) for part in PARTS} for row in rows]
    largest = max((amount for each in amounts for amount in each.values()), default=_NOTHING)
    return [
        Bars(
            row,
            {part: {"amount": f"{amount:.2f}", "currency": currency} for part, amount in parts},
            {part: _width(amount, largest) for part, amount in parts},
        )
        for row, parts in zip(rows, (each.items() for each in amounts), strict=True)
    ]


def currency_of(rows: Sequence[Mapping[str, Any]], otherwise: str) -> str:
    """The currency of the first sum in `rows`."""
    sums = (money for row in rows for part in PARTS for money in row[part])
    first: Money | None = next(sums, None)
    return first["currency"] if first else otherwise


def _amount(sums: Sequence[Money], currency: str) -> Decimal:
    return sum(
        (Decimal(money["amount"]) for money in sums if money["currency"] == currency), _NOTHING
    )


def _width(amount: Decimal, largest: Decimal) -> str:
    """Nothing for what is below zero: a refund of more than was received has no length."""
    share = max(amount, _NOTHING) / largest if largest > 0 else _NOTHING
    return f"{WIDEST * share:.1f}"
