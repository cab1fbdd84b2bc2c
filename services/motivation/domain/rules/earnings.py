"""What a deal earns, and whether the rest of the month has a say in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.motivation.domain.deal import Deal
from services.motivation.domain.rules.credit import divided
from services.motivation.domain.rules.flat import Fixed, PercentOfReceipts
from services.motivation.domain.rules.monthly import AtMonthEnd, Cap, Draw, Floor, Pool
from services.motivation.domain.rules.tiered import Tiered
from shared.ids import EmployeeId
from shared.money import Money, MoneySum

Flat = PercentOfReceipts | Fixed
Rule = Flat | Tiered | Pool | Cap | Floor | Draw


@dataclass(frozen=True, slots=True)
class Earning:
    """One employee's pay under one rule, for a deal or for a month, and what it was computed from:
    the `base` receipts, the amount `before_shares`, the `share` of it.

    Of a rule that looks at the month: what was `attained` with this deal, the `rate` there (a
    fraction, or an amount for each deal), and the `month_total` of the employee under the rule.
    """

    employee_id: EmployeeId
    rule: str
    amount: MoneySum
    base: MoneySum
    before_shares: MoneySum
    share: Decimal
    attained: Decimal | None = None
    rate: Decimal | None = None
    month_total: MoneySum | None = None


def rule_name(position: int, rule: Rule) -> str:
    """The name by which entries call the rule at `position` (from 1) of its plan version, as
    `1:fixed`; a published version keeps its order.
    """
    return f"{position}:{rule.kind}"


def amounts_of(rule: Rule) -> list[tuple[str, str]]:
    """The rule's amounts by the names of their fields, with their currencies."""
    amounts: dict[str, Money | None] = {}
    if isinstance(rule, Tiered):
        currencies = [("tiers.0.amount", rule.currency)] if rule.currency else []
        amounts["cap"] = rule.terms.cap
        return currencies + [(name, money.currency) for name, money in amounts.items() if money]
    if isinstance(rule, Flat):
        amounts["cap"] = rule.terms.cap
    if isinstance(rule, Fixed):
        amounts["minimum_receipts"] = rule.minimum_receipts
    if not isinstance(rule, PercentOfReceipts):
        amounts["amount"] = rule.amount
    return [(name, money.currency) for name, money in amounts.items() if money]


def employees_of(rule: Rule) -> tuple[EmployeeId, ...]:
    """The employees whom the rule names."""
    match rule:
        case Pool():
            return tuple(part.employee_id for part in rule.shares)
        case Cap() | Floor() | Draw():
            return rule.employee_ids
        case _:
            return rule.terms.recipients


def field_of_employees(rule: Rule) -> str:
    """The field in which the rule names employees."""
    if isinstance(rule, Pool):
        return "shares"
    return "employee_ids" if isinstance(rule, Cap | Floor | Draw) else "recipients"


def pays_by_month(rules: Iterable[Rule]) -> bool:
    """Whether what a deal earns may depend on the month's other deals; `earnings` is whole where it
    does not, and `settle` is needed where it does.
    """
    return any(not isinstance(rule, Flat) or rule.terms.cap for rule in rules)


def waits_for_month_end(rules: Iterable[Rule]) -> bool:
    """Whether a rule posts lines only once the month has ended: a floor or a draw."""
    return any(isinstance(rule, AtMonthEnd) for rule in rules)


def looks_at_catalogue(rules: Iterable[Rule]) -> bool:
    """Whether a rule pays for, or measures, receipts net of VAT or the margin, so that the tax and
    the cost of products matter.
    """
    return any(not _is_of_receipts(rule) for rule in rules)


def looks_at_cost(rule: Rule) -> bool:
    """Whether the rule pays for the margin, or measures it."""
    if not isinstance(rule, PercentOfReceipts | Tiered | Pool):
        return False
    measure = None if isinstance(rule, PercentOfReceipts) else rule.attainment.measure
    return "margin" in (rule.base_of, measure)


def _is_of_receipts(rule: Rule) -> bool:
    attainment = getattr(rule, "attainment", None)
    return getattr(rule, "base_of", "receipts") == "receipts" and (
        attainment is None or attainment.measure in ("receipts", "count")
    )


def needs_room(rules: Iterable[Rule]) -> bool:
    """Whether one employee's pay may depend on deals in which they have no share: with
    `pays_by_month`, on all deals of the room.
    """
    return any(_needs_room(rule) for rule in rules)


def _needs_room(rule: Rule) -> bool:
    match rule:
        case Pool():
            return True
        case Tiered():
            return rule.attainment.scope == "room" or bool(rule.terms.recipients)
        case PercentOfReceipts() | Fixed():
            return bool(rule.terms.recipients and rule.terms.cap)
        case _:
            return False


def earnings(deal: Deal, rules: Sequence[Rule]) -> list[Earning]:
    """The pay that `deal` has earned by itself under flat rules as it stands: empty unless it is
    won, without zero amounts.

    A rule's amount is shared out to the kopeck, nothing lost, each part within a kopeck of its
    share: by the largest remainder, of equal ones to the largest share, then to the first.
    """
    if deal.won_at is None or not deal.shares:
        return []
    return [
        earning
        for position, rule in enumerate(rules, 1)
        if isinstance(rule, Flat) and rule.limits.match(deal)
        for earning in flat_earnings(deal, rule, rule_name(position, rule))
        if earning.amount.amount
    ]


def flat_earnings(deal: Deal, rule: Flat, name: str) -> list[Earning]:
    """What a matching deal earns under a flat rule, for each who is paid, zeros included."""
    base, before_shares = rule.base(deal), rule.before_shares(deal)
    paid = rule.terms.paid_shares(deal)
    whole = before_shares.amount
    amounts = [whole] * len(paid) if rule.terms.recipients else divided(whole, paid)
    return [
        Earning(
            share.employee_id,
            name,
            MoneySum.build(amount=amount, currency=before_shares.currency),
            base,
            before_shares,
            share.share,
        )
        for share, amount in zip(paid, amounts, strict=True)
    ]
