"""When a dispute is to be answered, and what may still be done with it."""

from datetime import UTC, date, datetime

import pytest

from services.motivation.domain.disputes import (
    DisputeNotOpen,
    due_on,
    is_overdue,
    outcome_of,
    require_unanswered,
    require_unresolved,
)
from shared.vocabulary import DisputeState

MOSCOW = "Europe/Moscow"
OVERDUE_AT = datetime(2026, 11, 25, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("opened_at", "days", "due"),
    [
        (datetime(2026, 11, 20, 12, tzinfo=UTC), 5, date(2026, 11, 25)),
        (datetime(2026, 11, 20, 20, 59, tzinfo=UTC), 1, date(2026, 11, 21)),
        (datetime(2026, 11, 20, 21, tzinfo=UTC), 1, date(2026, 11, 22)),
    ],
)
def test_an_answer_is_due_in_the_companys_days(opened_at: datetime, days: int, due: date) -> None:
    assert due_on(opened_at, MOSCOW, days) == due


@pytest.mark.parametrize(
    ("state", "now", "overdue"),
    [
        ("open", datetime(2026, 11, 25, 20, 59, tzinfo=UTC), False),
        ("open", datetime(2026, 11, 25, 21, tzinfo=UTC), True),
        ("answered", datetime(2026, 11, 26, 21, tzinfo=UTC), False),
        ("resolved", datetime(2026, 11, 26, 21, tzinfo=UTC), False),
    ],
)
def test_a_dispute_is_overdue_when_its_day_is_over(
    state: DisputeState, now: datetime, overdue: bool
) -> None:
    assert is_overdue(state, OVERDUE_AT, now) is overdue


@pytest.mark.parametrize("state", ["answered", "resolved"])
def test_an_answer_is_given_once(state: DisputeState) -> None:
    require_unanswered("open")
    with pytest.raises(DisputeNotOpen) as refused:
        require_unanswered(state)
    assert refused.value.extra == {"dispute_state": state}


def test_a_dispute_ends_once() -> None:
    require_unresolved("open")
    require_unresolved("answered")
    with pytest.raises(DisputeNotOpen) as refused:
        require_unresolved("resolved")
    assert refused.value.extra == {"dispute_state": "resolved"}


def test_a_dispute_ends_by_an_adjustment_or_without() -> None:
    assert (outcome_of(adjusted=True), outcome_of(adjusted=False)) == ("adjusted", "declined")
