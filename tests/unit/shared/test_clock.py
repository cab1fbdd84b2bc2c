"""Time: UTC inside, a company's zone decides days and months."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.clock import (
    EARLIEST,
    Day,
    Moment,
    TimeZone,
    following_period,
    local_day,
    period_of,
    seconds_until,
)

moments = st.integers(0, 100 * 365 * 86_400_000).map(
    lambda milliseconds: EARLIEST + timedelta(milliseconds=milliseconds)
)


@pytest.mark.parametrize(
    ("moment", "zone", "day", "period"),
    [
        ("2026-11-30T20:59:59+00:00", "Europe/Moscow", date(2026, 11, 30), "2026-11"),
        ("2026-11-30T21:00:00+00:00", "Europe/Moscow", date(2026, 12, 1), "2026-12"),
        ("2026-12-31T12:00:00+00:00", "Asia/Kamchatka", date(2027, 1, 1), "2027-01"),
        ("2027-01-01T00:00:00+00:00", "America/New_York", date(2026, 12, 31), "2026-12"),
        ("2026-03-08T06:59:59+00:00", "America/New_York", date(2026, 3, 8), "2026-03"),
    ],
)
def test_the_companys_zone_decides_day_and_month(
    moment: str, zone: str, day: date, period: str
) -> None:
    when = datetime.fromisoformat(moment)
    assert (local_day(when, zone), period_of(when, zone)) == (day, period)


@pytest.mark.parametrize(
    ("period", "following"),
    [("2026-01", "2026-02"), ("2026-11", "2026-12"), ("2026-12", "2027-01")],
)
def test_months_follow_each_other(period: str, following: str) -> None:
    assert following_period(period) == following


@given(now=moments, wait=st.timedeltas(timedelta(days=-1), timedelta(days=40)))
def test_the_seconds_to_wait_end_exactly_at_the_moment(now: datetime, wait: timedelta) -> None:
    seconds = seconds_until(now + wait, now)
    assert now + timedelta(seconds=seconds) >= now + wait
    assert (
        seconds == 0 if wait <= timedelta(0) else now + timedelta(seconds=seconds - 1) < now + wait
    )


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-23T09:00:00",
        "1999-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
        "2100-01-01T01:00:00-23:59",
        "",
        None,
        1e300,
        "0001-01-01T00:00Z",
    ],
)
def test_a_moment_has_a_zone_and_is_of_our_time(moment: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(moment)


def test_moments_become_utc() -> None:
    assert TypeAdapter(Moment).validate_json('"2026-11-23T12:00:00+03:00"') == datetime(
        2026, 11, 23, 9, tzinfo=UTC
    )
    assert TypeAdapter(Moment).validate_json(
        '"2026-11-23T12:00:00+03:00"'
    ).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "day", ["1999-12-31", "2100-01-01", "2026-02-29", "23.11.2026", None, "9999999-01-01"]
)
def test_a_day_is_of_our_time(day: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(day)


@pytest.mark.parametrize(
    "zone",
    [
        "",
        ".",
        "..",
        "Europe",
        "/etc/passwd",
        "../UTC",
        "Mars/Base",
        "x" * 5000,
        "Europe/Moscow\x00",
        "\ud800",
        "a/" * 3000,
    ],
)
def test_what_is_not_a_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(TimeZone).validate_python(zone)


@given(st.text(max_size=40))
def test_no_text_breaks_the_check_of_time_zones(zone: str) -> None:
    try:
        TypeAdapter(TimeZone).validate_python(zone)
    except ValidationError:
        pass
