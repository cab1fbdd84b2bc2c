"""Lines of the month as a whole: pools first, then caps, floors and draws."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from services.motivation.domain.rules import (
    AtMonthEnd,
    Cap,
    Draw,
    Earning,
    Floor,
    Pool,
    Rule,
    rule_name,
)
from services.motivation.domain.rules.credit import HUNDRED, counted, divided
from services.motivation.domain.settlement.month import ROOM, CreditedDeal, Month, Who
from shared.ids import EmployeeId
from shared.money import MoneySum, rounded, shared_out
from shared.vocabulary import AttainmentMeasure

NOTHING = Decimal("0.00")
WHOLE = Decimal(1)
ORDER = (Pool, Cap, Floor, Draw)


class MonthLines:
    """The lines of a month's own rules, after `totals`, what each employee earned by deals."""

    def __init__(
        self, month: Month, deals: Sequence[CreditedDeal], totals: dict[EmployeeId, Decimal]
    ) -> None:
        self.lines: list[Earning] = []
        self.debts = dict(month.debts)
        self.missing_targets: set[tuple[Who, AttainmentMeasure]] = set()
        self._month, self._deals, self._totals = month, deals, totals

    def follow(self, rules: Sequence[Rule]) -> None:
        """Adds the lines of `rules`."""
        named = [(rule_name(position, rule), rule) for position, rule in enumerate(rules, 1)]
        if not self._month.ended:
            named = [each for each in named if not isinstance(each[1], AtMonthEnd)]
        for kind in ORDER:
            for name, rule in named:
                if isinstance(rule, kind):
                    for line in self._lines_of(name, rule):
                        id_ = line.employee_id
                        self._totals[id_] = self._totals.get(id_, NOTHING) + line.amount.amount
                        self.lines.append(line)

    def _lines_of(self, name: str, rule: Rule) -> Iterator[Earning]:
        if isinstance(rule, Pool):
            yield from self._pool(name, rule)
            return
        assert isinstance(rule, Cap | Floor | Draw)
        for id_ in sorted(rule.employee_ids or self._concerned(rule)):
            total = self._totals.get(id_, NOTHING)
            change = self._change(rule, id_, total)
            if change:
                base, limit = self._money(total), self._money(rule.amount.amount)
                yield Earning(id_, name, self._money(change), base, limit, WHOLE)

    def _concerned(self, rule: Cap | Floor | Draw) -> Iterable[EmployeeId]:
        """Who has earned something in the month; for draws also who owes."""
        return self._totals.keys() | (self.debts.keys() if isinstance(rule, Draw) else set())

    def _change(self, rule: Cap | Floor | Draw, id_: EmployeeId, total: Decimal) -> Decimal:
        limit = rule.amount.amount
        if isinstance(rule, Cap):
            return min(NOTHING, limit - total)
        if isinstance(rule, Floor) or not rule.recoverable:
            return max(NOTHING, limit - total)
        change = max(limit - total, -self.debts.get(id_, NOTHING))
        self.debts[id_] = self.debts.get(id_, NOTHING) + change
        return change

    def _pool(self, name: str, pool: Pool) -> Iterator[Earning]:
        """The pool's money by its shares, else by each seller's credit of the receipts."""
        matching = [deal.deal for deal in self._deals if pool.limits.match(deal.deal)]
        base = sum(
            (counted(deal, pool.limits.product_category, pool.base_of) for deal in matching),
            NOTHING,
        )
        whole = pool.amount.amount if pool.amount else rounded(base * (pool.percent or 0) / HUNDRED)
        weights = {share.employee_id: share.share for share in pool.shares} or self._credits(pool)
        if not self._is_reached(pool) or not sum(weights.values()):
            return
        ids = sorted(weights)
        parts = shared_out(whole, [weights[id_] for id_ in ids])
        for id_, part in zip(ids, parts, strict=True):
            if part:
                share = weights[id_] / sum(weights.values())
                yield Earning(
                    id_, name, self._money(part), self._money(base), self._money(whole), share
                )

    def _credits(self, pool: Pool) -> dict[EmployeeId, Decimal]:
        credit: dict[EmployeeId, Decimal] = {}
        for credited in self._deals:
            deal = credited.deal
            if pool.limits.match(deal):
                whole = counted(deal, pool.limits.product_category, "receipts")
                for share, part in zip(deal.shares, divided(whole, deal.shares), strict=True):
                    credit[share.employee_id] = credit.get(share.employee_id, NOTHING) + part
        return credit

    def _is_reached(self, pool: Pool) -> bool:
        if pool.threshold is None:
            return True
        key = ROOM, pool.attainment.measure
        least = pool.attainment.bound(pool.threshold, self._month.targets.get(key))
        if least is None:
            self.missing_targets.add(key)
            return False
        measured = (pool.attainment.measured(deal.deal, pool.limits) for deal in self._deals)
        return sum((part for part in measured if part is not None), NOTHING) >= least

    def _money(self, amount: Decimal) -> MoneySum:
        return MoneySum.build(amount=amount, currency=self._month.currency)
