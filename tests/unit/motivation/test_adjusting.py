"""Nobody adjusts their own pay, and large adjustments take two people."""

import pytest

from services.motivation.domain.adjusting import (
    OwnPay,
    Proposal,
    SecondPersonNeeded,
    needs_second_person,
    require_of_another,
    require_second_person,
)
from shared.ids import EmployeeId, new_id
from tests.support.money import roubles

ANNA, BORIS, VERA = (EmployeeId(new_id()) for _ in range(3))


def test_nobody_adjusts_their_own_pay() -> None:
    require_of_another(ANNA, BORIS)
    with pytest.raises(OwnPay):
        require_of_another(ANNA, ANNA)
    assert OwnPay.status == 403


@pytest.mark.parametrize(
    ("amount", "limit", "by_head", "needed"),
    [
        ("1000000", None, False, False),
        ("0.01", None, True, True),
        ("100", "100", False, False),
        ("100.01", "100", False, True),
        ("-100", "100", False, False),
        ("-100.01", "100", False, True),
        ("0.01", "0", False, True),
        ("1", "100", True, True),
    ],
)
def test_an_adjustment_above_the_limit_or_by_a_head_waits(
    amount: str, limit: str | None, by_head: bool, needed: bool
) -> None:
    limit_of_company = roubles(limit) if limit else None
    waits = needs_second_person(roubles(amount), limit_of_company, by_head=by_head)
    assert waits is needed


def test_a_third_person_confirms() -> None:
    proposal = Proposal(employee_id=ANNA, proposed_by=BORIS)
    require_second_person(proposal, VERA)
    with pytest.raises(SecondPersonNeeded):
        require_second_person(proposal, BORIS)
    with pytest.raises(OwnPay):
        require_second_person(proposal, ANNA)
    assert SecondPersonNeeded.status == 403
