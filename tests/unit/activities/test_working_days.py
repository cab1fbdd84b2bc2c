"""Working days: the time of a reset runs on them alone, in the company's zone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.room_options import RoomOptions
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.working_days import WorkingDays
from services.activities.storage.production_calendar import is_day_off
from shared.room_settings import NOTICE

MOSCOW = "Europe/Moscow"


def calendar(
    time_zone: str = MOSCOW,
    off: frozenset[date] = frozenset(),
    extra: frozenset[date] = frozenset(),
) -> WorkingDays:
    return WorkingDays(time_zone, off, extra, is_day_off)


def moscow(month: int, day: int, hour: int = 12, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC) - timedelta(hours=3)


@pytest.mark.parametrize(
    ("since", "days", "due"),
    [
        (moscow(11, 23), 1, moscow(11, 24)),
        (moscow(11, 27), 1, moscow(11, 30)),
        (moscow(11, 28), 1, moscow(12, 1, 0)),
        (moscow(11, 29, 23), 1, moscow(12, 1, 0)),
        (moscow(11, 3), 1, moscow(11, 5)),
        (moscow(12, 30), 1, moscow(1, 11, year=2027)),
        (moscow(10, 31, year=2025), 1, moscow(11, 1, year=2025)),
        (moscow(11, 20), 10, moscow(12, 4)),
    ],
)
def test_only_working_days_count(since: datetime, days: int, due: datetime) -> None:
    assert calendar().after(since, days) == due


def test_a_room_has_exceptions_of_its_own() -> None:
    own = calendar(off=frozenset({date(2026, 11, 24)}), extra=frozenset({date(2026, 11, 28)}))
    assert own.after(moscow(11, 23), 1) == moscow(11, 25)
    assert own.after(moscow(11, 27), 1) == moscow(11, 28)


def test_the_day_is_that_of_the_company() -> None:
    saturday_in_vladivostok = datetime(2026, 11, 27, 20, tzinfo=UTC)
    assert calendar("Asia/Vladivostok").after(saturday_in_vladivostok, 1) == datetime(
        2026, 11, 30, 14, tzinfo=UTC
    )
    assert calendar().after(saturday_in_vladivostok, 1) == datetime(2026, 11, 30, 20, tzinfo=UTC)


@given(
    st.integers(0, 20 * 365 * 24 * 60),
    st.integers(1, 60),
    st.sampled_from((MOSCOW, "Asia/Vladivostok", "America/New_York", "UTC")),
)
def test_a_period_of_working_days_is_never_shorter_and_never_goes_back(
    minutes: int, days: int, time_zone: str
) -> None:
    own, moment = calendar(time_zone), datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    due = own.after(moment, days)
    assert due >= moment + timedelta(days=days, hours=-1)
    assert own.after(moment + timedelta(hours=5), days) >= due - timedelta(hours=1)
    assert own.after(moment, days + 1) > due


def test_calendar_days_instead_of_working_days_give_a_days_notice() -> None:
    options = RoomOptions(working_days=True)
    working = RoomSettings(activity_reset_days=2, options=options, calendar=calendar())
    since = moscow(12, 30)
    assert working.reset_due_at(since) == moscow(1, 12, year=2027)
    changed_at = moscow(1, 5, year=2027)
    plain = working.with_options(RoomOptions(), None, changed_at)
    assert plain.reset_due_at(since) == changed_at + NOTICE
    again = plain.with_options(options, calendar(), changed_at + timedelta(hours=1))
    assert again.reset_due_at(since) == moscow(1, 12, year=2027)
