"""The difference between what was earned and what was posted: accruals first, then corrections.

Refunds, a reversed win, a new win, another split, an overpayment: each is a new target, and the
ledger follows by the difference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.motivation.domain.rules import Earning
from shared.ids import EmployeeId, EntryId
from shared.money import MoneySum, total

EmployeeRule = tuple[EmployeeId, str]


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """An entry that the ledger holds for an activity."""

    entry_id: EntryId
    employee_id: EmployeeId
    rule: str
    amount: MoneySum
    corrects: EntryId | None


@dataclass(frozen=True, slots=True)
class Difference:
    """An entry to be posted: `amount` is what is earned now less `posted_before`, the sum of what
    was posted so far. `earning` is None where nothing is earned any more.
    """

    kind: Literal["accrual", "correction"]
    employee_id: EmployeeId
    rule: str
    amount: MoneySum
    corrects: EntryId | None
    posted_before: MoneySum
    earning: Earning | None


def differences(target: Sequence[Earning], posted: Iterable[PostedEntry]) -> list[Difference]:
    """The entries that bring `posted` to `target` for each employee and rule; none where they
    agree.

    An employee's first entry under a rule is an accrual, every later difference a correction of
    that accrual.
    """
    earned = {(earning.employee_id, earning.rule): earning for earning in target}
    entries: dict[EmployeeRule, list[PostedEntry]] = {}
    for entry in posted:
        entries.setdefault((entry.employee_id, entry.rule), []).append(entry)
    keys = sorted(earned.keys() | entries.keys(), key=lambda key: (key[1], key[0]))
    of_keys = (_difference(key, earned.get(key), entries.get(key, [])) for key in keys)
    return [difference for difference in of_keys if difference.amount.amount]


def _difference(
    key: EmployeeRule, earning: Earning | None, entries: list[PostedEntry]
) -> Difference:
    currency = entries[0].amount.currency if entries else earning.amount.currency if earning else ""
    before = total((entry.amount for entry in entries), currency)
    now = earning.amount if earning else MoneySum.zero(currency)
    accrual = next((entry.entry_id for entry in entries if entry.corrects is None), None)
    return Difference(
        "correction" if accrual else "accrual", *key, now - before, accrual, before, earning
    )
