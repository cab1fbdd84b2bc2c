"""The way from a request to a line of pay, told in the caller's language."""

from collections.abc import Mapping
from typing import Any, cast

from services.motivation.queries.accruals import get_accrual
from services.motivation.queries.chain_words import ENTRIES, EVENTS, RULES, SALES, SOURCES
from shared.context import language
from shared.db import Tx
from shared.ids import EntryId
from shared.money import MoneySum
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
    text = ENTRIES[words][accrual["kind"]].format(amount=_money(amount), why=why)
    return {
        "at": accrual["posted_at"],
        "what": f"{accrual['kind']}.posted",
        "text": text,
        "amount": amount,
    }


def _reasons(accrual: Mapping[str, Any], words: Language) -> list[str]:
    """The rule with its terms, then the values that it was applied to."""
    texts, rule, inputs = RULES[words], accrual["rule"], accrual["inputs"]
    reasons = [_rule_words(rule, texts)]
    terms = rule["terms"] or {}
    if category := terms.get("product_category"):
        reasons.append(texts["category"].format(category=category))
    if not inputs:
        return reasons
    currency = inputs["currency"]
    base, receipts = f"{inputs['base']} {currency}", f"{inputs['receipts']} {currency}"
    reasons.append(texts["base"].format(base=base, receipts=receipts))
    reasons.append(SALES[words].get(inputs["sale"], inputs["sale"]))
    if inputs["share"]:
        reasons.append(texts["share"].format(share=inputs["share"]))
    if accrual["kind"] == "correction":
        before, earned = inputs["posted_before"], inputs["earned"]
        reasons.append(
            texts["corrected"].format(before=f"{before} {currency}", earned=f"{earned} {currency}")
        )
    return reasons


def _rule_words(rule: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    terms = rule["terms"] or {}
    match terms.get("kind"):
        case "percent_of_receipts" if "percent" in terms:
            return texts["percent_of_receipts"].format(percent=terms["percent"])
        case "fixed" if "amount" in terms:
            fixed = terms["amount"]
            return texts["fixed"].format(amount=f"{fixed['amount']} {fixed['currency']}")
    return texts["other"].format(name=rule["name"])


def _money(amount: MoneySum) -> str:
    return f"{amount.amount:.2f} {amount.currency}"
