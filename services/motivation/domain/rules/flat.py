"""Flat rules: each deal is paid by itself, whatever else the month brings."""

from dataclasses import dataclass
from decimal import Decimal

from services.motivation.domain.deal import Deal
from services.motivation.domain.rules.credit import HUNDRED, counted
from services.motivation.domain.rules.limits import EVERY_DEAL, Limits
from services.motivation.domain.rules.terms import NO_TERMS, Terms
from shared.money import Money, MoneySum, rounded
from shared.vocabulary import PayBase


@dataclass(frozen=True, slots=True)
class PercentOfReceipts:
    """A percentage of what counts of the money received, net of refunds: see `counted`."""

    percent: Decimal
    limits: Limits = EVERY_DEAL
    base_of: PayBase = "receipts"
    terms: Terms = NO_TERMS
    kind = "percent_of_receipts"

    def base(self, deal: Deal) -> MoneySum:
        """The money that counts."""
        counts = counted(deal, self.limits.product_category, self.base_of)
        return MoneySum.build(amount=counts, currency=deal.receipts.currency)

    def before_shares(self, deal: Deal) -> MoneySum:
        """The pay for `deal` before it is shared: to the kopeck, halves away from zero, rounded
        once.
        """
        base = self.base(deal)
        amount = rounded(base.amount * self.percent * self.terms.coefficient(deal) / HUNDRED)
        return MoneySum.build(amount=amount, currency=base.currency)


@dataclass(frozen=True, slots=True)
class Fixed:
    """An amount once for each won activity that matches and has brought at least
    `minimum_receipts`, refunds taken off.
    """

    amount: Money
    limits: Limits = EVERY_DEAL
    minimum_receipts: Money | None = None
    terms: Terms = NO_TERMS
    kind = "fixed"

    def base(self, deal: Deal) -> MoneySum:
        """The receipts, for the explanation: the amount does not depend on them."""
        return deal.receipts

    def before_shares(self, deal: Deal) -> MoneySum:
        """The fixed amount, nothing below the minimum."""
        if self.minimum_receipts and deal.receipts.amount < self.minimum_receipts.amount:
            return MoneySum.zero(self.amount.currency)
        amount = rounded(self.amount.amount * self.terms.coefficient(deal))
        return MoneySum.build(amount=amount, currency=self.amount.currency)
