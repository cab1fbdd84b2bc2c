"""What a piece of a product costs its company, by day: what margins are counted from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from shared.errors import Invalid

MOST_COSTS = 200


@dataclass(frozen=True, slots=True)
class CostFrom:
    """The cost of a piece, net of VAT, from a day on until the next one."""

    effective_from: date
    amount: Decimal


def with_cost(
    costs: Iterable[CostFrom], effective_from: date, amount: Decimal | None
) -> list[CostFrom]:
    """`costs` with another one from a day on, or without the one of that day; the oldest first.

    Raises `Invalid` where there would be too many.
    """
    changed = [cost for cost in costs if cost.effective_from != effective_from]
    if amount is not None:
        changed.append(CostFrom(effective_from, amount))
    if len(changed) > MOST_COSTS:
        raise Invalid("effective_from", "too_many", max=MOST_COSTS)
    return sorted(changed, key=lambda cost: cost.effective_from)


def cost_of_day(costs: Iterable[CostFrom], effective_from: date) -> Decimal | None:
    """The cost that begins on that very day; None where none does."""
    return next((cost.amount for cost in costs if cost.effective_from == effective_from), None)


def costs_from_json(stored: Iterable[Mapping[str, Any]]) -> list[CostFrom]:
    """The costs as they are stored with the product."""
    return [
        CostFrom(date.fromisoformat(cost["effective_from"]), Decimal(cost["cost"]["amount"]))
        for cost in stored
    ]


def costs_to_json(costs: Iterable[CostFrom], currency: str) -> list[dict[str, Any]]:
    """The costs as they are stored with the product, in its currency."""
    return [
        {
            "effective_from": cost.effective_from.isoformat(),
            "cost": {"amount": f"{cost.amount:.2f}", "currency": currency},
        }
        for cost in costs
    ]
