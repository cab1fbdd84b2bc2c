"""A rule of a motivation plan between its form and the API; what it pays is the API's to say."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.gateway.web import forms

Json = dict[str, Any]
TIERS = 5
"""How many tiers the form has places for."""
DEALS = ("percent_of_receipts", "fixed", "tiered_percent", "tiered_fixed")
KINDS = (*DEALS, "pool", "cap", "floor", "draw")
BASED = ("percent_of_receipts", "tiered_percent", "pool")
LIMITS = ("product_category", "source_kind", "sale")
_TIERED = {"tiered_percent": "percent", "tiered_fixed": "amount"}


def rule_of(
    form: forms.Form, values: Callable[[str], Sequence[str]], currency: str, before: Json | None
) -> Json:
    """The rule of a posted form. Terms that the form has no field for stay as they were `before`,
    where that was of the same kind.
    """
    kind = form.get("kind", "")
    rule: Json = dict(before) if before and before["kind"] == kind else {}
    rule["kind"] = kind

    def money(name: str) -> Json | None:
        return dict(forms.money(form, name, currency)) if form.get(name) else None

    if kind in (*DEALS, "pool"):
        rule |= {name: form.get(name) or None for name in LIMITS}
    if kind in DEALS:
        rule |= {"cap": money("cap"), "vip_coefficient": _number(form, "vip_coefficient") or "1"}
    if kind in _TIERED:
        rule |= _tiers(form, values, currency, _TIERED[kind])
        unit = {"unit": form.get("unit") or "amount"}
        rule["attainment"] = {**rule.get("attainment", {}), **unit}
    elif kind == "percent_of_receipts":
        rule["percent"] = _number(form, "percent")
    elif kind == "pool":
        rule |= {"percent": _number(form, "percent") or None, "amount": money("amount")}
        rule["threshold"] = _number(form, "threshold") or None
    else:
        rule["amount"] = money("amount")
    if kind in BASED:
        rule["base"] = form.get("base") or "receipts"
    if kind == "fixed":
        rule["minimum_receipts"] = money("minimum_receipts")
    if kind == "draw":
        rule["recoverable"] = "recoverable" in form
    return {name: value for name, value in rule.items() if value is not None}


def typed_of(rule: Json) -> Json:
    """What stands in the form of a rule."""
    typed: Json = {
        name: value["amount"] if isinstance(value, dict) and "amount" in value else value
        for name, value in rule.items()
        if value is not None
    }
    if attainment := rule.get("attainment"):
        typed["unit"] = attainment["unit"]
    typed["tier_rows"] = [
        (tier["from"], tier.get("percent") or tier["amount"]["amount"])
        for tier in rule.get("tiers") or ()
    ]
    return typed


def typed_again(form: forms.Form, values: Callable[[str], Sequence[str]]) -> Json:
    """What was posted, to stand in the form again."""
    rows = zip(values("tier_from"), values("tier_rate"), strict=False)
    return {**form, "tier_rows": [row for row in rows if any(row)]}


def fields_of_rule(fields: Mapping[str, str], index: int) -> dict[str, str]:
    """The messages about one rule by the names that its form has: `percent` of
    `rules.0.percent_of_receipts.percent`.
    """
    prefix = f"rules.{index}."
    named: dict[str, str] = {}
    for field, message in fields.items():
        if (whole := f"{field}.").startswith(prefix):
            places = whole.removeprefix(prefix).split(".")
            parts = [place for place in places if place and place not in KINDS]
            named.setdefault(parts[0] if parts else "kind", message)
    return named


def _tiers(
    form: forms.Form, values: Callable[[str], Sequence[str]], currency: str, rate: str
) -> Json:
    rows = zip(values("tier_from"), values("tier_rate"), strict=False)
    tiers = [
        {"from": forms.amount(start or "0"), rate: _rate(rate, text, currency)}
        for start, text in rows
        if start or text
    ]
    return {
        "tiers": tiers,
        "mode": form.get("mode") or "marginal",
        "threshold": _number(form, "threshold") or None,
    }


def _rate(rate: str, text: str, currency: str) -> Any:
    number = forms.amount(text.rstrip("% "))
    return number if rate == "percent" else {"amount": number, "currency": currency}


def _number(form: forms.Form, name: str) -> str:
    """A plain number of `7,125` or `7 %`; what is none stays as it was typed."""
    return forms.amount(form.get(name, "").rstrip("% "))
