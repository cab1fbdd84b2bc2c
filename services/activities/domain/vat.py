"""Value added tax on invoices: what a sum contains, and what a company says of it."""

from collections.abc import Sequence
from decimal import Decimal

from shared.errors import Invalid
from shared.money import VatPeriod, rounded

MOST_PERIODS = 20


def require_different_days(periods: Sequence[VatPeriod]) -> None:
    """Raises `Invalid` where two periods begin on the same day."""
    days = [period.effective_from for period in periods]
    for place, day in enumerate(days):
        if day in days[:place]:
            raise Invalid(f"vat.{place}.effective_from", "distinct")


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
