"""How an activity ends without a sale, comes back, and whose pay it is."""

from decimal import Decimal

import pytest

from services.activities.domain import closing
from services.activities.domain.refusals import AlreadyWon, HasMoney, NotInWork, NotLost
from shared.errors import Invalid
from shared.ids import EmployeeId
from tests.unit.activities.deals import (
    ANNA,
    BORIS,
    NOW,
    NUMBERS,
    a_free,
    after,
    in_work,
    invoiced,
    later,
    paid,
    refunded,
    won,
)

HALF = Decimal("0.5")


@pytest.mark.parametrize(
    "activity", [a_free(), in_work(), in_work(next_step="позвонить", next_step_due_at=NOW)]
)
def test_what_is_open_can_be_lost_with_a_reason_and_waits_for_nothing_any_more(
    activity: object,
) -> None:
    lost = closing.lose(activity, "нет бюджета")  # type: ignore[arg-type]
    assert (lost.after.status, lost.after.stage, lost.after.lost_reason) == (
        "lost",
        "lost",
        "нет бюджета",
    )
    assert (lost.after.reset_due_at, lost.after.next_step, lost.after.next_step_due_at) == (
        None,
        None,
        None,
    )
    assert lost.details == {"former": activity.responsible}  # type: ignore[attr-defined]


def test_what_has_money_is_not_lost_until_it_is_refunded() -> None:
    activity = after(paid(after(invoiced(in_work())), 1))
    with pytest.raises(HasMoney):
        closing.lose(activity, "передумали")
    assert closing.lose(after(refunded(activity, 1)), "передумали").after.status == "lost"


def test_what_is_closed_is_not_lost_again() -> None:
    with pytest.raises(AlreadyWon):
        closing.lose(won(), "причина")
    with pytest.raises(NotInWork):
        closing.lose(closing.lose(in_work(), "раз").after, "два")


@pytest.mark.parametrize(
    ("responsible", "works", "status", "whose"),
    [
        (ANNA, True, "in_work", ANNA),
        (ANNA, False, "free", None),
        (None, False, "free", None),
        (None, True, "free", None),
    ],
)
def test_a_lost_activity_returns_to_who_lost_it_if_they_still_work_here_else_to_the_pool(
    responsible: EmployeeId | None, works: bool, status: str, whose: EmployeeId | None
) -> None:
    lost = closing.lose(in_work() if responsible else a_free(), "нет бюджета").after
    reopened = closing.reopen(lost, works, NUMBERS, later(days=60)).after
    assert (reopened.status, reopened.responsible, reopened.lost_reason) == (status, whose, None)
    assert reopened.reset_due_at == (later(days=74) if whose else None), "the time starts anew"


def test_reopening_a_won_activity_takes_the_win_back() -> None:
    reopened = closing.reopen(won(), True, NUMBERS, later(days=1))
    assert (reopened.what, reopened.details, reopened.after.status) == (
        "activity.win_reversed",
        {"won_at": NOW},
        "in_work",
    )


@pytest.mark.parametrize("activity", [a_free(), in_work()])
def test_what_is_open_is_not_reopened(activity: object) -> None:
    with pytest.raises(NotLost):
        closing.reopen(activity, True, NUMBERS, NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shares", "rule"),
    [
        ([(ANNA, HALF), (BORIS, HALF)], None),
        ([(ANNA, Decimal(1))], None),
        ([(ANNA, Decimal("0.3333")), (BORIS, Decimal("0.6667"))], None),
        ([(ANNA, Decimal("0.3333")), (BORIS, Decimal("0.6666"))], "sum"),
        ([(ANNA, HALF), (BORIS, Decimal("0.5001"))], "sum"),
        ([(ANNA, HALF), (ANNA, HALF)], "distinct"),
    ],
)
def test_shares_of_the_pay_are_distinct_and_make_one(
    shares: list[tuple[EmployeeId, Decimal]], rule: str | None
) -> None:
    if rule is None:
        for activity in (in_work(), won()):
            assert closing.split(activity, shares).after.shares == tuple(shares)
    else:
        with pytest.raises(Invalid) as refused:
            closing.split(in_work(), shares)
        assert refused.value.extra["errors"][0]["rule"] == rule


@pytest.mark.parametrize("status", ["free", "lost"])
def test_only_what_is_worked_or_won_has_pay_to_share(status: str) -> None:
    with pytest.raises(NotInWork):
        closing.split(a_free(status=status), [(ANNA, Decimal(1))])
