"""Tiers: a rate that follows what was attained in the month."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.motivation.domain.deal import Deal
from services.motivation.domain.rules.credit import HUNDRED, counted
from services.motivation.domain.rules.limits import EVERY_DEAL, Limits
from services.motivation.domain.rules.terms import NO_TERMS, WHOLE, Terms
from shared.vocabulary import (
    AttainmentMeasure,
    AttainmentScope,
    BoundUnit,
    CreditedDeals,
    PayBase,
    TierMode,
)

NO_RATE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tier:
    """A `rate` from an attainment of `start` on, that included: a percentage, or an amount for each
    deal. Below the first tier nothing is paid.
    """

    start: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Attainment:
    """What is attained in the month: the `measure` of the seller's deals or of all the room's,
    either those that match the rule or all; bounds are amounts of it or percent of its target.
    """

    measure: AttainmentMeasure = "receipts"
    scope: AttainmentScope = "seller"
    unit: BoundUnit = "amount"
    deals: CreditedDeals = "matching"

    def measured(self, deal: Deal, limits: Limits) -> Decimal | None:
        """What `deal` adds, before it is credited to its sellers; None where it does not count."""
        if self.deals == "matching" and not limits.match(deal):
            return None
        if self.measure == "count":
            return WHOLE
        category = limits.product_category if self.deals == "matching" else None
        return counted(deal, category, self.measure)

    def bound(self, start: Decimal, target: Decimal | None) -> Decimal | None:
        """A bound as an amount of the measure; None where it needs a target that is not set, as
        nothing of it does not.
        """
        if self.unit == "amount" or not start:
            return start
        return start * target / HUNDRED if target else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiered:
    """A percentage of what counts, or an amount for each deal, by tiers of the month's attainment.

    Marginal: each part of the attainment is paid at its own tier's rate. Retroactive: all of it at
    the rate of the tier that was reached. `currency` is that of amounts, None for percentages.
    Below the `threshold` nothing is paid; once it is reached, all.
    """

    tiers: tuple[Tier, ...]
    currency: str | None = None
    mode: TierMode = "marginal"
    attainment: Attainment = Attainment()
    threshold: Decimal | None = None
    base_of: PayBase = "receipts"
    limits: Limits = EVERY_DEAL
    terms: Terms = NO_TERMS

    @property
    def kind(self) -> str:
        """The kind's name in plans and entries."""
        return "tiered_fixed" if self.currency else "tiered_percent"

    @property
    def pays_what_it_measures(self) -> bool:
        """Whether the money paid for is the very money attained, so that bounds divide it."""
        return (
            not self.currency
            and self.attainment.scope == "seller"
            and self.attainment.deals == "matching"
            and self.attainment.measure == self.base_of
        )

    def scale(self, target: Decimal | None) -> "Scale":
        """The tiers with bounds as amounts; without a target that they need, only the rate at an
        attainment of nothing.
        """
        per = WHOLE if self.currency else HUNDRED
        bounds = [(self.attainment.bound(tier.start, target), tier) for tier in self.tiers]
        placed = [(bound, tier.rate / per) for bound, tier in bounds if bound is not None]
        least = None if self.threshold is None else self.attainment.bound(self.threshold, target)
        return Scale(
            tuple(start for start, _ in placed),
            tuple(rate for _, rate in placed),
            least,
            reachable=self.threshold is None or least is not None,
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """Rates from `starts` on, and the least attainment that is paid at all; not `reachable` where
    that needs a target which is not set.
    """

    starts: tuple[Decimal, ...]
    rates: Sequence[Decimal]
    least: Decimal | None
    reachable: bool

    def pays(self, attained: Decimal) -> bool:
        """Whether anything is paid at this attainment."""
        return self.reachable and (self.least is None or attained >= self.least)

    def level(self, attained: Decimal) -> tuple[bool, int]:
        """What changes as tiers or the threshold are crossed, and only then."""
        return self.pays(attained), bisect_right(self.starts, attained)

    def rate(self, attained: Decimal) -> Decimal:
        """The rate of the tier that `attained` is in."""
        position = bisect_right(self.starts, attained)
        return self.rates[position - 1] if position else NO_RATE

    def between(self, low: Decimal, high: Decimal) -> Decimal:
        """The sum of each tier's rate times the part of `low` to `high` in it."""
        ends = (*self.starts[1:], max(high, *self.starts)) if self.starts else ()
        return sum(
            (
                rate * max(NO_RATE, min(high, end) - max(low, start))
                for start, end, rate in zip(self.starts, ends, self.rates, strict=True)
            ),
            NO_RATE,
        )
