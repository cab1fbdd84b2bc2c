"""Entries of pay in words."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from services.motivation.queries.chain_words import ENTRIES, EVENTS, RULES, SALES, SOURCES
from services.motivation.queries.chains import entry_step
from shared.vocabulary import EntryKind, Language, Sale, SourceKind
from tests.support.money import roubles

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def entry(kind: str, terms: dict[str, Any] | None, **inputs: Any) -> dict[str, Any]:
    values = {
        "currency": "RUB",
        "receipts": "1000.00",
        "base": "400.00",
        "sale": "first",
        "share": "0.7000",
        "posted_before": "20.00",
        "earned": "14.00",
    }
    return {
        "kind": kind,
        "amount": roubles("-6"),
        "posted_at": AT,
        "reason": None,
        "rule": {"name": "2:percent_of_receipts", "terms": terms},
        "inputs": values | inputs,
        "month": None,
    }


def of_month(kind: str, terms: dict[str, Any], **inputs: str) -> dict[str, Any]:
    month = {"base": "45000.00", "posted_before": "0.00", "earned": "-5000.00", "debt": "7000.00"}
    values = {"currency": "RUB", "line": "40000.00", "share": "1.0000", **month, **inputs}
    return {**entry(kind, terms), "inputs": None, "month": values}


PERCENT = {"kind": "percent_of_receipts", "percent": "5.00", "product_category": "Подписки"}
DRAW = {
    "kind": "draw",
    "amount": {"amount": "40000.00", "currency": "RUB"},
    "recoverable": True,
}
FLOOR = {"kind": "floor", "amount": {"amount": "500.00", "currency": "RUB"}}
FIXED = {"kind": "fixed", "amount": {"amount": "500.00", "currency": "RUB"}}
MARGIN = {"kind": "percent_of_receipts", "percent": "5.00", "base": "margin"}
NET = {"kind": "percent_of_receipts", "percent": "5.00", "base": "net_of_vat"}
GOODS = {"category": "A", "amount": "1.00", "receipts": "1.00", "vat": "22", "cost": "0.50"}


@pytest.mark.parametrize(
    ("of", "words", "text"),
    [
        (
            of_month("accrual", DRAW),
            "ru",
            "Начислено -6,00 ₽: гарантированная выплата 40 000,00 ₽,"
            " за месяц заработано 45 000,00 ₽, долг после месяца 7 000,00 ₽",
        ),
        (
            of_month("correction", FLOOR, posted_before="1.00", earned="2.00"),
            "en",
            "Corrected by -6.00 RUB: at least 500.00 RUB a month,"
            " 45,000.00 RUB earned in the month,"
            " 1.00 RUB was posted before, 2.00 RUB is due by the facts",
        ),
        (
            entry("accrual", PERCENT),
            "ru",
            "Начислено -6,00 ₽: 5 % от поступлений, по категории «Подписки»,"
            " учтено 400,00 ₽ из 1 000,00 ₽, первая продажа, доля 70 %",
        ),
        (
            entry("accrual", MARGIN, share=None, products=[GOODS, {**GOODS, "cost": None}]),
            "ru",
            "Начислено -6,00 ₽: 5 % от маржи, маржа 400,00 ₽ из поступлений 1 000,00 ₽,"
            " по части продуктов себестоимость или НДС не указаны, они не учтены, первая продажа",
        ),
        (
            entry("accrual", NET, share=None, products=[{**GOODS, "cost": None}]),
            "en",
            "-6.00 RUB accrued: 5 % of receipts net of VAT,"
            " net of VAT 400.00 RUB of 1,000.00 RUB count, first sale",
        ),
        (
            entry("accrual", FIXED, share=None, vip=True),
            "ru",
            "Начислено -6,00 ₽: 500,00 ₽ за сделку, учтено 400,00 ₽ из 1 000,00 ₽,"
            " первая продажа, очень важный клиент",
        ),
        (
            entry("correction", FIXED, share=None, sale="repeat"),
            "en",
            "Corrected by -6.00 RUB: 500.00 RUB for the deal,"
            " 400.00 RUB of 1,000.00 RUB count, repeat sale,"
            " 20.00 RUB was posted before, 14.00 RUB is due by the facts",
        ),
        (
            {**entry("adjustment", None), "inputs": None, "reason": "Премия"},
            "ru",
            "Корректировка вручную -6,00 ₽: Премия",
        ),
        (
            {**entry("accrual", {"kind": "tiers"}), "inputs": None},
            "en",
            "-6.00 RUB accrued: rule 2:percent_of_receipts",
        ),
    ],
)
def test_an_entry_says_its_rule_and_what_it_was_applied_to(
    of: dict[str, Any], words: Language, text: str
) -> None:
    step = entry_step(of, words)
    assert step["text"].replace("\u00a0", " ") == text
    assert (step["at"], step["what"]) == (AT, f"{of['kind']}.posted")


def test_both_languages_say_the_same() -> None:
    for texts in (EVENTS, SOURCES, SALES, RULES, ENTRIES):
        assert texts["ru"].keys() == texts["en"].keys()
    assert ENTRIES["en"].keys() == set(get_args(EntryKind))
    assert SALES["en"].keys() == set(get_args(Sale))
    assert SOURCES["en"].keys() == set(get_args(SourceKind))
