"""A shorter period of reset takes nothing sooner than a day after the change, unless the former
period did.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain import releasing
from services.activities.domain.room_settings import NOTICES, RoomSettings
from services.vip.domain import room_settings as vip
from shared.room_settings import NOTICE
from tests.unit.activities.builders import NOW, in_work, later, types


def changed(*steps: tuple[datetime, int]) -> RoomSettings:
    """Settings of 30 days for both periods, changed at each moment to that many days."""
    settings = RoomSettings(activity_reset_days=30, vip_reset_days=30)
    for moment, days in steps:
        settings = RoomSettings(activity_reset_days=days, vip_reset_days=days).following(
            settings, moment
        )
    return settings


@pytest.mark.parametrize(
    ("days", "changed_after", "due_after"),
    [
        (10, timedelta(days=5), timedelta(days=10)),
        (10, timedelta(days=20), timedelta(days=21)),
        (10, timedelta(days=9, hours=12), timedelta(days=10, hours=12)),
        (10, timedelta(days=29, hours=12), timedelta(days=30)),
        (10, timedelta(days=31), timedelta(days=30)),
        (40, timedelta(days=31), timedelta(days=40)),
    ],
)
def test_a_changed_period_leaves_a_day_but_no_more_than_the_former_one(
    days: int, changed_after: timedelta, due_after: timedelta
) -> None:
    settings = changed((NOW + changed_after, days))
    assert settings.reset_due_at(NOW) == NOW + due_after


def test_a_first_period_leaves_a_day_to_what_had_no_deadline() -> None:
    settings = changed((NOW, 0), (later(days=90), 14))
    assert settings.reset_due_at(NOW) == later(days=91)
    assert settings.reset_due_at(later(days=89)) == later(days=103)


def test_a_change_of_another_number_keeps_the_notice_as_it_was() -> None:
    first = changed((later(days=20), 10))
    second = RoomSettings(
        activity_reset_days=10, vip_reset_days=10, retake_cooldown_seconds=5
    ).following(first, later(days=20, hours=23))
    assert second.reset_notices == first.reset_notices


def test_progress_after_the_change_counts_by_the_new_period_alone() -> None:
    settings = changed((NOW, 1))
    assert settings.reset_due_at(later(minutes=1)) == later(days=1, minutes=1)


def test_catching_up_resets_nothing_that_had_time_left_before_the_notice_ends() -> None:
    settings = changed((later(days=20), 7))
    (moved,) = releasing.catch_up(in_work(reset_due_at=later(days=30)), settings, later(days=20))
    assert (moved.type, moved.after.reset_due_at) == ("activity.deadline_moved", later(days=21))
    events = releasing.catch_up(moved.after, settings, later(days=21))
    assert types(events) == ["activity.reset"]


_DAYS = st.sampled_from((0, 1, 2, 3, 7, 14, 30))
_WAITS = st.integers(0, 40 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(
    steps=st.lists(st.tuples(_WAITS, _DAYS), min_size=1, max_size=3 * NOTICES),
    progressed=st.timedeltas(timedelta(days=-40), timedelta(days=2)),
)
def test_no_change_takes_what_had_time_left_sooner_than_a_day_later(
    steps: Sequence[tuple[timedelta, int]], progressed: timedelta
) -> None:
    settings, moment, progress_at = changed(), NOW, NOW + progressed
    for wait, days in steps:
        moment += wait
        before = settings.reset_due_at(progress_at)
        settings = RoomSettings(activity_reset_days=days, vip_reset_days=days).following(
            settings, moment
        )
        after = settings.reset_due_at(progress_at)
        if before is None or before > moment:
            safe_until = moment + NOTICE if before is None else min(before, moment + NOTICE)
            assert after is None or after >= safe_until
        assert len(settings.reset_notices) <= NOTICES
        assert as_vip_has_it(settings).reset_due_at(progress_at) == after


def as_vip_has_it(settings: RoomSettings) -> vip.RoomSettings:
    notices = [
        vip.ResetNotice(notice.vip_reset_days, notice.until) for notice in settings.reset_notices
    ]
    return vip.RoomSettings(reset_days=settings.vip_reset_days, reset_notices=tuple(notices))
