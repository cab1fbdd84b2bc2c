"""The settlement of a month."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Context, Decimal, localcontext

from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import Cap, Draw, Earning, Floor, Pool, Tiered, rule_name
from services.motivation.domain.settlement.month import CreditedDeal, Month, Settlement, Who
from services.motivation.domain.settlement.monthly import MonthLines
from services.motivation.domain.settlement.running import FlatMonth, Step, TieredMonth
from shared.ids import EmployeeId, PlanId
from shared.money import MoneySum, rounded
from shared.vocabulary import AttainmentMeasure

_EXACT = Context(prec=80)
NOTHING = Decimal("0.00")


def settle(month: Month) -> Settlement:
    """Every line of the month, whatever the order of `month.deals`.

    A rule of a plan version pays the deals of that version, while its attainment counts the whole
    month's. Rounded is the month's total of an employee under a rule: to the kopeck, halves away
    from zero; flat rules round each deal.
    """
    with localcontext(_EXACT):
        won = (deal for deal in month.deals if deal.deal.won_at and deal.deal.shares)
        deals = sorted(won, key=lambda deal: deal.place)
        plans = {deal.plan.id: deal.plan for deal in deals}
        books = [_RuleBook(plan, month) for plan in plans.values()]
        lines = {deal.activity_id: _lines_of(deal, books) for deal in deals}
        own_lines = MonthLines(month, deals, _totals(lines.values()))
        own_lines.follow(month.last_plan.rules if month.last_plan else ())
    return Settlement(
        {activity_id: earned for activity_id, earned in lines.items() if earned},
        own_lines.lines,
        own_lines.debts,
        {key: attained for book in books for key, attained in book.attained()},
        frozenset(own_lines.missing_targets).union(*(book.missing_targets() for book in books)),
    )


def _lines_of(deal: CreditedDeal, books: Sequence["_RuleBook"]) -> list[Earning]:
    return [line for book in books for line in book.follow(deal)]


def _totals(lines: Iterable[Sequence[Earning]]) -> dict[EmployeeId, Decimal]:
    totals: dict[EmployeeId, Decimal] = {}
    for line in (line for earned in lines for line in earned):
        totals[line.employee_id] = totals.get(line.employee_id, NOTHING) + line.amount.amount
    return totals


class _RuleBook:
    """A plan version's rules over the month, and each employee's rounded totals so far."""

    def __init__(self, plan: Plan, month: Month) -> None:
        self._plan_id, self._currency = plan.id, month.currency
        self._rules = {
            rule_name(position, rule): (
                TieredMonth(rule, month.targets) if isinstance(rule, Tiered) else FlatMonth(rule)
            )
            for position, rule in enumerate(plan.rules, 1)
            if not isinstance(rule, Pool | Cap | Floor | Draw)
        }
        self._totals: dict[tuple[str, EmployeeId], Decimal] = {}

    def follow(self, deal: CreditedDeal) -> Iterator[Earning]:
        """The lines of the next deal."""
        pays = deal.plan.id == self._plan_id
        for name, rule in self._rules.items():
            cap = rule.rule.terms.cap
            for step in rule.follow(deal.deal, pays=pays):
                total = rounded(min(step.total, cap.amount) if cap else step.total)
                amount = total - self._totals.get((name, step.employee_id), NOTHING)
                self._totals[name, step.employee_id] = total
                if amount:
                    yield self._line(name, step, amount, total)

    def attained(self) -> Iterator[tuple[tuple[PlanId, str], Mapping[Who, Decimal]]]:
        """The attainments of tiered rules."""
        for name, rule in self._rules.items():
            if isinstance(rule, TieredMonth):
                yield (self._plan_id, name), rule.attained

    def missing_targets(self) -> set[tuple[Who, AttainmentMeasure]]:
        """The targets that rules needed and that are not set."""
        tiered = (rule for rule in self._rules.values() if isinstance(rule, TieredMonth))
        return {key for rule in tiered for key in rule.missing_targets}

    def _line(self, name: str, step: Step, amount: Decimal, total: Decimal) -> Earning:
        before_shares = amount if step.before_shares is None else step.before_shares
        return Earning(
            step.employee_id,
            name,
            self._money(amount),
            self._money(step.base),
            self._money(before_shares),
            step.share,
            step.attained,
            step.rate,
            self._money(total),
        )

    def _money(self, amount: Decimal) -> MoneySum:
        return MoneySum.build(amount=amount, currency=self._currency)
