"""The examples of the guide to plans: text and pay are what the product makes of them."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from services.motivation.api.requests import PlanBody
from services.motivation.domain.deal import Deal
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import Earning
from services.motivation.domain.settlement import CreditedDeal, Month, Targets, settle
from services.motivation.queries.plan_text import PlanText
from shared.ids import ActivityId, EmployeeId
from tests.unit.motivation.deals import ANNA, BORIS, make_deal
from tests.unit.motivation.months import ELENA, as_vip, plan_of

GUIDE = Path(__file__).parents[3] / "docs/guide-plans.ru.md"
PEOPLE = {"Анна": ANNA, "Борис": BORIS, "Елена": ELENA}
NUMBERS: dict[EmployeeId, str | None] = {ANNA: "001", BORIS: "002", ELENA: "004"}
SALES = {"первая": "first", "повторная": "repeat"}
SOURCES = {"холодная": "cold", "входящая": "inbound"}
AMOUNT = r"(-?[\d.]+)"
OF_MONTH = "месяц"
"""In the place of the day: lines that belong to no deal."""


@dataclass(frozen=True)
class Example:
    """A section of the guide."""

    text: str

    @property
    def title(self) -> str:
        return self.text.partition("\n")[0]

    @property
    def rules(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self._one(r"```json\n(.*?)```"))
        return found

    @property
    def printed(self) -> list[str]:
        return re.findall(r"^> (.*)$", self.text, re.MULTILINE)

    @property
    def rows(self) -> list[list[str]]:
        lines = [line for line in self.text.splitlines() if line.startswith("| ")][1:]
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]

    def amounts(self, heading: str) -> dict[str, Decimal]:
        """The amounts by name behind a heading."""
        found = re.search(rf"^{heading}: (.*)$", self.text, re.MULTILINE)
        return named(found[1]) if found else {}

    def _one(self, pattern: str) -> str:
        found = re.search(pattern, self.text, re.DOTALL)
        assert found
        return found[1]


def named(text: str) -> dict[str, Decimal]:
    """`Анна 0.7, Борис 0.3` as a mapping."""
    return {name: Decimal(amount) for name, amount in re.findall(rf"(\w+) {AMOUNT}", text)}


def examples() -> list[Example]:
    sections = GUIDE.read_text().split("\n### Пример ")[1:]
    assert len(sections) == 7
    return [Example(section) for section in sections]


def deal_of(sellers: str, receipts: str, conditions: str) -> Deal:
    """A deal of a row."""
    words = [word.strip() for word in conditions.split(",")]
    shares = named(sellers) or {sellers: Decimal(1)}
    amounts = named(conditions)
    vat, cost = amounts.pop("НДС", None), amounts.pop("себестоимость", None)
    products = list(amounts.items()) or [("Подписки", Decimal(receipts))]
    deal = make_deal(
        receipts,
        products,
        [(PEOPLE[name], share) for name, share in shares.items()],
        source_kind=next((SOURCES[word] for word in words if word in SOURCES), "inbound"),
        sale=next((SALES[word] for word in words if word in SALES), "repeat"),
    )
    sold = tuple(replace(product, vat=vat, cost=cost) for product in deal.products)
    return as_vip(replace(deal, products=sold)) if "VIP" in words else replace(deal, products=sold)


def spaced(printed: list[str]) -> list[str]:
    """With the spaces that are not broken, as the product prints numbers."""
    return [re.sub(r"(?<=\d) (?=\d{3}\b)|(?<=\d) (?=₽)", "\u00a0", text) for text in printed]


def plan_in(example: Example) -> Plan:
    """The example's rules as the API takes them."""
    company, room = str(UUID(int=10)), str(UUID(int=20))
    body = {"company_id": company, "room_id": room, "name": "План", "rules": example.rules}
    return plan_of(
        *PlanBody.model_validate(body | {"effective_from": "2026-11-01"}).command().rules
    )


def month_in(example: Example, plan: Plan) -> Month:
    """The example's deals, by their places in the table, with targets and debts."""
    deals = [
        CreditedDeal(ActivityId(UUID(int=place)), date(2026, 11, int(day)), deal_of(*row), plan)
        for place, (day, *row, _) in enumerate(example.rows, 1)
        if day != OF_MONTH
    ]
    targets: Targets = {
        (PEOPLE.get(name), "receipts"): value
        for name, value in example.amounts("План продаж").items()
    }
    debts = {PEOPLE[name]: debt for name, debt in example.amounts("Долг с прошлого месяца").items()}
    return Month(
        currency="RUB", deals=deals, last_plan=plan, targets=targets, debts=debts, ended=True
    )


def sums_of(lines: Sequence[Earning]) -> dict[EmployeeId, Decimal]:
    sums: dict[EmployeeId, Decimal] = {}
    for line in lines:
        sums[line.employee_id] = sums.get(line.employee_id, Decimal(0)) + line.amount.amount
    return sums


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.title)
def test_an_example_is_printed_as_the_guide_says(example: Example) -> None:
    printed = PlanText("ru", NUMBERS).print(plan_in(example), "План")
    rules = [text for text in printed if re.match(r"\d+\. ", text)]
    assert rules == spaced(example.printed)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.title)
def test_an_example_pays_what_the_guide_says(example: Example) -> None:
    settlement = settle(month_in(example, plan_in(example)))
    of_month = {}
    for place, row in enumerate(example.rows, 1):
        expected = {PEOPLE[name]: amount for name, amount in named(row[-1]).items()}
        if row[0] == OF_MONTH:
            of_month = expected
        else:
            assert sums_of(settlement.deals.get(ActivityId(UUID(int=place)), [])) == expected, row
    assert sums_of(settlement.month) == of_month
