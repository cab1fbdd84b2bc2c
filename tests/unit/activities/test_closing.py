"""Closing without a sale, reopening, and sharing the pay."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from services.activities.domain import closing, splitting
from services.activities.domain.activity import Activity
from services.activities.domain.closing import Loss
from services.activities.domain.refusals import (
    AlreadyWon,
    HasMoney,
    NotClosed,
    NotComplete,
    NotInWork,
)
from shared.errors import Invalid, Refusal
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
    lost = closing.lose(activity, Loss("нет бюджета"), NOW)  # type: ignore[arg-type]
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
    assert lost.details["former"] == activity.responsible_id  # type: ignore[attr-defined]
    assert (lost.details["reason_id"], lost.details["counts"]) == (None, True)
    assert lost.after.lost_at == NOW


def test_an_activity_with_money_is_lost_only_after_the_refund() -> None:
    activity = after(paid(after(invoiced(in_work())), 1))
    with pytest.raises(HasMoney):
        closing.lose(activity, Loss("передумали"), NOW)
    assert (
        closing.lose(after(refunded(activity, 1)), Loss("передумали"), NOW).after.status == "lost"
    )


def test_a_kopeck_that_is_claimed_keeps_an_activity_from_being_lost() -> None:
    claimed = after(paid(after(invoiced(in_work())), "0.01", state="claimed"))
    with pytest.raises(HasMoney):
        closing.lose(claimed, Loss("передумали"), NOW)


def test_a_closed_activity_is_not_lost_again() -> None:
    with pytest.raises(AlreadyWon):
        closing.lose(won(), Loss("причина"), NOW)
    with pytest.raises(NotInWork):
        closing.lose(closing.lose(in_work(), Loss("раз"), NOW).after, Loss("два"), NOW)


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
    lost = closing.lose(in_work() if responsible else a_free(), Loss("нет бюджета"), NOW).after
    reopened = after(closing.reopen(lost, works, SETTINGS, False, later(days=60)))
    assert (reopened.status, reopened.responsible_id, reopened.lost_reason) == (status, whose, None)
    assert reopened.reset_due_at == (later(days=74) if whose else None), "the time starts anew"


def test_reopening_a_won_activity_reverses_the_win() -> None:
    (reopened,) = closing.reopen(won(), True, SETTINGS, False, later(days=1))
    assert (reopened.type, reopened.details, reopened.after.status) == (
        "activity.win_reversed",
        {"won_at": NOW},
        "in_work",
    )


@pytest.mark.parametrize("activity", [a_free(), in_work()])
def test_an_open_activity_is_not_reopened(activity: object) -> None:
    with pytest.raises(NotClosed):
        closing.reopen(activity, True, SETTINGS, False, NOW)  # type: ignore[arg-type]


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
            assert splitting.split(activity, tuple(shares)).after.shares == tuple(shares)
    else:
        with pytest.raises(Invalid) as refused:
            splitting.split(in_work(), tuple(shares))
        assert refused.value.extra["errors"][0]["rule"] == rule


@pytest.mark.parametrize("status", ["free", "lost"])
def test_only_an_activity_in_work_or_won_has_pay_to_share(status: str) -> None:
    with pytest.raises(NotInWork):
        splitting.split(a_free(status=status), ((ANNA, Decimal(1)),))


def test_losing_and_reopening_publish_what_changed() -> None:
    lost = closing.lose(in_work(), Loss("нет бюджета"), NOW)
    assert (lost.type, lost.note) == ("activity.lost", "нет бюджета")
    (reopened,) = closing.reopen(lost.after, True, SETTINGS, False, later(days=60))
    assert (reopened.type, reopened.details) == ("activity.reopened", {"responsible": ANNA})
    assert reopened.after.progress_at == later(days=60)


def test_reopening_to_the_pool_leaves_nobody_responsible() -> None:
    shared = splitting.split(in_work(), ((ANNA, HALF), (BORIS, HALF))).after
    lost = closing.lose(shared, Loss("нет бюджета"), NOW).after
    freed = after(closing.reopen(lost, False, SETTINGS, False, NOW))
    assert (freed.status, freed.stage, freed.shares) == ("free", "new", ())
    assert (freed.responsible_id, freed.responsible_since, freed.how) == (None, None, None)


def test_an_activity_that_was_lost_in_the_pool_remembers_who_had_it_before() -> None:
    lost = closing.lose(a_free(last_responsible_id=BORIS), Loss("дорого"), NOW).after
    (reopened,) = closing.reopen(lost, True, SETTINGS, False, NOW)
    assert reopened.details == {"responsible": None}
    assert reopened.after.last_responsible_id == BORIS
    lost = closing.lose(in_work(last_responsible_id=BORIS), Loss("дорого"), NOW).after
    (reopened,) = closing.reopen(lost, False, SETTINGS, False, NOW)
    assert reopened.details == {"responsible": None}
    assert reopened.after.last_responsible_id == ANNA


def test_reopening_counts_the_time_from_the_end_of_a_pause() -> None:
    paused = in_work(reset_paused_until=later(days=30))
    lost = closing.lose(paused, Loss("дорого"), NOW).after
    settings = replace(SETTINGS, options=replace(SETTINGS.options, pause_for_invoices=True))
    reopened = closing.reopen(lost, True, settings, False, later(days=1))[0].after
    assert reopened.reset_due_at == settings.deadline(later(days=1), later(days=30))["reset_due_at"]
    assert reopened.reset_due_at != settings.deadline(later(days=1), None)["reset_due_at"]


def test_what_came_while_it_was_lost_wins_a_reopened_activity_at_that_moment() -> None:
    lost = replace(won(), status="lost", won_at=None)
    reopened, win = closing.reopen(lost, True, SETTINGS, False, later(days=2))
    assert (reopened.type, win.type) == ("activity.reopened", "activity.won")
    assert win.after.won_at == later(days=2)


def test_a_win_reversed_by_hand_has_the_usual_time_from_now() -> None:
    reopened = after(closing.reopen(won(), True, SETTINGS, False, later(days=1)))
    assert (reopened.progress_at, reopened.reset_due_at) == (later(days=1), later(days=15))


def test_a_split_publishes_the_shares() -> None:
    event = splitting.split(in_work(), ((ANNA, HALF), (BORIS, HALF)))
    assert event.type == "activity.split"
    assert event.details == {
        "shares": [
            {"employee_id": ANNA, "share": HALF},
            {"employee_id": BORIS, "share": HALF},
        ]
    }


def test_refused_shares_name_their_field() -> None:
    with pytest.raises(Invalid) as refused:
        splitting.split(in_work(), ((ANNA, HALF), (ANNA, HALF)))
    assert refused.value.extra == {"errors": [{"field": "shares", "rule": "distinct"}]}
    with pytest.raises(Invalid) as refused:
        splitting.split(in_work(), ((ANNA, HALF),))
    assert refused.value.extra == {"errors": [{"field": "shares", "rule": "sum"}]}


@pytest.mark.parametrize(
    ("function", "refusal", "status"),
    [
        (lambda: closing.lose(a_free(status="lost"), Loss("раз"), NOW), NotInWork, "lost"),
        (lambda: closing.reopen(a_free(), True, SETTINGS, False, NOW), NotClosed, "free"),
        (lambda: closing.reopen(in_work(), True, SETTINGS, False, NOW), NotClosed, "in_work"),
        (lambda: closing.win_again(a_free(status="lost"), False, NOW), NotInWork, "lost"),
        (lambda: splitting.split(a_free(), ((ANNA, Decimal(1)),)), NotInWork, "free"),
    ],
)
def test_a_refusal_carries_the_status_of_the_activity(
    function: Callable[[], object], refusal: type[Refusal], status: str
) -> None:
    with pytest.raises(refusal) as refused:
        function()
    assert refused.value.extra == {"activity_status": status}


def test_a_win_that_was_reopened_by_mistake_is_won_again() -> None:
    reopened = closing.reopen(won(), True, SETTINGS, False, NOW)[0].after
    (event,) = closing.win_again(reopened, False, later(days=1))
    assert (event.type, event.after.status, event.after.won_at) == (
        "activity.won",
        "won",
        later(days=1),
    )
    assert event.after.sale == "first"
    assert closing.win_again(reopened, True, NOW)[0].after.sale == "repeat"


@pytest.mark.parametrize(
    ("activity", "refusal"),
    [
        (won(), AlreadyWon),
        (a_free(status="lost"), NotInWork),
        (in_work(), NotComplete),
        (a_free(), NotComplete),
    ],
)
def test_only_a_complete_activity_is_won_again(
    activity: Activity, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        closing.win_again(activity, False, NOW)
