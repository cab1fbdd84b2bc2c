"""A plan's rules as JSON, in the form in which the API takes and shows them."""

from decimal import Decimal
from typing import Any

from services.motivation.domain.rules import Fixed, Limits, PercentOfReceipts, Rule
from shared.money import Money

_LIMITS = ("product_category", "source_kind", "sale")


def rule_from_json(value: dict[str, Any]) -> Rule:
    """The rule that `rule_to_json` has written."""
    limits = Limits(**{name: value.get(name) for name in _LIMITS})
    if value["kind"] == "fixed":
        return Fixed(Money.model_validate(value["amount"]), limits)
    return PercentOfReceipts(Decimal(value["percent"]), limits)


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """The rule with the limits that it has; amounts as text with two decimals."""
    limits = {name: limit for name in _LIMITS if (limit := getattr(rule.limits, name)) is not None}
    if isinstance(rule, Fixed):
        return {"kind": rule.kind, "amount": rule.amount.model_dump(mode="json"), **limits}
    return {"kind": rule.kind, "percent": f"{rule.percent:.2f}", **limits}
