"""What to know of a plan before it is published: which deals several rules pay, or none."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Literal, get_args

from services.motivation.domain.rules import (
    Fixed,
    Limits,
    PercentOfReceipts,
    Rule,
    Tiered,
    looks_at_catalogue,
    looks_at_cost,
)
from services.motivation.domain.rules.limits import EVERY_DEAL
from shared.errors import Invalid
from shared.vocabulary import Sale, SourceKind

DealKind = tuple[str | None, str, str]
"""Deals of a product category, a kind of source and a kind of sale; the category is None where the
company sells nothing yet."""
CheckCode = Literal[
    "overlap",
    "gap",
    "below_first_tier",
    "needs_target",
    "unknown_category",
    "vat_unknown",
    "cost_unknown",
]
_SOURCES, _SALES = get_args(SourceKind), get_args(Sale)
_FIXED_PARTS = (
    (False, False, False),
    (True, False, False),
    (False, True, False),
    (False, False, True),
    (True, True, False),
    (True, False, True),
    (False, True, True),
    (True, True, True),
)


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """A word of caution about `rules` (positions from 1): which `deals` it is about, and the sum of
    percentages where several are paid of the same money.
    """

    code: CheckCode
    rules: tuple[int, ...]
    deals: tuple[Limits, ...] = ()
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CatalogueGaps:
    """What the catalogue lacks on a plan's first day: how the company pays value added tax, and the
    costs of products of these categories.
    """

    vat: bool = False
    categories_without_cost: frozenset[str] = frozenset()


NO_GAPS = CatalogueGaps()


def plan_checks(
    rules: Sequence[Rule], categories: Collection[str], gaps: CatalogueGaps = NO_GAPS
) -> list[PlanCheck]:
    """All of them; `categories` are those of the company's products."""
    return [
        *_unknown(rules, categories),
        *_without_vat(rules, gaps),
        *_without_cost(rules, gaps),
        *_coverage(rules, categories),
        *_tiers(rules),
    ]


def require_known_categories(rules: Sequence[Rule], categories: Collection[str]) -> None:
    """Raises `Invalid` for a rule of a product category that the company does not have."""
    for check in _unknown(rules, categories):
        (position,) = check.rules
        field = f"rules.{position - 1}.product_category"
        raise Invalid(field, "product_category", categories=sorted(categories))


def require_known_vat(rules: Sequence[Rule], gaps: CatalogueGaps) -> None:
    """Raises `Invalid` for a rule of net receipts or of margin where the company has not said how
    it pays value added tax: such a rule would pay nothing.
    """
    for check in _without_vat(rules, gaps):
        (position,) = check.rules
        raise Invalid(f"rules.{position - 1}", "vat_unknown")


def has_unknown_category(rules: Sequence[Rule], categories: Collection[str]) -> bool:
    """Whether a rule names a product category that is not among these."""
    return any(True for _ in _unknown(rules, categories))


def _unknown(rules: Iterable[Rule], categories: Collection[str]) -> Iterable[PlanCheck]:
    for position, rule in enumerate(rules, 1):
        limits = getattr(rule, "limits", None)
        if limits and limits.product_category not in (None, *categories):
            yield PlanCheck("unknown_category", (position,), (limits,))


def _without_vat(rules: Iterable[Rule], gaps: CatalogueGaps) -> Iterable[PlanCheck]:
    for position, rule in enumerate(rules, 1):
        if gaps.vat and looks_at_catalogue([rule]):
            yield PlanCheck("vat_unknown", (position,))


def _without_cost(rules: Iterable[Rule], gaps: CatalogueGaps) -> Iterable[PlanCheck]:
    for position, rule in enumerate(rules, 1):
        if not looks_at_cost(rule):
            continue
        own = getattr(rule, "limits", EVERY_DEAL).product_category
        without = {each for each in gaps.categories_without_cost if own in (None, each)}
        if without:
            deals = tuple(Limits(product_category=category) for category in sorted(without))
            yield PlanCheck("cost_unknown", (position,), deals)


def _coverage(rules: Sequence[Rule], categories: Collection[str]) -> Iterable[PlanCheck]:
    """Deals that no rule pays a seller for, then those that several do; each kind of deals with its
    rules once.
    """
    paying = {
        position: rule
        for position, rule in enumerate(rules, 1)
        if isinstance(rule, PercentOfReceipts | Fixed | Tiered) and not rule.terms.recipients
    }
    names: list[str | None] = [*sorted(categories)] or [None]
    kinds = list(product(names, _SOURCES, _SALES))
    groups: dict[tuple[int, ...], list[DealKind]] = {}
    for kind in kinds:
        matching = tuple(
            position for position, rule in paying.items() if _matches(rule.limits, kind)
        )
        groups.setdefault(matching, []).append(kind)
    for positions in sorted(groups):
        if len(positions) != 1:
            deals = tuple(_described(groups[positions], kinds))
            percent = _percent_of([paying[position] for position in positions])
            yield PlanCheck("overlap" if positions else "gap", positions, deals, percent)


def _matches(limits: Limits, kind: DealKind) -> bool:
    category, source_kind, sale = kind
    return (
        limits.product_category in (None, category)
        and limits.source_kind in (None, source_kind)
        and limits.sale in (None, sale)
    )


def _described(own: Sequence[DealKind], every: Sequence[DealKind]) -> Iterable[Limits]:
    """The kinds of deals in as few words as they take: whole categories before single kinds."""
    left = dict.fromkeys(own)
    for fixed in _FIXED_PARTS:
        for kind in own:
            alike = [other for other in every if _agree(kind, other, fixed)]
            if all(other in left for other in alike):
                for other in alike:
                    del left[other]
                category, source_kind, sale = (
                    part if is_fixed else None for part, is_fixed in zip(kind, fixed, strict=True)
                )
                yield Limits(product_category=category, source_kind=source_kind, sale=sale)


def _agree(one: DealKind, other: DealKind, fixed: tuple[bool, bool, bool]) -> bool:
    return all(
        not is_fixed or part == other_part
        for is_fixed, part, other_part in zip(fixed, one, other, strict=True)
    )


def _percent_of(rules: Sequence[PercentOfReceipts | Fixed | Tiered]) -> Decimal | None:
    """The sum of the highest percentages; None where fewer than two rules pay one."""
    percents = [highest for rule in rules if (highest := _highest(rule)) is not None]
    return sum(percents, Decimal(0)) if len(percents) > 1 else None


def _highest(rule: PercentOfReceipts | Fixed | Tiered) -> Decimal | None:
    if isinstance(rule, PercentOfReceipts):
        return rule.percent
    if isinstance(rule, Tiered) and rule.currency is None:
        return max(tier.rate for tier in rule.tiers)
    return None


def _tiers(rules: Sequence[Rule]) -> Iterable[PlanCheck]:
    for position, rule in enumerate(rules, 1):
        if isinstance(rule, Tiered) and rule.tiers[0].start:
            yield PlanCheck("below_first_tier", (position,))
        attainment = getattr(rule, "attainment", None)
        if attainment and attainment.unit == "percent_of_target":
            yield PlanCheck("needs_target", (position,))
