"""What a won activity earns under the rules of a plan (domain.md, "Motivation").

Every rule that matches adds a line of its own: a plan with "5 % of receipts" and "1 % more for
cold" pays a cold sale both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.motivation.domain.deal import Deal
from shared.ids import EmployeeId
from shared.money import Money, rounded, shared_out

ALIKE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Which deals a rule is for; None is no limit."""

    product_category: str | None = None
    source_kind: str | None = None
    sale: str | None = None

    def match(self, deal: Deal) -> bool:
        """Whether the rule is for `deal`: its source, its sale, and at least one line of the
        category.
        """
        return (
            self.source_kind in (None, deal.source_kind)
            and self.sale in (None, deal.sale)
            and (
                self.product_category is None
                or any(line.category == self.product_category for line in deal.sold)
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

    def base(self, deal: Deal) -> Money:
        """The receipts that count: all, or what falls on the category's lines in proportion to the
        lines' amounts.

        Each line's part is rounded to the kopeck, halves away from zero; the largest line takes
        what rounding leaves over, so that the categories of a deal add up to its receipts. Lines
        that all cost nothing count alike.
        """
        if self.limits.product_category is None:
            return deal.receipts
        amounts = [line.amount for line in deal.sold]
        weights = amounts if sum(amounts) > 0 else [ALIKE] * len(amounts)
        parts = shared_out(deal.receipts.amount, weights)
        mine = [
            part
            for part, line in zip(parts, deal.sold, strict=True)
            if line.category == self.limits.product_category
        ]
        return Money(amount=sum(mine, Decimal("0.00")), currency=deal.receipts.currency)

    def line(self, deal: Deal) -> Money:
        """What `deal` earns before it is shared: to the kopeck, halves away from zero, once per
        line of pay.
        """
        base = self.base(deal)
        return Money(amount=rounded(base.amount * self.percent / 100), currency=base.currency)


@dataclass(frozen=True, slots=True)
class Fixed:
    """An amount once for each won activity that matches."""

    amount: Money
    limits: Limits = Limits()
    kind = "fixed"

    def base(self, deal: Deal) -> Money:
        return deal.receipts

    def line(self, deal: Deal) -> Money:
        return self.amount


Rule = PercentOfReceipts | Fixed


@dataclass(frozen=True, slots=True)
class Earned:
    """One employee's line under one rule, and what it was made of: `base` receipts, `whole` line,
    `share` of it.
    """

    employee_id: EmployeeId
    rule: str
    amount: Money
    base: Money
    whole: Money
    share: Decimal


def rule_name(position: int, rule: Rule) -> str:
    """What lines call the rule at `position` (from 1) of its plan version, as `1:fixed`; a
    published version keeps its order.
    """
    return f"{position}:{rule.kind}"


def earned(deal: Deal, rules: Sequence[Rule]) -> list[Earned]:
    """The lines that `deal` has earned as it stands; none unless it is won, none of nothing.

    A line is shared out to the kopeck, nothing lost: the first of the largest shares takes what
    rounding leaves over.
    """
    if deal.won_at is None or not deal.parts:
        return []
    lines: list[Earned] = []
    for position, rule in enumerate(rules, 1):
        if rule.limits.match(deal):
            lines += _shared(deal, rule, rule_name(position, rule))
    return lines


def _shared(deal: Deal, rule: Rule, name: str) -> list[Earned]:
    base, whole = rule.base(deal), rule.line(deal)
    amounts = shared_out(whole.amount, [part.share for part in deal.parts])
    return [
        Earned(
            part.employee_id,
            name,
            Money.of(amount=amount, currency=whole.currency),
            base,
            whole,
            part.share,
        )
        for part, amount in zip(deal.parts, amounts, strict=True)
        if amount
    ]
