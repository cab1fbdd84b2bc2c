"""The reference calculation of a month's pay: written from a plan's printed text, by fractions.

It shares no code with the product and takes another way: what an employee has under a rule after
each deal is computed from nothing every time, and a deal's line is the difference of two of those.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.unit.motivation.reference_sales import (
    Facts,
    Sale,
    apportion,
    credits_of,
    half_up,
    matches,
    money,
)

Lines = dict[tuple[int | None, int, int], int]
"""Kopecks by deal (None for the month), employee and the number of the rule."""
ROOM = 0


def pay(rules: Sequence[dict[str, Any]], facts: Facts) -> tuple[Lines, dict[int, int]]:
    """Every line that is not zero, and the debts after the month."""
    sales = sorted(facts.sales, key=lambda sale: (sale.day, sale.id))
    people = sorted({person for sale in sales for person, _ in sale.shares} | _named(rules))
    lines: Lines = {}
    for number, rule in enumerate(rules, 1):
        for person in people:
            before = 0
            for count, sale in enumerate(sales, 1):
                after = month_total(rule, person, sales[:count], facts.targets)
                if after != before:
                    lines[sale.id, person, number] = after - before
                before = after
    debts = dict(facts.debts)
    for kind in ("pool", "cap", "floor", "gift or draw"):
        for number, rule in enumerate(rules, 1):
            if rule["kind"] in kind:
                _month_lines(number, rule, sales, facts, lines, debts)
    return lines, debts


def month_total(
    rule: dict[str, Any], person: int, sales: Sequence[Sale], targets: Mapping[tuple[int, str], int]
) -> int:
    """What the employee has under a rule for deals after `sales`, to the kopeck."""
    kind = rule["kind"]
    if kind in ("percent", "fixed"):
        exact = Fraction(sum(_flat(rule, person, sale) for sale in sales if matches(rule, sale)))
    elif kind == "tiers":
        exact = _tiered(rule, person, sales, targets)
    else:
        return 0
    limit: Fraction | None = rule["limit"]
    return half_up(exact if limit is None else min(exact, limit))


def _flat(rule: dict[str, Any], person: int, sale: Sale) -> int:
    weight = rule["vip"] if sale.vip else Fraction(1)
    if rule["kind"] == "percent":
        base = money(sale, rule["category"], rule["base"])
        whole = half_up(base * rule["percent"] / 100 * weight)
    elif rule["minimum"] is not None and sale.receipts < rule["minimum"]:
        whole = 0
    else:
        whole = half_up(rule["amount"] * weight)
    if recipients := list[int](rule["recipients"]):
        return whole * recipients.count(person)
    return dict(credits_of(sale, whole)).get(person, 0)


def _tiered(
    rule: dict[str, Any], person: int, sales: Sequence[Sale], targets: Mapping[tuple[int, str], int]
) -> Fraction:
    measure, scope, _ = rule["attainment"]
    target = targets.get((ROOM if scope == "room" else person, measure))
    bounds = [(_amount(bound, target), rate) for bound, rate in rule["tiers"]]
    tiers = [(bound, rate) for bound, rate in bounds if bound is not None]
    attained = [_attained(rule, person, sales[:count]) for count in range(len(sales) + 1)]
    if rule["threshold"] is not None:
        least = _amount(rule["threshold"], target)
        if least is None or attained[-1] < least:
            return Fraction(0)
    earned = credited = Fraction(0)
    for before, after, sale in zip(attained, attained[1:], sales, strict=False):
        if matches(rule, sale):
            base = _base(rule, person, sale) * (rule["vip"] if sale.vip else 1)
            credited += base
            earned += _marginal(rule, tiers, base, before, after)
    return credited * _rate(tiers, attained[-1]) if rule["retroactive"] else earned


def _marginal(
    rule: dict[str, Any],
    tiers: list[tuple[Fraction, Fraction]],
    base: Fraction,
    before: Fraction,
    after: Fraction,
) -> Fraction:
    """The base at the mean rate of the tiers that the deal passes through."""
    if after == before:
        exact = base * _rate(tiers, after)
    else:
        edges = sorted({before, after, *(bound for bound, _ in tiers if before < bound < after)})
        pieces = pairwise(edges)
        exact = sum(
            (base * (high - low) / (after - before) * _rate(tiers, low) for low, high in pieces),
            Fraction(0),
        )
    own = rule["attainment"] == (rule["base"], "seller", "matching")
    return exact if own else Fraction(half_up(exact))


def _rate(tiers: list[tuple[Fraction, Fraction]], attained: Fraction) -> Fraction:
    reached = [rate for bound, rate in tiers if bound <= attained]
    return reached[-1] if reached else Fraction(0)


def _amount(bound: tuple[Fraction, str], target: int | None) -> Fraction | None:
    value, unit = bound
    if unit != "target":
        return value
    if target:
        return value * target / 100
    return Fraction(0) if value == 0 else None


def _attained(rule: dict[str, Any], person: int, sales: Sequence[Sale]) -> Fraction:
    measure, scope, deals = rule["attainment"]
    attained = Fraction(0)
    for sale in sales:
        if deals == "matching" and not matches(rule, sale):
            continue
        if measure == "count":
            shares = dict(sale.shares)
            attained += 1 if scope == "room" else shares.get(person, Fraction(0))
        else:
            whole = money(sale, rule["category"] if deals == "matching" else None, measure)
            attained += whole if scope == "room" else dict(credits_of(sale, whole)).get(person, 0)
    return attained


def _base(rule: dict[str, Any], person: int, sale: Sale) -> Fraction:
    if rule["base"] is None:
        if rule["recipients"]:
            return Fraction(rule["recipients"].count(person))
        return Fraction(dict(sale.shares).get(person, 0))
    whole = money(sale, rule["category"], rule["base"])
    if rule["recipients"]:
        return Fraction(whole * rule["recipients"].count(person))
    return Fraction(dict(credits_of(sale, whole)).get(person, 0))


def _named(rules: Sequence[dict[str, Any]]) -> set[int]:
    return {person for rule in rules for person in (*rule["recipients"], *rule["named"])}


def _month_lines(
    number: int,
    rule: dict[str, Any],
    sales: Sequence[Sale],
    facts: Facts,
    lines: Lines,
    debts: dict[int, int],
) -> None:
    totals: dict[int, int] = {}
    for (_, person, _), amount in lines.items():
        totals[person] = totals.get(person, 0) + amount
    if rule["kind"] == "pool":
        changes = _pool(rule, [sale for sale in sales if matches(rule, sale)], sales, facts)
    else:
        who = set(rule["named"]) or set(totals)
        if rule["kind"] in ("draw", "gift") and not rule["named"]:
            who |= set(debts)
        changes = {person: _change(rule, totals.get(person, 0), person, debts) for person in who}
        if rule["kind"] != "cap" and not facts.ended:
            return
        if rule["kind"] == "draw":
            for person, change in changes.items():
                debts[person] = debts.get(person, 0) + change
    for person, change in changes.items():
        if change:
            lines[None, person, number] = change


def _change(rule: dict[str, Any], total: int, person: int, debts: Mapping[int, int]) -> int:
    amount = int(rule["amount"])
    if rule["kind"] == "cap":
        return min(total, amount) - total
    if rule["kind"] == "draw":
        return max(amount, total - debts.get(person, 0)) - total
    return max(total, amount) - total


def _pool(
    rule: dict[str, Any], matching: Sequence[Sale], sales: Sequence[Sale], facts: Facts
) -> dict[int, int]:
    if rule["threshold"] is not None:
        target = facts.targets.get((ROOM, rule["attainment"][0]))
        least = _amount(rule["threshold"], target)
        if least is None or _attained(rule, ROOM, sales) < least:
            return {}
    base = sum(money(sale, rule["category"], rule["base"]) for sale in matching)
    whole = int(rule["amount"]) if rule["amount"] else half_up(base * rule["percent"] / 100)
    weights: dict[int, Fraction] = dict(rule["shares"])
    if not weights:
        for sale in matching:
            for person, part in credits_of(sale, money(sale, rule["category"], "receipts")):
                weights[person] = weights.get(person, Fraction(0)) + part
    if not sum(weights.values()):
        return {}
    people = sorted(weights)
    return dict(zip(people, apportion(whole, [weights[p] for p in people]), strict=True))
