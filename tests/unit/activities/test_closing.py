"""Closing without a sale, reopening, and sharing the pay."""

from decimal import Decimal

import pytest

from services.activities.domain import closing
from services.activities.domain.refusals import AlreadyWon, HasMoney, NotClosed, NotInWork
from shared.errors import Invalid
from shared.ids import EmployeeId
from tests.unit.activities.builders import (
    ANNA,
    BORIS,
    NOW,
    SETTINGS,
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
def test_losing_an_open_activity_ends_its_deadline_and_next_step(
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
    assert lost.details == {"former": activity.responsible_id}  # type: ignore[attr-defined]


def test_an_activity_with_money_is_lost_only_after_the_refund() -> None:
    activity = after(paid(after(invoiced(in_work())), 1))
    with pytest.raises(HasMoney):
        closing.lose(activity, "передумали")
    assert closing.lose(after(refunded(activity, 1)), "передумали").after.status == "lost"


def test_a_closed_activity_is_not_lost_again() -> None:
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
def test_reopening_returns_to_the_responsible_who_still_works_here(
    responsible: EmployeeId | None, works: bool, status: str, whose: EmployeeId | None
) -> None:
    lost = closing.lose(in_work() if responsible else a_free(), "нет бюджета").after
    reopened = closing.reopen(lost, works, SETTINGS, later(days=60)).after
    assert (reopened.status, reopened.responsible_id, reopened.lost_reason) == (status, whose, None)
    assert reopened.reset_due_at == (later(days=74) if whose else None), "the time starts anew"


def test_reopening_a_won_activity_reverses_the_win() -> None:
    reopened = closing.reopen(won(), True, SETTINGS, later(days=1))
    assert (reopened.type, reopened.details, reopened.after.status) == (
        "activity.win_reversed",
        {"won_at": NOW},
        "in_work",
    )


@pytest.mark.parametrize("activity", [a_free(), in_work()])
def test_an_open_activity_is_not_reopened(activity: object) -> None:
    with pytest.raises(NotClosed):
        closing.reopen(activity, True, SETTINGS, NOW)  # type: ignore[arg-type]


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
            assert closing.split(activity, tuple(shares)).after.shares == tuple(shares)
    else:
        with pytest.raises(Invalid) as refused:
            closing.split(in_work(), tuple(shares))
        assert refused.value.extra["errors"][0]["rule"] == rule


@pytest.mark.parametrize("status", ["free", "lost"])
def test_only_an_activity_in_work_or_won_has_pay_to_share(status: str) -> None:
    with pytest.raises(NotInWork):
        closing.split(a_free(status=status), ((ANNA, Decimal(1)),))
