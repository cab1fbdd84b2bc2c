"""A plan as text: every rule as sentences that say all of it, for those whom it pays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import (
    Attainment,
    Cap,
    Draw,
    Fixed,
    Floor,
    Limits,
    PercentOfReceipts,
    Pool,
    Rule,
    Terms,
    Tiered,
    looks_at_catalogue,
)
from services.motivation.domain.rules.terms import WHOLE
from services.motivation.queries.figures import Figures
from services.motivation.queries.plan_phrases import MONTHS, PHRASES
from shared.ids import EmployeeId
from shared.money import MoneySum
from shared.vocabulary import Language


@dataclass(frozen=True, slots=True)
class PlanText:
    """Prints plans in a `language`; `people` are the personnel numbers of employees, who are named
    by their ids where they have none.
    """

    language: Language
    people: Mapping[EmployeeId, str | None]

    def print(self, plan: Plan, name: str) -> list[str]:
        """The heading, a numbered paragraph for each rule, and what holds for all."""
        kind = "draft" if plan.plan_version is None else "version"
        day = self._day(plan.effective_from)
        heading = self._say(kind, name=name, version=plan.plan_version, day=day)
        rules = [
            f"{position}. {' '.join(self._rule(rule))}"
            for position, rule in enumerate(plan.rules, 1)
        ]
        closing = ["closing"]
        if looks_at_catalogue(plan.rules):
            closing.append("closing_catalogue")
        return [heading, *rules, *map(self._say, closing)]

    def _rule(self, rule: Rule) -> list[str]:
        match rule:
            case PercentOfReceipts():
                pays = self._say(
                    rule.kind, percent=self._number(rule.percent), base=self._base(rule.base_of)
                )
                return [pays, *self._limits(rule.limits), *self._terms(rule.terms)]
            case Fixed():
                return [self._fixed(rule), *self._limits(rule.limits), *self._terms(rule.terms)]
            case Tiered():
                return self._tiered(rule)
            case Pool():
                return self._pool(rule)
            case _:
                return self._monthly(rule)

    def _fixed(self, rule: Fixed) -> str:
        amount = self._money(rule.amount)
        if rule.minimum_receipts is None:
            return self._say("fixed", amount=amount)
        return self._say("fixed_minimum", amount=amount, minimum=self._money(rule.minimum_receipts))

    def _tiered(self, rule: Tiered) -> list[str]:
        kind = "fixed" if rule.currency else "percent"
        tiers = [
            self._say(
                f"tier_{kind}",
                bound=self._bound(tier.start, rule.attainment),
                percent=self._number(tier.rate),
                amount=self._amount(tier.rate, rule.currency or ""),
            )
            for tier in rule.tiers
        ]
        return [
            self._say(rule.kind, base=self._base(rule.base_of), tiers="; ".join(tiers)),
            self._attainment(rule.attainment),
            self._say(rule.mode),
            *self._threshold(rule.threshold, rule.attainment),
            *self._limits(rule.limits),
            *self._terms(rule.terms),
        ]

    def _pool(self, rule: Pool) -> list[str]:
        if rule.amount:
            pool = self._say("pool_amount", amount=self._money(rule.amount))
        else:
            percent = self._number(rule.percent or Decimal(0))
            pool = self._say("pool_percent", percent=percent, base=self._base(rule.base_of))
        waits = [] if rule.threshold is None else [self._attainment(rule.attainment)]
        parts = [
            self._say(
                "pool_share",
                person=self._person(part.employee_id),
                percent=self._number(part.share * 100),
            )
            for part in rule.shares
        ]
        division = self._say("pool_shares", shares="; ".join(parts)) if parts else ""
        return [
            pool,
            *waits,
            *self._threshold(rule.threshold, rule.attainment),
            division or self._say("pool_credit"),
            *self._limits(rule.limits),
        ]

    def _monthly(self, rule: Cap | Floor | Draw) -> list[str]:
        kind: str = rule.kind
        if isinstance(rule, Draw):
            kind = "draw_recoverable" if rule.recoverable else "draw_forgiven"
        sentence = self._say(kind, amount=self._money(rule.amount))
        people = [self._say("people", people=self._people(rule.employee_ids))]
        return [sentence, *(people if rule.employee_ids else [])]

    def _attainment(self, attainment: Attainment) -> str:
        return self._say(
            "attainment",
            measure=self._say(f"measure_{attainment.measure}"),
            scope=self._say(f"scope_{attainment.scope}"),
            deals=self._say(f"deals_{attainment.deals}"),
        )

    def _threshold(self, threshold: Decimal | None, attainment: Attainment) -> list[str]:
        if threshold is None:
            return []
        return [self._say("threshold", bound=self._bound(threshold, attainment))]

    def _bound(self, bound: Decimal, attainment: Attainment) -> str:
        if attainment.unit == "percent_of_target":
            return self._say("target_bound", percent=self._number(bound))
        if attainment.measure == "count":
            return self._say("count_bound", count=self._number(bound))
        return self._say("money_bound", amount=self._number(bound))

    def _limits(self, limits: Limits) -> list[str]:
        category, source, sale = limits.product_category, limits.source_kind, limits.sale
        return [
            *([self._say("product_category", value=category)] if category is not None else []),
            *([self._say(f"source_kind_{source}")] if source else []),
            *([self._say(f"sale_{sale}")] if sale else []),
        ]

    def _terms(self, terms: Terms) -> list[str]:
        coefficient = self._number(terms.vip_coefficient)
        weighs = terms.vip_coefficient != WHOLE
        return [
            *([self._say("vip_coefficient", coefficient=coefficient)] if weighs else []),
            *([self._say("rule_cap", amount=self._money(terms.cap))] if terms.cap else []),
            *(
                [self._say("recipients", people=self._people(terms.recipients))]
                if terms.recipients
                else []
            ),
        ]

    def _base(self, base: str) -> str:
        return self._say(f"base_{base}")

    def _people(self, ids: Sequence[EmployeeId]) -> str:
        return ", ".join(map(self._person, ids))

    def _person(self, id_: EmployeeId) -> str:
        number = self.people.get(id_)
        return self._say("personnel_number", number=number) if number else str(id_)

    def _money(self, money: MoneySum) -> str:
        return self._amount(money.amount, money.currency)

    def _amount(self, amount: Decimal, currency: str) -> str:
        return Figures(self.language).money(amount, currency)

    def _number(self, value: Decimal) -> str:
        return Figures(self.language).number(value)

    def _day(self, day: date) -> str:
        ending = " года" if self.language == "ru" else ""
        return f"{day.day} {MONTHS[self.language][day.month - 1]} {day.year}{ending}"

    def _say(self, phrase: str, **values: object) -> str:
        return PHRASES[self.language][phrase].format(**values)
