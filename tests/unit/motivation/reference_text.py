"""Reads a plan's rules from its printed Russian text, for the reference calculation.

Knows nothing of the product's rules but their sentences: what the text does not say, it cannot pay.
"""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

NUMBER = r"([\d\u00a0]+(?:,\d+)?)"
MONEY = NUMBER + r"\u00a0₽"
BASE = r"(поступлений без НДС|поступлений|маржи)"
KIND_OF_BASE = {"поступлений": "receipts", "поступлений без НДС": "net", "маржи": "margin"}
KIND_OF_MEASURE = {
    "поступления": "receipts",
    "поступления без НДС": "net",
    "маржа": "margin",
    "число сделок": "count",
}
SOURCES = {
    "Только холодные продажи": "cold",
    "Только входящие обращения": "inbound",
    "Только источник «автопродление»": "renewal",
}
SALES = {
    "Только первая продажа клиенту": "first",
    "Только повторные продажи": "repeat",
    "Только продажи-автопродления": "renewal",
}


def number(text: str) -> Fraction:
    """A number as the text writes it."""
    return Fraction(text.replace("\u00a0", "").replace(",", "."))


def kopecks(text: str) -> Fraction:
    """Roubles of the text in kopecks."""
    return number(text) * 100


def read_plan(paragraphs: Sequence[str], people: Mapping[str, int]) -> list[dict[str, Any]]:
    """The rules in the numbered paragraphs."""
    return [read_rule(text, people) for text in paragraphs if re.match(r"\d+\. ", text)]


def read_rule(text: str, people: Mapping[str, int]) -> dict[str, Any]:
    """One paragraph as a rule."""
    rule: dict[str, Any] = {
        "category": _first(r"Только продукты категории «(.*?)»", text),
        "source": next((kind for words, kind in SOURCES.items() if words in text), None),
        "sale": next((kind for words, kind in SALES.items() if words in text), None),
        "vip": number(_first(rf"с коэффициентом {NUMBER}\.", text) or "1"),
        "limit": _money(rf"По этому правилу не больше {MONEY}", text),
        "recipients": _people(r"каждый из (.*?) — полностью", text, people),
        "named": _people(r"Правило действует для: (.*?)\.$", text, people),
        "attainment": _attainment(text),
        "retroactive": "оплачивается всё с начала месяца" in text,
        "threshold": _threshold(text),
    }
    return rule | _pays(text, people)


def _pays(text: str, people: Mapping[str, int]) -> dict[str, Any]:
    if tiers := _first(r"по ступеням выполнения месяца: (.*?)\. ", text):
        base = _first(rf"Процент от {BASE} по ступеням", text)
        return {
            "kind": "tiers",
            "base": KIND_OF_BASE[base] if base else None,
            "tiers": [_tier(tier) for tier in tiers.split("; ")],
        }
    if "Общий фонд" in text:
        shares = re.findall(rf"(?:: |; )(таб\. № \d+) — {NUMBER} %", text)
        share = re.search(rf"{NUMBER} % от {BASE} за месяц", text)
        return {
            "kind": "pool",
            "amount": _money(rf"Общий фонд комнаты: {MONEY}", text),
            "percent": number(share[1]) if share else None,
            "base": KIND_OF_BASE[share[2]] if share else "receipts",
            "shares": {people[person]: number(percent) for person, percent in shares},
        }
    for kind, pattern in (
        ("cap", rf"За месяц не больше {MONEY}"),
        ("floor", rf"За месяц не меньше {MONEY}"),
        ("draw", rf"За месяц выплачивается не меньше {MONEY}.*— долг"),
        ("gift", rf"За месяц выплачивается не меньше {MONEY}.*прощается"),
    ):
        if amount := _money(pattern, text):
            return {"kind": kind, "amount": amount}
    if percent := re.search(rf"\d\. {NUMBER} % от {BASE} по каждой сделке", text):
        base = KIND_OF_BASE[percent[2]]
        return {"kind": "percent", "percent": number(percent[1]), "base": base}
    return {
        "kind": "fixed",
        "amount": _money(rf"{MONEY} за каждую сделку", text),
        "minimum": _money(rf"поступило не меньше {MONEY}", text),
    }


def _tier(text: str) -> tuple[tuple[Fraction, str], Fraction]:
    bound, rate = re.fullmatch(r"от (.*) — (.*)", text).groups()  # type: ignore[union-attr]
    if rate.endswith("₽"):
        return _bound(bound), kopecks(rate.removesuffix("\u00a0₽"))
    return _bound(bound), number(rate.removesuffix(" %")) / 100


def _bound(text: str) -> tuple[Fraction, str]:
    """The bound with its unit: percent of target, deals, or kopecks."""
    if text.endswith("% плана продаж"):
        return number(text.removesuffix(" % плана продаж")), "target"
    if text.endswith("сделок"):
        return number(text.removesuffix(" сделок")), "count"
    return kopecks(text), "money"


def _attainment(text: str) -> tuple[str, str, str] | None:
    found = re.search(
        r"Выполнение считается так: (.*?) (самого сотрудника|всей комнаты)"
        r" (по сделкам, к которым относится правило|по всем сделкам)\.",
        text,
    )
    if found is None:
        return None
    scope = "room" if found[2] == "всей комнаты" else "seller"
    return KIND_OF_MEASURE[found[1]], scope, "all" if "всем" in found[3] else "matching"


def _threshold(text: str) -> tuple[Fraction, str] | None:
    found = _first(r"Пока выполнение меньше (.*?), ничего не начисляется", text)
    return _bound(found) if found else None


def _people(pattern: str, text: str, people: Mapping[str, int]) -> list[int]:
    found = _first(pattern, text)
    return [people[person] for person in found.split(", ")] if found else []


def _money(pattern: str, text: str) -> Fraction | None:
    found = _first(pattern, text)
    return kopecks(found) if found else None


def _first(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found[1] if found else None
