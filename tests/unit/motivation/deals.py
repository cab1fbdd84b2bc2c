"""Deals, plans and a ledger in memory for the rules' tests."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from services.motivation.domain.deal import Deal, SellerShare, SoldProduct
from services.motivation.domain.difference import PostedEntry, Target, Version, differences
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import Rule, earnings
from shared.ids import CompanyId, EmployeeId, EntryId, PlanId, RoomId, new_id
from tests.support.money import roubles

ANNA, BORIS, VERA = (EmployeeId(UUID(int=number)) for number in (1, 2, 3))
COMPANY, ROOM = CompanyId(UUID(int=10)), RoomId(UUID(int=20))
FIRST_VERSION = Version(PlanId(UUID(int=30)), 1)
WON_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_deal(
    receipts: str | Decimal = "1000.00",
    products: Iterable[tuple[str, str | Decimal]] = (("service", "1000.00"),),
    shares: Iterable[tuple[EmployeeId, str | Decimal]] = ((ANNA, "1"),),
    won_at: datetime | None = WON_AT,
    source_kind: str = "cold",
    sale: str = "first",
) -> Deal:
    return Deal(
        COMPANY,
        ROOM,
        won_at,
        won_at.date() if won_at else None,
        roubles(receipts),
        tuple(SoldProduct(category, Decimal(amount)) for category, amount in products),
        source_kind,
        sale,
        tuple(SellerShare(employee, Decimal(share)) for employee, share in shares),
    )


def make_plan(
    effective_from: date, plan_version: int | None = 1, rules: Sequence[Rule] = ()
) -> Plan:
    return Plan(PlanId(new_id()), COMPANY, ROOM, effective_from, plan_version, tuple(rules))


def reopened(deal: Deal) -> Deal:
    return replace(deal, won_at=None, won_on=None)


def target(deal: Deal, rules: Sequence[Rule], plan: Version = FIRST_VERSION) -> Target | None:
    """What `deal` has earned under the rules of a plan version."""
    return Target(deal.won_on, plan, earnings(deal, rules)) if deal.won_on else None


class Ledger:
    """The entries posted for one activity."""

    def __init__(self) -> None:
        self.entries: list[PostedEntry] = []

    def follow(self, deal: Deal, rules: Sequence[Rule], plan: Version = FIRST_VERSION) -> int:
        """Posts the differences to what `deal` has earned; returns how many."""
        found = differences(target(deal, rules, plan), self.entries)
        self.entries += [
            PostedEntry(
                EntryId(new_id()),
                difference.employee_id,
                difference.rule,
                difference.amount,
                difference.corrects,
                difference.version,
                difference.month,
                difference.won_on,
            )
            for difference in found
        ]
        return len(found)

    def sums(self) -> dict[tuple[EmployeeId, str], Decimal]:
        """The sum of each employee under each rule, without zeros."""
        sums: dict[tuple[EmployeeId, str], Decimal] = {}
        for entry in self.entries:
            key = (entry.employee_id, entry.rule)
            sums[key] = sums.get(key, Decimal(0)) + entry.amount.amount
        return {key: amount for key, amount in sums.items() if amount}
