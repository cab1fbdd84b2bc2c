"""Value added tax: the rate of a product on a day, and the tax that a sum contains.

Rates are data with dates (НК РФ, 164; 18 % until 2018, 20 % until 2025, 22 % since 1 January 2026,
by the day of shipment). A company says from which day on it pays tax in general, by a reduced rate
of the simplified system (5 or 7 %), or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from shared.errors import Invalid
from shared.money import rounded
from shared.vocabulary import VatCategory, VatMode

_STANDARD: Sequence[tuple[date, int]] = (
    (date(2026, 1, 1), 22),
    (date(2019, 1, 1), 20),
    (date.min, 18),
)
"""The standard rate in percent, from a day on; the newest first."""
_REDUCED = 10
_OF_MODES: Mapping[VatMode, int] = MappingProxyType({"reduced_5": 5, "reduced_7": 7})
MOST_PERIODS = 20


@dataclass(frozen=True, slots=True)
class VatPeriod:
    """From which day on a company pays the tax in which way, until the next period."""

    effective_from: date
    mode: VatMode


def mode_on(periods: Sequence[VatPeriod], day: date) -> VatMode | None:
    """How a company pays on a day; None for before its first period."""
    past = [period for period in periods if period.effective_from <= day]
    return max(past, key=lambda period: period.effective_from).mode if past else None


def require_different_days(periods: Sequence[VatPeriod]) -> None:
    """Raises `Invalid` where two periods begin on the same day."""
    days = [period.effective_from for period in periods]
    for place, day in enumerate(days):
        if day in days[:place]:
            raise Invalid(f"vat.{place}.effective_from", "distinct")


def rate_on(day: date, mode: VatMode, category: VatCategory) -> int | None:
    """The rate in percent of a product of `category` that is shipped on `day`; None: without tax.

    Exempt products are so for everybody, and exports are at zero whoever pays; the reduced rates of
    the simplified system take the place of both 22 and 10 %.
    """
    if mode == "none" or category == "exempt":
        return None
    if category == "zero":
        return 0
    if mode in _OF_MODES:
        return _OF_MODES[mode]
    if category == "reduced":
        return _REDUCED
    return next(rate for since, rate in _STANDARD if since <= day)


def tax_in(amount: Decimal, rate: int) -> Decimal:
    """The tax that `amount` contains, to the kopeck, halves up."""
    return rounded(amount * rate / (100 + rate))


def taxes_in(amounts: Sequence[tuple[Decimal, int | None]]) -> dict[int, Decimal]:
    """The tax by rate, the highest first: of the sum of all lines of a rate, rounded once.

    Lines without tax have no entry.
    """
    sums: dict[int, Decimal] = {}
    for amount, rate in amounts:
        if rate is not None:
            sums[rate] = sums.get(rate, Decimal(0)) + amount
    return {rate: tax_in(sums[rate], rate) for rate in sorted(sums, reverse=True)}
