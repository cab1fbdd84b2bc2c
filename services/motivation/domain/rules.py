"""Rules of pay: what a won activity earns under a plan (domain.md, "Motivation").

Every rule that matches adds an entry of its own: a plan with "5 % of receipts" and "1 % more for
cold" pays a cold sale both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.motivation.domain.deal import Deal
from shared.ids import EmployeeId
from shared.money import Money, MoneySum, rounded, shared_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The deals that a rule is for; None is no limit."""

    product_category: str | None = None
    source_kind: str | None = None
    sale: str | None = None

    def match(self, deal: Deal) -> bool:
        """Whether the rule is for `deal`: its source, its sale, and at least one product of the
        category.
        """
        return (
            self.source_kind in (None, deal.source_kind)
            and self.sale in (None, deal.sale)
            and (
                self.product_category is None
                or any(product.category == self.product_category for product in deal.products)
            )
        )


@dataclass(frozen=True, slots=True)
class PercentOfReceipts:
    """A percentage of the money received, net of refunds; of its category's part where limited to
    one.
    """

    percent: Decimal
    limits: Limits = Limits()
    kind = "percent_of_receipts"

    def base(self, deal: Deal) -> MoneySum:
        """The receipts that count: all, or what falls on the category's products."""
        if self.limits.product_category is None:
            return deal.receipts
        return deal.received_for(self.limits.product_category)

    def before_shares(self, deal: Deal) -> MoneySum:
        """The pay for `deal` before it is shared: to the kopeck, halves away from zero, rounded
        once.
        """
        base = self.base(deal)
        amount = rounded(base.amount * self.percent / 100)
        return MoneySum.build(amount=amount, currency=base.currency)


@dataclass(frozen=True, slots=True)
class Fixed:
    """An amount once for each won activity that matches."""

    amount: Money
    limits: Limits = Limits()
    kind = "fixed"

    def base(self, deal: Deal) -> MoneySum:
        """The receipts, for the explanation only: a fixed amount does not depend on them."""
        return deal.receipts

    def before_shares(self, _: Deal) -> MoneySum:
        """The fixed amount."""
        return self.amount


Rule = PercentOfReceipts | Fixed


@dataclass(frozen=True, slots=True)
class Earning:
    """One employee's pay for a deal under one rule, and what it was computed from: the `base`
    receipts, the amount `before_shares`, the `share` of it.
    """

    employee_id: EmployeeId
    rule: str
    amount: MoneySum
    base: MoneySum
    before_shares: MoneySum
    share: Decimal


def rule_name(position: int, rule: Rule) -> str:
    """The name by which entries call the rule at `position` (from 1) of its plan version, as
    `1:fixed`; a published version keeps its order.
    """
    return f"{position}:{rule.kind}"


def earnings(deal: Deal, rules: Sequence[Rule]) -> list[Earning]:
    """The pay that `deal` has earned as it stands: empty unless it is won, without zero amounts.

    A rule's amount is shared out to the kopeck, nothing lost, each part within a kopeck of its
    share: by the largest remainder, of equal ones to the largest share, then to the first.
    """
    if deal.won_at is None or not deal.shares:
        return []
    return [
        earning
        for position, rule in enumerate(rules, 1)
        if rule.limits.match(deal)
        for earning in _share_out(deal, rule, rule_name(position, rule))
    ]


def _share_out(deal: Deal, rule: Rule, name: str) -> list[Earning]:
    base, before_shares = rule.base(deal), rule.before_shares(deal)
    amounts = shared_out(before_shares.amount, [seller.share for seller in deal.shares])
    return [
        Earning(
            seller.employee_id,
            name,
            MoneySum.build(amount=amount, currency=before_shares.currency),
            base,
            before_shares,
            seller.share,
        )
        for seller, amount in zip(deal.shares, amounts, strict=True)
        if amount
    ]
