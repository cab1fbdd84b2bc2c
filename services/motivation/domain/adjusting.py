"""Adjustments by hand: never of one's own pay, and the large ones by two people."""

from dataclasses import dataclass

from shared.errors import Refusal
from shared.ids import EmployeeId
from shared.money import MoneySum


class OwnPay(Refusal):
    """Nobody adjusts their own pay, nor confirms it."""

    status, code = 403, "own_pay"


class SecondPersonNeeded(Refusal):
    """Somebody else than who proposed it decides."""

    status, code = 403, "second_person_needed"


class AdjustmentDecided(Refusal):
    """The adjustment was confirmed or rejected before, or never needed it."""

    code = "adjustment_decided"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An adjustment that waits for a second person."""

    employee_id: EmployeeId
    proposed_by: EmployeeId


def require_of_another(employee_id: EmployeeId, by: EmployeeId) -> None:
    """Raises `OwnPay` where `by` would adjust their own pay."""
    if employee_id == by:
        raise OwnPay


def needs_second_person(amount: MoneySum, limit: MoneySum | None, *, by_head: bool) -> bool:
    """Whether an adjustment waits for a second person: above the company's `limit` (None for none),
    added or deducted, and always where a head makes it.
    """
    return by_head or (limit is not None and abs(amount.amount) > limit.amount)


def require_second_person(proposal: Proposal, by: EmployeeId) -> None:
    """Raises `SecondPersonNeeded` for who proposed it, `OwnPay` for whose pay it is."""
    if proposal.proposed_by == by:
        raise SecondPersonNeeded
    require_of_another(proposal.employee_id, by)
