"""A room's settings: what changed, what stays, and which notice a change gives."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.activities.domain.absences import Absences
from services.activities.domain.room_options import RoomOptions
from services.activities.domain.room_settings import (
    NOTICES,
    ResetNotice,
    RoomSettings,
    changed_numbers,
)
from services.activities.domain.working_days import WorkingDays
from services.activities.storage.production_calendar import is_day_off
from shared.room_settings import DEFAULTS, NOTICE
from tests.unit.activities.builders import NOW, later

ZONE = "Europe/Moscow"
CALENDAR = WorkingDays(ZONE, frozenset(), frozenset(), is_day_off)
PAUSING = RoomOptions(pause_for_invoices=True)
BEFORE = RoomSettings(activity_reset_days=30, vip_reset_days=40, options=PAUSING, calendar=CALENDAR)
NOTICE_OF_BEFORE = ResetNotice(30, 40, NOW + NOTICE, CALENDAR, pause_for_invoices=True)
ABSENCES = Absences(ZONE, ((date(2026, 11, 25), date(2026, 11, 26)),))


def notice(number: int, **differently: Any) -> ResetNotice:
    """One of 20 days that runs so many hours."""
    return replace(ResetNotice(20, 20, later(hours=number)), **differently)


def test_the_cooldown_is_one_of_seconds() -> None:
    assert RoomSettings(retake_cooldown_seconds=90).cooldown == timedelta(seconds=90)


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_changed_number_is_named(name: str) -> None:
    changes: dict[str, Any] = {name: 77}
    assert changed_numbers(RoomSettings(), RoomSettings(**changes)) == [name]


def test_options_are_none_of_the_numbers_that_change() -> None:
    assert changed_numbers(RoomSettings(), RoomSettings(options=PAUSING)) == []


def test_a_seller_has_the_rooms_settings_with_their_absences() -> None:
    assert BEFORE.of_seller(ABSENCES) == replace(BEFORE, absences=ABSENCES)
    assert BEFORE.of_seller(ABSENCES).of_seller(None) == BEFORE


def test_new_numbers_keep_the_options_and_the_calendar() -> None:
    numbers = RoomSettings(activity_reset_days=10, vip_reset_days=20, renewal_horizon_days=5)
    assert numbers.following(BEFORE, NOW) == replace(
        numbers, options=PAUSING, calendar=CALENDAR, reset_notices=(NOTICE_OF_BEFORE,)
    )


@pytest.mark.parametrize("changes", [{"activity_reset_days": 31}, {"vip_reset_days": 41}])
def test_a_change_of_either_period_gives_notice(changes: dict[str, Any]) -> None:
    after = replace(BEFORE, **changes).following(BEFORE, NOW)
    assert after == replace(BEFORE, **changes, reset_notices=(NOTICE_OF_BEFORE,))


@pytest.mark.parametrize(
    ("options", "calendar"), [(RoomOptions(), CALENDAR), (PAUSING, None), (RoomOptions(), None)]
)
def test_options_that_change_how_time_runs_give_notice(
    options: RoomOptions, calendar: WorkingDays | None
) -> None:
    after = BEFORE.with_options(options, calendar, NOW)
    assert after == replace(
        BEFORE, options=options, calendar=calendar, reset_notices=(NOTICE_OF_BEFORE,)
    )


def test_other_options_keep_the_notices_as_they_were() -> None:
    before = replace(BEFORE, reset_notices=(notice(-1),))
    options = replace(PAUSING, warn_before_hours=1, work_limit=5)
    after = before.with_options(options, CALENDAR, NOW)
    assert after == replace(before, options=options)


def test_a_change_drops_the_notices_that_have_ended() -> None:
    ended, running = notice(0), notice(1)
    before = replace(BEFORE, reset_notices=(ended, running))
    after = before.with_options(RoomOptions(), None, NOW)
    assert after.reset_notices == (running, NOTICE_OF_BEFORE)


def test_as_many_changes_as_notices_are_told_apart() -> None:
    running = tuple(notice(number) for number in range(1, NOTICES))
    after = replace(BEFORE, reset_notices=running).with_options(RoomOptions(), None, NOW)
    assert after.reset_notices == (*running, NOTICE_OF_BEFORE)


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ({"activity_reset_days": 21}, {}, {"activity_reset_days": 21}),
        ({}, {"activity_reset_days": 21}, {"activity_reset_days": 21}),
        ({"activity_reset_days": 0}, {}, {"activity_reset_days": 0}),
        ({}, {"activity_reset_days": 0}, {"activity_reset_days": 0}),
        ({"vip_reset_days": 21}, {}, {"vip_reset_days": 21}),
        ({}, {"vip_reset_days": 21}, {"vip_reset_days": 21}),
        ({"vip_reset_days": 0}, {}, {"vip_reset_days": 0}),
        ({}, {"vip_reset_days": 0}, {"vip_reset_days": 0}),
        ({"calendar": CALENDAR}, {}, {"calendar": CALENDAR}),
        ({}, {"calendar": CALENDAR}, {"calendar": CALENDAR}),
        ({"pause_for_invoices": True}, {}, {"pause_for_invoices": True}),
        ({}, {"pause_for_invoices": True}, {"pause_for_invoices": True}),
        ({}, {}, {}),
    ],
)
def test_the_earliest_of_too_many_changes_count_as_the_longer_one(
    first: dict[str, Any], second: dict[str, Any], both: dict[str, Any]
) -> None:
    others = tuple(notice(number) for number in range(3, NOTICES + 1))
    running = (notice(1, **first), notice(2, **second), *others)
    after = replace(BEFORE, reset_notices=running).with_options(RoomOptions(), None, NOW)
    assert after.reset_notices == (notice(2, **both), *others, NOTICE_OF_BEFORE)


def test_a_deadline_comes_with_a_warning_that_nobody_has_had() -> None:
    settings = RoomSettings(activity_reset_days=10, options=RoomOptions(pause_for_invoices=True))
    assert settings.deadline(NOW, later(days=2)) == {
        "reset_due_at": later(days=12),
        "reset_warning_at": later(days=11),
        "reset_warned_at": None,
    }


def test_a_room_without_a_period_has_neither_deadline_nor_warning() -> None:
    assert RoomSettings(activity_reset_days=0).deadline(NOW) == {
        "reset_due_at": None,
        "reset_warning_at": None,
        "reset_warned_at": None,
    }


def test_each_notice_bounds_what_the_ones_before_it_gave() -> None:
    notices = (
        ResetNotice(0, 30, later(days=3)),
        ResetNotice(5, 30, later(days=4)),
        ResetNotice(1, 30, later(days=2)),
    )
    settings = RoomSettings(activity_reset_days=1, reset_notices=notices)
    assert settings.reset_due_at(NOW) == later(days=2)


def test_a_period_that_ended_gives_no_deadline_after_a_notice() -> None:
    settings = RoomSettings(activity_reset_days=0, reset_notices=(notice(1),))
    assert settings.reset_due_at(NOW) is None


@pytest.mark.parametrize(
    ("former_until", "due_at"),
    [
        (later(days=11), later(days=11)),
        (later(days=20), later(days=12)),
        (later(days=-1), later(days=10)),
        (None, later(days=10)),
    ],
)
def test_days_taken_away_count_until_their_notice_ends(former_until: Any, due_at: Any) -> None:
    absences = Absences(ZONE, (), ABSENCES.days, former_until)
    settings = RoomSettings(activity_reset_days=10).of_seller(absences)
    assert settings.reset_due_at(NOW) == due_at


def test_a_former_period_leaves_absent_days_out_too() -> None:
    settings = RoomSettings(activity_reset_days=1, reset_notices=(notice(24 * 30),))
    assert settings.of_seller(ABSENCES).reset_due_at(NOW) == later(days=22)


def test_a_pause_that_ended_before_the_progress_moves_nothing() -> None:
    settings = RoomSettings(activity_reset_days=10, options=PAUSING)
    assert settings.reset_due_at(NOW, later(days=-1)) == later(days=10)
