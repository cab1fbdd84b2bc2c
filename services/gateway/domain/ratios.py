"""The ratios of reports: what a request and a win cost, conversion, and what advertising returns.

Dividing by nothing gives None: there is no such figure.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from shared.money import rounded

Sums = Mapping[str, Decimal]
"""By currency; currencies never meet."""
_PLACES = Decimal("0.0001")


def conversion(won: int, requests: int, outside: int) -> Decimal | None:
    """The part of the requests that were won, of those that count: without the ones that were lost
    for reasons outside conversion. Four places.
    """
    return _ratio(Decimal(won), Decimal(requests - outside))


def cost_of_each(cost: Sums, count: int) -> dict[str, Decimal] | None:
    """The cost of one of `count`, to the kopeck: CPL of requests, cost per won of wins."""
    if count == 0:
        return None
    return {currency: rounded(amount / count) for currency, amount in cost.items()}


def return_on_cost(
    receipts: Sums, cost: Sums, pay: Sums | None = None
) -> dict[str, Decimal | None]:
    """ROMI: receipts less the cost, and less `pay` where it is given, in parts of the cost. Four
    places; for every currency in which something was received or spent.
    """
    returns = {}
    for currency in sorted({*receipts, *cost, *(pay or {})}):
        spent = cost.get(currency, Decimal(0))
        paid = (pay or {}).get(currency, Decimal(0))
        returns[currency] = _ratio(receipts.get(currency, Decimal(0)) - spent - paid, spent)
    return returns


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    if whole <= 0:
        return None
    return (part / whole).quantize(_PLACES, ROUND_HALF_UP)
