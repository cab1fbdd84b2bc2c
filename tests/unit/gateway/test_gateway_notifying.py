"""What people choose, and when reminders fall due."""

from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.domain.notifying import (
    DEFAULT_KINDS,
    KINDS,
    KindSettings,
    NotificationSettings,
    escalate_at,
    is_stale,
    remind_at,
)

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def test_every_kind_has_a_default() -> None:
    assert DEFAULT_KINDS.keys() == set(KINDS)
    settings = NotificationSettings(kinds={})
    assert all(settings.of(kind) is DEFAULT_KINDS[kind] for kind in KINDS)


def test_a_choice_goes_before_the_default() -> None:
    chosen = KindSettings(False, frozenset({"email"}), 45)
    settings = NotificationSettings(kinds={"next_step": chosen})
    assert settings.of("next_step") is chosen
    assert settings.lead == 45 * MINUTE
    assert NotificationSettings().lead == 15 * MINUTE


@pytest.mark.parametrize(
    ("age", "stale"), [(12 * HOUR, False), (12 * HOUR + MINUTE, True), (-HOUR, False)]
)
def test_what_is_older_than_half_a_day_is_stale(age: timedelta, stale: bool) -> None:
    assert is_stale(NOW - age, NOW) is stale


@pytest.mark.parametrize(
    ("due_in", "reminded_in"),
    [
        (HOUR, 45 * MINUTE),
        (16 * MINUTE, MINUTE),
        # The lead is past: as it falls due.
        (15 * MINUTE, 15 * MINUTE),
        (5 * MINUTE, 5 * MINUTE),
        (-12 * HOUR, -12 * HOUR),
    ],
)
def test_a_step_is_told_of_its_lead_ahead(due_in: timedelta, reminded_in: timedelta) -> None:
    assert remind_at(NOW + due_in, 15 * MINUTE, NOW) == NOW + reminded_in


def test_a_step_that_was_due_long_ago_is_not_told_of() -> None:
    assert remind_at(NOW - 12 * HOUR - MINUTE, 15 * MINUTE, NOW) is None


@pytest.mark.parametrize(
    ("minutes", "after"), [(0, timedelta(days=1)), (1, MINUTE), (90, 1.5 * HOUR)]
)
def test_heads_hear_after_the_rooms_time_or_a_day(minutes: int, after: timedelta) -> None:
    assert escalate_at(NOW, minutes) == NOW + after
