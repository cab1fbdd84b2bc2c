"""The way from a request to a line of pay, told in the caller's language."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from services.motivation.queries.accruals import get_accrual
from services.motivation.queries.chain_words import ENTRIES, EVENTS, RULES, SALES, SOURCES
from services.motivation.queries.figures import Figures
from shared.context import language
from shared.db import Tx
from shared.ids import EntryId
from shared.tenancy import Caller
from shared.vocabulary import Language


async def get_chain(tx: Tx, caller: Caller, entry_id: EntryId) -> dict[str, Any]:
    """The steps that led to the entry, oldest first, then the entry and what corrected it.

    Raises `NotFound`, also for pay that is not the caller's to see.
    """
    accrual = await get_accrual(tx, caller, entry_id)
    corrections = [
        await get_accrual(tx, caller, correction["id"]) for correction in accrual["corrections"]
    ]
    words = cast(Language, language.get())
    steps = [
        step
        for fact in accrual["facts"]
        if (step := _fact_step(fact, accrual["inputs"], words)) is not None
    ]
    steps += [entry_step(of, words) for of in (accrual, *corrections)]
    return {
        "entry_id": entry_id,
        "employee_id": accrual["employee_id"],
        "activity_id": accrual["activity_id"],
        "period": accrual["period"],
        "amount": accrual["amount"],
        "steps": steps,
    }


def _fact_step(
    fact: Mapping[str, Any], inputs: Mapping[str, Any] | None, words: Language
) -> dict[str, Any] | None:
    """An event in words; None for one that leads to no money."""
    template = EVENTS[words].get(fact["type"])
    if template is None:
        return None
    kind = inputs["source_kind"] if inputs else ""
    text = template.format(source=SOURCES[words].get(kind, kind))
    return {"at": fact["at"], "what": fact["type"], "text": text, "amount": None}


def entry_step(accrual: Mapping[str, Any], words: Language) -> dict[str, Any]:
    """An entry in words: its amount and why."""
    amount = accrual["amount"]
    why = accrual["reason"] or ", ".join(_reasons(accrual, words))
    text = ENTRIES[words][accrual["kind"]].format(
        amount=Figures(words).money(amount.amount, amount.currency), why=why
    )
    return {
        "at": accrual["posted_at"],
        "what": f"{accrual['kind']}.posted",
        "text": text,
        "amount": amount,
    }


def _reasons(accrual: Mapping[str, Any], words: Language) -> list[str]:
    """The rule with its terms, then the values that it was applied to."""
    texts, inputs, terms = RULES[words], accrual["inputs"], accrual["rule"]["terms"] or {}
    reasons = [_rule_words(accrual["rule"], words)]
    if category := terms.get("product_category"):
        reasons.append(texts["category"].format(category=category))
    if month := accrual["month"]:
        return reasons + _reasons_of_month(month, terms, words)
    if not inputs:
        return reasons
    reasons += _counted(inputs, terms, words)
    reasons.append(SALES[words].get(inputs["sale"], inputs["sale"]))
    if inputs.get("vip"):
        reasons.append(texts["vip"])
    if inputs["share"] and Decimal(inputs["share"]) != 1:
        share = Figures(words).number(100 * Decimal(inputs["share"]))
        reasons.append(texts["share"].format(share=share))
    if accrual["kind"] == "correction":
        reasons.append(_corrected(inputs, words))
    return reasons


def _counted(inputs: Mapping[str, Any], terms: Mapping[str, Any], words: Language) -> list[str]:
    """What of the receipts the rule counts, and whether something is left out for want of its cost
    or tax.
    """
    texts, of = RULES[words], terms.get("base", "receipts")
    template = texts["base" if of == "receipts" else f"base_{of}"]
    counted = [template.format(**_amounts(inputs, words, "base", "receipts"))]
    names = {"receipts": (), "net_of_vat": ("vat",), "margin": ("vat", "cost")}[of]
    own = terms.get("product_category")
    if any(
        product[name] is None
        for product in inputs.get("products") or ()
        for name in names
        if own in (None, product["category"])
    ):
        counted.append(texts["cost_unknown"])
    return counted


def _reasons_of_month(
    month: Mapping[str, Any], terms: Mapping[str, Any], words: Language
) -> list[str]:
    """What a line of the month as a whole was computed from."""
    texts, reasons = RULES[words], []
    if terms.get("kind") in ("cap", "floor", "draw"):
        reasons.append(texts["month_base"].format(**_amounts(month, words, "base")))
    if terms.get("recoverable"):
        reasons.append(texts["debt"].format(**_amounts(month, words, "debt")))
    if Decimal(month["posted_before"]):
        reasons.append(_corrected(month, words))
    return reasons


def _corrected(inputs: Mapping[str, Any], words: Language) -> str:
    amounts = _amounts(inputs, words, "posted_before", "earned")
    return RULES[words]["corrected"].format(**amounts)


def _amounts(inputs: Mapping[str, Any], words: Language, *names: str) -> dict[str, str]:
    """Those of the inputs, as the language writes them."""
    currency = inputs["currency"]
    return {name: Figures(words).money(Decimal(inputs[name]), currency) for name in names}


def _rule_words(rule: Mapping[str, Any], words: Language) -> str:
    texts, terms = RULES[words], rule["terms"] or {}
    match terms.get("kind"):
        case "percent_of_receipts" if "percent" in terms:
            percent = Figures(words).number(Decimal(terms["percent"]))
            return texts[f"percent_of_{terms.get('base', 'receipts')}"].format(percent=percent)
        case ("fixed" | "cap" | "floor" | "draw") as kind if "amount" in terms:
            amount = Decimal(terms["amount"]["amount"])
            currency = terms["amount"]["currency"]
            return texts[kind].format(amount=Figures(words).money(amount, currency))
        case "pool":
            return texts["pool"]
    return texts["other"].format(name=rule["name"])
