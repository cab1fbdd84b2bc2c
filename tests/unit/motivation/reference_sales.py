"""Sales of the reference calculation, and what of their money counts. Amounts are kopecks, dates
days of the month.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any


@dataclass(frozen=True)
class Product:
    category: str
    amount: int
    returned: int
    vat: Fraction | None
    cost: int | None
    tax_known: bool = True


@dataclass(frozen=True)
class Sale:
    """A win: `shares` by employee, in the order of the split."""

    id: int
    day: int
    receipts: int
    products: tuple[Product, ...]
    shares: tuple[tuple[int, Fraction], ...]
    source: str
    sale: str
    vip: bool


@dataclass(frozen=True)
class Facts:
    """A month of a room; `targets` by employee (0: the room) and measure, in kopecks or deals."""

    sales: Sequence[Sale]
    targets: Mapping[tuple[int, str], int]
    debts: Mapping[int, int]
    ended: bool


def half_up(amount: Fraction) -> int:
    """To the kopeck; amounts here are never below zero."""
    return floor(amount + Fraction(1, 2))


def apportion(amount: int, weights: Sequence[Fraction | int]) -> list[int]:
    """Whole kopecks by the largest remainder; of equal ones the larger weight, then the first."""
    whole = Fraction(sum(weights))
    quotas = [amount * Fraction(weight) / whole for weight in weights]
    parts = [floor(quota) for quota in quotas]
    order = sorted(
        range(len(parts)), key=lambda i: (parts[i] - quotas[i], -Fraction(weights[i]), i)
    )
    for i in order[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def matches(rule: dict[str, Any], sale: Sale) -> bool:
    return (
        rule["source"] in (None, sale.source)
        and rule["sale"] in (None, sale.sale)
        and rule["category"] in (None, *(product.category for product in sale.products))
    )


def money(sale: Sale, category: str | None, base: str) -> int:
    """The kopecks of a deal that count."""
    if category is None and base == "receipts":
        return sale.receipts
    counted = 0
    for product, part in zip(sale.products, by_product(sale), strict=True):
        if category in (None, product.category):
            net = half_up(part / (1 + (product.vat or Fraction(0)) / 100))
            if base == "receipts":
                counted += part
            elif not product.tax_known:
                continue
            elif base == "net":
                counted += net
            elif product.cost is not None and product.amount:
                cost = half_up(Fraction(product.cost * part, product.amount))
                counted += max(0, net - cost)
    return counted


def by_product(sale: Sale) -> list[int]:
    """Receipts between categories, then within each; by what was not returned, else by the price,
    else alike.
    """
    left = [max(0, product.amount - product.returned) for product in sale.products]
    weights = left if any(left) else [product.amount for product in sale.products]
    if not any(weights):
        weights = [1] * len(weights)
    categories = list(dict.fromkeys(product.category for product in sale.products))
    sums = [
        sum(w for w, p in zip(weights, sale.products, strict=True) if p.category == category)
        for category in categories
    ]
    parts = [0] * len(weights)
    for category, received in zip(categories, apportion(sale.receipts, sums), strict=True):
        own = [i for i, product in enumerate(sale.products) if product.category == category]
        if any(weights[i] for i in own):
            for i, part in zip(own, apportion(received, [weights[i] for i in own]), strict=True):
                parts[i] = part
    return parts


def credits_of(sale: Sale, whole: int) -> list[tuple[int, int]]:
    parts = apportion(whole, [share for _, share in sale.shares])
    return [(person, part) for (person, _), part in zip(sale.shares, parts, strict=True)]
