"""The difference between what was earned and what was posted: accruals first, then corrections.

Refunds, a reversed win, a new win, another split, an overpayment: each is a new target, and the
ledger follows by the difference, in the month and under the plan version that it concerns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.motivation.domain.deal import Deal
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import Earning, earnings
from shared.ids import EmployeeId, EntryId, PlanId
from shared.money import MoneySum, total


@dataclass(frozen=True, slots=True)
class Version:
    """A plan version, by its id and its number."""

    plan_id: PlanId
    number: int


Line = tuple[str, Version, str, EmployeeId]
"""A line of pay that an activity has: the month, the plan version, the rule, the employee."""


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """An entry that the ledger holds for an activity. `month` is the one that it belongs to, by the
    business day `won_on`; that is None for an entry of before it was kept, whose month is the one
    in which it stands.
    """

    entry_id: EntryId
    employee_id: EmployeeId
    rule: str
    amount: MoneySum
    corrects: EntryId | None
    version: Version
    month: str
    won_on: date | None


@dataclass(frozen=True, slots=True)
class Target:
    """What a win has earned as it stands: by its business day, under the version that it belongs
    to.
    """

    won_on: date
    version: Version
    earnings: Sequence[Earning]

    @property
    def month(self) -> str:
        return month_of(self.won_on)


@dataclass(frozen=True, slots=True)
class Difference:
    """An entry to be posted: `amount` is what is earned now less `posted_before`, the sum of what
    was posted so far. `earning` is None where nothing is earned any more.
    """

    kind: Literal["accrual", "correction"]
    month: str
    version: Version
    rule: str
    employee_id: EmployeeId
    amount: MoneySum
    corrects: EntryId | None
    posted_before: MoneySum
    earning: Earning | None
    won_on: date | None


def month_of(day: date) -> str:
    """The month of a business day, as `2026-11`."""
    return day.isoformat()[:7]


def target_of(deal: Deal, plan: Plan | None) -> Target | None:
    """What the deal has earned under the plan that its win belongs to; None where it is not won or
    belongs to none.
    """
    if plan is None or deal.won_on is None:
        return None
    assert plan.plan_version
    version = Version(plan.id, plan.plan_version)
    return Target(deal.won_on, version, earnings(deal, plan.rules))


def differences(target: Target | None, posted: Iterable[PostedEntry]) -> list[Difference]:
    """The entries that bring `posted` to `target` for each line; none where they agree. Without a
    target nothing is earned any more.

    A line's first entry is an accrual, every later difference a correction of that accrual.
    """
    earned: dict[Line, Earning] = {}
    if target:
        earned = {
            (target.month, target.version, earning.rule, earning.employee_id): earning
            for earning in target.earnings
        }
    entries: dict[Line, list[PostedEntry]] = {}
    for entry in posted:
        line = _month(entry, target), entry.version, entry.rule, entry.employee_id
        entries.setdefault(line, []).append(entry)
    lines = sorted(earned.keys() | entries.keys(), key=_order)
    of_lines = (
        _difference(line, earned.get(line), entries.get(line, []), target) for line in lines
    )
    return [difference for difference in of_lines if difference.amount.amount]


def _month(entry: PostedEntry, target: Target | None) -> str:
    """An entry of before months followed the business day stays where it stands, so long as its
    version pays.
    """
    if entry.won_on is None and target and target.version == entry.version:
        return target.month
    return entry.month


def _order(line: Line) -> tuple[str, PlanId, str, EmployeeId]:
    month, version, rule, employee_id = line
    return month, version.plan_id, rule, employee_id


def _difference(
    line: Line, earning: Earning | None, entries: list[PostedEntry], target: Target | None
) -> Difference:
    currency = entries[0].amount.currency if entries else earning.amount.currency if earning else ""
    before = total((entry.amount for entry in entries), currency)
    now = earning.amount if earning else MoneySum.zero(currency)
    accrual = next((entry for entry in entries if entry.corrects is None), None)
    won_on = target.won_on if target and earning else accrual.won_on if accrual else None
    return Difference(
        "correction" if accrual else "accrual",
        *line,
        now - before,
        accrual.entry_id if accrual else None,
        before,
        earning,
        won_on,
    )
