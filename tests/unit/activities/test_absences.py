"""Absences: the time of a reset does not run on them, in the company's days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.absences import AbsenceDays, Absences, after, days_of, together
from services.activities.domain.releasing import catch_up, realign_deadline
from services.activities.domain.room_options import RoomOptions
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.working_days import WorkingDays
from services.activities.storage.production_calendar import is_day_off
from shared.clock import end_of_day, start_of_day
from shared.room_settings import NOTICE
from tests.unit.activities.builders import NOW, in_work, later

ZONE = "Europe/Moscow"
DAY = timedelta(days=1)
TEN = RoomSettings(activity_reset_days=10)


def on(month: int, day: int) -> date:
    return date(2026, month, day)


def absent(*days: tuple[date, date], zone: str = ZONE) -> Absences:
    absences = together([AbsenceDays(*both) for both in days], zone)
    assert absences
    return absences


def moscow(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC) - timedelta(hours=3)


@pytest.mark.parametrize(
    ("days", "due_at"),
    [
        ([(on(11, 25), on(11, 26))], moscow(12, 5)),
        ([(on(11, 10), on(11, 20))], moscow(12, 3)),
        ([(on(11, 22), on(11, 23))], moscow(12, 4, 0)),
        ([(on(12, 3), on(12, 5))], moscow(12, 6)),
        ([(on(12, 4), on(12, 8))], moscow(12, 3)),
        ([(on(11, 25), on(11, 25)), (on(12, 4), on(12, 5))], moscow(12, 6)),
        ([(on(11, 25), on(11, 28)), (on(11, 29), on(11, 30))], moscow(12, 9)),
    ],
)
def test_absent_days_are_left_out(days: list[tuple[date, date]], due_at: datetime) -> None:
    assert TEN.of_seller(absent(*days)).reset_due_at(moscow(11, 23)) == due_at


def test_working_days_leave_absent_ones_out_once() -> None:
    calendar = WorkingDays(ZONE, frozenset(), frozenset(), is_day_off)
    settings = RoomSettings(
        activity_reset_days=3, options=RoomOptions(working_days=True), calendar=calendar
    )
    assert settings.reset_due_at(moscow(11, 23)) == moscow(11, 26)
    over_a_weekend = absent((on(11, 26), on(11, 30)))
    assert settings.of_seller(over_a_weekend).reset_due_at(moscow(11, 23)) == moscow(12, 1)


def test_never_stays_never_and_a_pause_comes_first() -> None:
    seller = absent((on(11, 25), on(11, 26)))
    assert RoomSettings(activity_reset_days=0).of_seller(seller).reset_due_at(NOW) is None
    pausing = RoomSettings(activity_reset_days=3, options=RoomOptions(pause_for_invoices=True))
    paused_until = moscow(11, 24, 0)
    assert pausing.of_seller(seller).reset_due_at(moscow(11, 23), paused_until) == moscow(11, 29, 0)


def test_a_recorded_absence_moves_the_deadline_before_the_timer_comes() -> None:
    activity = in_work(**TEN.deadline(NOW))
    late = later(days=11)
    today = late.date()
    settings = TEN.of_seller(absent((today - 5 * DAY, today + 5 * DAY)))
    assert [event.type for event in catch_up(activity, settings, late)] == [
        "activity.deadline_moved"
    ]


def test_days_that_are_taken_away_give_a_days_notice() -> None:
    absence = AbsenceDays(on(11, 20), on(12, 20))
    now = moscow(12, 15)
    cancelled = absence.changed(absence.first_on, absence.last_on, True, now)
    seller = together([cancelled], ZONE)
    assert seller and seller.days == ()
    settings = TEN.of_seller(seller)
    assert settings.reset_due_at(moscow(11, 23)) == now + NOTICE
    assert settings.reset_due_at(moscow(12, 10)) == moscow(12, 20)
    activity = in_work(progress_at=moscow(11, 23), reset_due_at=moscow(12, 31, 0))
    (moved,) = realign_deadline(activity, settings)
    assert moved.after.reset_due_at == now + NOTICE
    assert catch_up(moved.after, settings, now) == []


def test_a_second_change_within_a_day_does_not_cancel_the_notice() -> None:
    absence = AbsenceDays(on(11, 20), on(12, 20))
    first_at, second_at = moscow(12, 15), moscow(12, 15, 13)
    shorter = absence.changed(on(11, 20), on(12, 1), False, first_at)
    shortest = shorter.changed(on(11, 20), on(11, 25), False, second_at)
    assert (shortest.former_first_on, shortest.former_last_on) == (on(11, 20), on(12, 20))
    assert shortest.former_until == second_at + NOTICE
    assert shortest.relevant_until == on(12, 20)
    later_on = shortest.changed(on(11, 20), on(11, 22), False, moscow(12, 20))
    assert later_on.former_last_on == on(11, 25), "an old notice has ended"
    longer = absence.changed(on(11, 19), on(12, 21), False, first_at)
    assert longer.former_until is None


one_absence = st.tuples(st.integers(-30, 60), st.integers(0, 30)).map(
    lambda both: (NOW.date() + both[0] * DAY, NOW.date() + (both[0] + both[1]) * DAY)
)
zones = st.sampled_from([ZONE, "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu"])


@given(st.lists(one_absence, max_size=5), st.integers(1, 40), st.integers(0, 60), zones)
def test_the_time_that_runs_outside_absences_is_the_period(
    days: list[tuple[date, date]], period: int, hours: int, zone: str
) -> None:
    since = NOW + timedelta(hours=hours)
    seller = together([AbsenceDays(*both) for both in days], zone)
    due_at = RoomSettings(activity_reset_days=period).of_seller(seller).reset_due_at(since)
    assert due_at
    ran = due_at - since
    merged = seller.days if seller else ()
    for first_on, last_on in merged:
        begins_at, ends_at = start_of_day(first_on, zone), end_of_day(last_on, zone)
        ran -= max(min(ends_at, due_at) - max(begins_at, since), timedelta(0))
    assert ran == period * DAY
    assert due_at >= since + period * DAY, "an absence never shortens"
    assert len(days_of(merged)) == sum((last - first).days + 1 for first, last in merged)
    assert due_at == after(since, period * DAY, merged, zone)


@given(
    st.lists(one_absence, min_size=1, max_size=4),
    st.integers(0, 3),
    st.booleans(),
    st.integers(0, 60),
)
def test_what_had_time_left_keeps_a_day_whatever_is_taken_away(
    days: list[tuple[date, date]], which: int, cancelled: bool, passed: int
) -> None:
    absences = [AbsenceDays(*both) for both in days]
    before = TEN.of_seller(together(absences, ZONE)).reset_due_at(NOW)
    now = later(days=passed)
    changed = absences[which % len(absences)]
    shorter = changed.changed(changed.first_on, changed.first_on, cancelled, now)
    absences[which % len(absences)] = shorter
    after_change = TEN.of_seller(together(absences, ZONE)).reset_due_at(NOW)
    assert before and after_change
    assert after_change >= min(before, now + NOTICE)
    assert after_change <= before


TAKEN_AWAY = AbsenceDays(on(11, 20), on(12, 1), False, on(11, 20), on(12, 20), moscow(12, 16))


@pytest.mark.parametrize(("first", "last"), [(on(11, 20), on(12, 1)), (on(11, 19), on(12, 2))])
def test_a_change_that_takes_no_days_away_gives_no_notice(first: date, last: date) -> None:
    absence = AbsenceDays(on(11, 20), on(12, 1))
    assert absence.changed(first, last, False, NOW) == AbsenceDays(first, last)
    changed = TAKEN_AWAY.changed(first, last, False, NOW)
    assert changed.former_until == TAKEN_AWAY.former_until, "an earlier one runs on"


def test_a_notice_ends_with_its_moment() -> None:
    shorter = TAKEN_AWAY.changed(on(11, 20), on(11, 25), False, moscow(12, 16))
    assert (shorter.former_first_on, shorter.former_last_on) == (on(11, 20), on(12, 1))


def test_the_notices_of_several_absences_protect_together() -> None:
    other = AbsenceDays(on(10, 1), on(10, 2), True, on(10, 1), on(10, 2), moscow(12, 18))
    seller = together([TAKEN_AWAY, other, AbsenceDays(on(9, 1), on(9, 2))], ZONE)
    assert seller == Absences(
        ZONE,
        ((on(9, 1), on(9, 2)), (on(11, 20), on(12, 1))),
        ((on(9, 1), on(9, 2)), (on(10, 1), on(10, 2)), (on(11, 20), on(12, 20))),
        moscow(12, 18),
    )


def test_neighbouring_absences_are_one() -> None:
    assert absent((on(11, 1), on(11, 2)), (on(11, 3), on(11, 4))).days == ((on(11, 1), on(11, 4)),)
    apart = ((on(11, 1), on(11, 2)), (on(11, 4), on(11, 5)))
    assert absent(*apart).days == apart


def test_what_was_taken_away_protects_on_from_the_end_of_a_pause() -> None:
    pausing = RoomSettings(activity_reset_days=3, options=RoomOptions(pause_for_invoices=True))
    seller = together([TAKEN_AWAY], ZONE)
    settings, paused_until = pausing.of_seller(seller), moscow(12, 10, 0)
    assert settings.reset_due_at(moscow(11, 23), paused_until) == moscow(12, 16)


def test_an_absence_that_begins_as_the_time_ends_does_not_prolong_it() -> None:
    seller = absent((on(12, 3), on(12, 5)))
    assert TEN.of_seller(seller).reset_due_at(moscow(11, 23, 0)) == moscow(12, 3, 0)
