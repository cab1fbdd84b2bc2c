"""From what was earned to what must be posted: accruals first, then corrections of them.

Refunds, a reversed win, a new win, another split, an overpayment: each is a new target, and the
ledger follows by the difference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.motivation.domain.rules import Earned
from shared.ids import EmployeeId, EntryId
from shared.money import Money, total

Key = tuple[EmployeeId, str]


@dataclass(frozen=True, slots=True)
class Posted:
    """A line that the ledger holds for an activity."""

    entry_id: EntryId
    employee_id: EmployeeId
    rule: str
    amount: Money
    corrects: EntryId | None


@dataclass(frozen=True, slots=True)
class Posting:
    """A line to be posted: `amount` is the difference between what is earned now and `was`, all
    that was posted before.
    """

    kind: Literal["accrual", "correction"]
    employee_id: EmployeeId
    rule: str
    amount: Money
    corrects: EntryId | None
    was: Money
    earned: Earned | None


def settle(target: Sequence[Earned], posted: Iterable[Posted]) -> list[Posting]:
    """The lines that bring `posted` to `target` for each employee and rule; none where they agree.

    An employee's first line under a rule is an accrual, every later difference a correction of that
    accrual.
    """
    wanted = {(line.employee_id, line.rule): line for line in target}
    held: dict[Key, list[Posted]] = {}
    for line in posted:
        held.setdefault((line.employee_id, line.rule), []).append(line)
    keys = sorted(wanted.keys() | held.keys(), key=lambda key: (key[1], key[0]))
    postings = (_difference(key, wanted.get(key), held.get(key, [])) for key in keys)
    return [posting for posting in postings if posting.amount.amount]


def _difference(key: Key, line: Earned | None, held: list[Posted]) -> Posting:
    currency = held[0].amount.currency if held else line.amount.currency if line else ""
    was = total((one.amount for one in held), currency)
    now = line.amount if line else Money.zero(currency)
    accrual = next((one.entry_id for one in held if one.corrects is None), None)
    return Posting("correction" if accrual else "accrual", *key, now - was, accrual, was, line)
