"""Deals, plans and a ledger in memory for the rules' tests."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from services.motivation.domain.deal import Deal, Part, Sold
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import Rule, earned
from services.motivation.domain.settling import Posted, settle
from shared.ids import CompanyId, EmployeeId, EntryId, PlanId, RoomId, new_id
from shared.money import Money

ANNA, BORIS, VERA = (EmployeeId(UUID(int=number)) for number in (1, 2, 3))
COMPANY, ROOM = CompanyId(UUID(int=10)), RoomId(UUID(int=20))
WON_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def rub(amount: str | Decimal) -> Money:
    return Money(amount=Decimal(amount), currency="RUB")


def deal(
    receipts: str | Decimal = "1000.00",
    sold: Iterable[tuple[str, str | Decimal]] = (("service", "1000.00"),),
    parts: Iterable[tuple[EmployeeId, str | Decimal]] = ((ANNA, "1"),),
    won_at: datetime | None = WON_AT,
    source_kind: str = "cold",
    sale: str = "first",
) -> Deal:
    return Deal(
        COMPANY,
        ROOM,
        won_at,
        rub(receipts),
        tuple(Sold(category, Decimal(amount)) for category, amount in sold),
        source_kind,
        sale,
        tuple(Part(employee, Decimal(share)) for employee, share in parts),
    )


def plan(effective_from: date, plan_version: int | None = 1, rules: Sequence[Rule] = ()) -> Plan:
    return Plan(PlanId(new_id()), COMPANY, ROOM, effective_from, plan_version, tuple(rules))


def in_work(found: Deal) -> Deal:
    return replace(found, won_at=None)


class Ledger:
    """What is posted for one activity."""

    def __init__(self) -> None:
        self.lines: list[Posted] = []

    def follow(self, found: Deal, rules: Sequence[Rule]) -> int:
        """Settles to what `found` has earned; how many lines that took."""
        postings = settle(earned(found, rules), self.lines)
        self.lines += [
            Posted(EntryId(new_id()), one.employee_id, one.rule, one.amount, one.corrects)
            for one in postings
        ]
        return len(postings)

    def sums(self) -> dict[tuple[EmployeeId, str], Decimal]:
        """What each employee has under each rule; nothing is left out."""
        found: dict[tuple[EmployeeId, str], Decimal] = {}
        for line in self.lines:
            key = (line.employee_id, line.rule)
            found[key] = found.get(key, Decimal(0)) + line.amount.amount
        return {key: amount for key, amount in found.items() if amount}
