"""Value added tax: how a company pays it on a day, and the rate of a product.

Rates are data with dates (НК РФ, 164; 18 % until 2018, 20 % until 2025, 22 % since 1 January 2026,
by the day of shipment). A company says from which day on it pays tax in general, by a reduced rate
of the simplified system (5 or 7 %), or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from shared.vocabulary import VatCategory, VatMode

_STANDARD: Sequence[tuple[date, int]] = (
    (date(2026, 1, 1), 22),
    (date(2019, 1, 1), 20),
    (date.min, 18),
)
"""The standard rate in percent, from a day on; the newest first."""
_REDUCED = 10
_OF_MODES: Mapping[VatMode, int] = MappingProxyType({"reduced_5": 5, "reduced_7": 7})


@dataclass(frozen=True, slots=True)
class VatPeriod:
    """From which day on a company pays the tax in which way, until the next period."""

    effective_from: date
    mode: VatMode


def mode_on(periods: Sequence[VatPeriod], day: date) -> VatMode | None:
    """How a company pays on a day; None for before its first period."""
    past = [period for period in periods if period.effective_from <= day]
    return max(past, key=lambda period: period.effective_from).mode if past else None


def rate_on(day: date, mode: VatMode, category: VatCategory) -> int | None:
    """The rate in percent of a product of `category` on `day`; None: without tax.

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
