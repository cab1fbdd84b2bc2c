"""What a company may choose for a room beside the six numbers."""

from datetime import datetime, timedelta

import pytest

from services.activities.domain.room_options import DEFAULT_OPTIONS, RoomOptions
from tests.unit.activities.builders import NOW, later


def test_without_a_choice_a_day_before_is_warned_and_nothing_is_limited() -> None:
    assert RoomOptions() == DEFAULT_OPTIONS
    assert DEFAULT_OPTIONS.warn_before == timedelta(hours=24)
    assert DEFAULT_OPTIONS.work_limit is None
    assert not DEFAULT_OPTIONS.working_days
    assert not DEFAULT_OPTIONS.pause_for_invoices


@pytest.mark.parametrize(("minutes", "moment"), [(0, None), (1, later(minutes=1))])
def test_what_waits_is_untouched_after_the_minutes_of_the_room(
    minutes: int, moment: datetime | None
) -> None:
    assert RoomOptions(first_touch_minutes=minutes).untouched_at(NOW) == moment


@pytest.mark.parametrize(("minutes", "moment"), [(0, None), (1, later(minutes=1))])
def test_the_head_is_told_the_minutes_of_the_room_later(
    minutes: int, moment: datetime | None
) -> None:
    assert RoomOptions(escalate_after_minutes=minutes).escalates_at(NOW) == moment
