"""Days that people type: none to come where something has happened, none that nobody means."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.activities.domain.days import day_of_fact, require_due_day
from shared.errors import Invalid
from tests.unit.activities.builders import TODAY

EARLIEST = TODAY - timedelta(days=5 * 366)
LATEST = TODAY + timedelta(days=10 * 366)
DAY = timedelta(days=1)


def not_before(field: str) -> dict[str, Any]:
    return {"errors": [{"field": field, "rule": "not_before", "min": EARLIEST.isoformat()}]}


@pytest.mark.parametrize(
    ("typed", "day"), [(None, TODAY), (TODAY, TODAY), (TODAY - DAY, TODAY - DAY), (EARLIEST,) * 2]
)
def test_a_fact_has_the_typed_day_or_today(typed: date | None, day: date) -> None:
    assert day_of_fact(typed, TODAY, "paid_on") == day


@pytest.mark.parametrize(
    ("typed", "extra"),
    [
        (TODAY + DAY, {"errors": [{"field": "paid_on", "rule": "not_in_future"}]}),
        (EARLIEST - DAY, not_before("paid_on")),
    ],
)
def test_a_fact_to_come_or_of_long_ago_is_refused(typed: date, extra: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        day_of_fact(typed, TODAY, "paid_on")
    assert refused.value.extra == extra


@pytest.mark.parametrize("due_on", [None, EARLIEST, TODAY, LATEST])
def test_a_due_day_lies_five_years_back_to_ten_ahead(due_on: date | None) -> None:
    require_due_day(due_on, TODAY)


@pytest.mark.parametrize(
    ("due_on", "extra"),
    [
        (EARLIEST - DAY, not_before("due_on")),
        (
            LATEST + DAY,
            {"errors": [{"field": "due_on", "rule": "not_after", "max": LATEST.isoformat()}]},
        ),
    ],
)
def test_a_due_day_that_nobody_means_is_refused(due_on: date, extra: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        require_due_day(due_on, TODAY)
    assert refused.value.extra == extra
