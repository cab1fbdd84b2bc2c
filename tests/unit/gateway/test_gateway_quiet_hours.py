"""Quiet hours: over midnight, by the person's zone, over the change of the clocks."""

from datetime import UTC, datetime, time

import pytest

from services.gateway.domain.quiet_hours import QuietHours, audible_at
from shared.clock import UnknownTimeZone

NIGHT = QuietHours(time(21), time(8))
NOON = QuietHours(time(12), time(13, 30))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "wall", "holds"),
    [
        (NIGHT, time(20, 59, 59), False),
        (NIGHT, time(21), True),
        (NIGHT, time(0), True),
        (NIGHT, time(7, 59, 59), True),
        (NIGHT, time(8), False),
        (NOON, time(11, 59), False),
        (NOON, time(12), True),
        (NOON, time(13, 29), True),
        (NOON, time(13, 30), False),
        (QuietHours(time(9), time(9)), time(9), False),
        (QuietHours(time(9), time(9)), time(3), False),
    ],
)
def test_quiet_hours_hold_from_their_beginning_up_to_their_end(
    quiet: QuietHours, wall: time, holds: bool
) -> None:
    assert quiet.holds(wall) is holds


@pytest.mark.parametrize(
    ("now", "zone", "audible"),
    [
        # 20:59 in Moscow: at once.
        ("2026-11-27T17:59:00", "Europe/Moscow", "2026-11-27T17:59:00"),
        # 21:00 in Moscow: 8:00 of the next day.
        ("2026-11-27T18:00:00", "Europe/Moscow", "2026-11-28T05:00:00"),
        # 2:00 in Moscow: 8:00 of the same day.
        ("2026-11-27T23:00:00", "Europe/Moscow", "2026-11-28T05:00:00"),
        ("2026-11-28T04:59:59", "Europe/Moscow", "2026-11-28T05:00:00"),
        ("2026-11-28T05:00:00", "Europe/Moscow", "2026-11-28T05:00:00"),
        # The same moment is another hour of the day elsewhere.
        ("2026-11-27T18:00:00", "Asia/Vladivostok", "2026-11-27T22:00:00"),
        ("2026-11-27T18:00:00", "America/New_York", "2026-11-27T18:00:00"),
        # The last night of a year.
        ("2026-12-31T22:00:00", "UTC", "2027-01-01T08:00:00"),
    ],
)
def test_a_night_ends_in_the_morning_of_the_persons_zone(now: str, zone: str, audible: str) -> None:
    assert audible_at(utc(now), NIGHT, zone) == utc(audible)


@pytest.mark.parametrize(
    ("now", "audible"),
    [
        # Berlin, the night of 29 March 2026: 2:00 becomes 3:00, and 8:00 is at 6:00 UTC.
        ("2026-03-28T21:00:00", "2026-03-29T06:00:00"),
        # The night of 25 October 2026: 3:00 becomes 2:00, and 8:00 is at 7:00 UTC.
        ("2026-10-24T21:00:00", "2026-10-25T07:00:00"),
    ],
)
def test_a_night_is_an_hour_shorter_or_longer_as_the_clocks_change(now: str, audible: str) -> None:
    assert audible_at(utc(now), NIGHT, "Europe/Berlin") == utc(audible)


@pytest.mark.parametrize(
    ("now", "audible"),
    [
        # 2:30 does not exist on 29 March: it is over at 3:30 of the new time, 1:30 UTC.
        ("2026-03-29T00:30:00", "2026-03-29T01:30:00"),
        # On 25 October 2:30 comes twice: over the first time, at 0:30 UTC, and not quiet again.
        ("2026-10-25T00:15:00", "2026-10-25T00:30:00"),
        ("2026-10-25T01:15:00", "2026-10-25T01:15:00"),
    ],
)
def test_an_end_that_is_missing_or_comes_twice_is_over_once(now: str, audible: str) -> None:
    quiet = QuietHours(time(22), time(2, 30))
    assert audible_at(utc(now), quiet, "Europe/Berlin") == utc(audible)


def test_nothing_is_quiet_without_quiet_hours() -> None:
    now = utc("2026-11-27T23:00:00")
    assert audible_at(now, None, "Europe/Moscow") == now


def test_an_unknown_zone_is_an_error() -> None:
    with pytest.raises(UnknownTimeZone):
        audible_at(utc("2026-11-27T23:00:00"), NIGHT, "Mars/Olympus")
