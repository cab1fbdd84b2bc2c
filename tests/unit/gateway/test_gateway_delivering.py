"""When what could not be sent is tried again, and when it is given up."""

from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.domain.delivering import LEASE, retry_at

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(1, 30), (2, 60), (3, 120), (6, 960), (7, 1800), (8, 1800), (12, 1800), (500, 1800)],
)
def test_each_try_comes_twice_as_late_up_to_half_an_hour(failures: int, seconds: int) -> None:
    assert retry_at(failures, NOW, NOW) == NOW + seconds * SECOND


def test_what_would_be_stale_by_then_is_given_up() -> None:
    shown_at = NOW - timedelta(hours=12) + 30 * SECOND
    assert retry_at(1, shown_at, NOW) == NOW + 30 * SECOND
    assert retry_at(1, shown_at - SECOND, NOW) is None


def test_a_lease_outlasts_a_batch() -> None:
    assert timedelta(minutes=5) == LEASE
