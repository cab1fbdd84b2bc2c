"""Returning to the pool, and deadlines that follow the room settings."""

from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType

import pytest

from services.activities.domain import releasing
from services.activities.domain.closing import Loss, lose
from services.activities.domain.progress import record_interaction
from services.activities.domain.refusals import (
    NotInWork,
)
from services.activities.domain.room_options import RoomOptions
from services.activities.domain.room_settings import RoomSettings
from tests.unit.activities.builders import (
    ANNA,
    BORIS,
    NOW,
    SETTINGS,
    a_free,
    in_work,
    later,
    types,
)


def test_releasing_starts_the_cooldown_and_being_taken_away_does_not() -> None:
    shares = ((ANNA, Decimal(1)),)
    given_back = releasing.release(in_work(shares=shares), "не мой профиль", later(minutes=1))
    assert given_back.type == "activity.released"
    assert given_back.details == {"former": ANNA, "has_reason": True}
    assert given_back.note == "не мой профиль"
    assert dict(given_back.after.released_at_by_seller) == {ANNA: later(minutes=1)}
    taken_away = releasing.take_away(in_work())
    assert taken_away.details == {"former": ANNA, "has_reason": False}
    assert (taken_away.type, dict(taken_away.after.released_at_by_seller)) == (
        "activity.released",
        {},
    )
    for freed in (given_back.after, taken_away.after):
        nobody = (
            freed.responsible_id,
            freed.responsible_since,
            freed.how,
            freed.reset_due_at,
            freed.shares,
        )
        assert (freed.status, nobody) == ("free", (None, None, None, None, ()))


@pytest.mark.parametrize("status", ["free", "won", "lost"])
def test_only_an_activity_in_work_can_be_released_or_taken_away(status: str) -> None:
    with pytest.raises(NotInWork) as refused:
        releasing.release(a_free(status=status, responsible_id=ANNA), "причина", NOW)
    assert refused.value.extra == {"activity_status": status}
    with pytest.raises(NotInWork):
        releasing.take_away(a_free(status=status))


@pytest.mark.parametrize(("days", "resets"), [(13.999, False), (14, True), (15, True)])
def test_a_stale_activity_returns_to_the_pool_at_its_deadline(days: float, resets: bool) -> None:
    events = releasing.reset(in_work(), later(days=days))
    assert types(events) == (["activity.reset"] if resets else [])
    if resets:
        assert events[0].details == {"former": ANNA, "due_at": later(days=14)}
        assert (events[0].after.status, events[0].after.responsible_id) == ("free", None)
        assert ANNA in events[0].after.released_at_by_seller


@pytest.mark.parametrize(
    "activity",
    [
        a_free(reset_due_at=NOW),
        in_work(reset_due_at=None),
        a_free(status="lost", responsible_id=ANNA, reset_due_at=NOW),
    ],
)
def test_nothing_resets_without_a_deadline_or_out_of_work(activity: object) -> None:
    assert releasing.reset(activity, later(days=4000)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(("days", "due_days"), [(7, 7), (30, 30), (0, None)])
def test_changed_settings_move_the_deadline_from_the_last_progress(
    days: int, due_days: int | None
) -> None:
    (moved,) = releasing.realign_deadline(in_work(), RoomSettings(activity_reset_days=days))
    assert moved.type == "activity.deadline_moved"
    assert moved.after.reset_due_at == (later(days=due_days) if due_days else None)
    assert releasing.realign_deadline(moved.after, RoomSettings(activity_reset_days=days)) == [], (
        "once"
    )
    assert releasing.realign_deadline(a_free(), RoomSettings(activity_reset_days=days)) == []


@pytest.mark.parametrize(
    ("days", "what"),
    [
        (14, []),
        (30, ["activity.deadline_moved"]),
        (7, ["activity.deadline_moved", "activity.reset"]),
        (0, ["activity.deadline_moved"]),
    ],
)
def test_catching_up_judges_by_the_present_settings(days: int, what: list[str]) -> None:
    events = releasing.catch_up(in_work(), RoomSettings(activity_reset_days=days), later(days=10))
    assert types(events) == what
    assert all(event.catch_up for event in events)
    assert (
        releasing.catch_up(a_free(), RoomSettings(activity_reset_days=days), later(days=10)) == []
    )


def test_each_seller_has_a_cooldown_of_their_own_from_the_deadline() -> None:
    activity = in_work(released_at_by_seller=MappingProxyType({BORIS: NOW}))
    (event,) = releasing.reset(activity, later(days=20))
    assert dict(event.after.released_at_by_seller) == {BORIS: NOW, ANNA: later(days=14)}


@pytest.mark.parametrize(
    ("days", "hours", "warned_after"),
    [
        (14, 24, timedelta(days=13)),
        (14, 72, timedelta(days=11)),
        (1, 24, timedelta(hours=12)),
        (14, 0, None),
        (0, 24, None),
    ],
)
def test_a_warning_comes_before_the_deadline_but_not_in_the_first_half(
    days: int, hours: int, warned_after: timedelta | None
) -> None:
    settings = RoomSettings(activity_reset_days=days, options=RoomOptions(warn_before_hours=hours))
    warning_at = settings.deadline(NOW)["reset_warning_at"]
    assert warning_at == (NOW + warned_after if warned_after else None)


def test_the_responsible_is_warned_once_for_each_deadline() -> None:
    activity = in_work()
    assert releasing.warn_of_reset(activity, later(days=13, seconds=-1)) == []
    (warned,) = releasing.warn_of_reset(activity, later(days=13))
    assert (warned.type, warned.catch_up) == ("activity.reset_warned", True)
    assert warned.details == {"responsible": ANNA, "due_at": later(days=14)}
    assert warned.after.alert_at is None
    assert releasing.warn_of_reset(warned.after, later(days=13, hours=1)) == []
    called = record_interaction(warned.after, "call", None, None, SETTINGS, later(days=13))
    assert called[-1].after.alert_at == later(days=26)
    (moved,) = releasing.realign_deadline(warned.after, RoomSettings(activity_reset_days=20))
    assert moved.after.alert_at == later(days=19)


def test_who_was_warned_of_a_deadline_is_not_warned_of_it_again() -> None:
    (warned,) = releasing.warn_of_reset(in_work(), later(days=13))
    earlier = RoomSettings(options=RoomOptions(warn_before_hours=48))
    (moved,) = releasing.realign_deadline(warned.after, earlier)
    assert (moved.after.reset_warning_at, moved.after.alert_at) == (later(days=12), None)


@pytest.mark.parametrize("status", ["free", "lost"])
def test_nobody_is_warned_of_what_is_not_in_work(status: str) -> None:
    freed = releasing.release(in_work(), "не мой профиль", NOW).after
    lost = lose(in_work(), Loss("нет бюджета"), NOW).after
    activity = freed if status == "free" else lost
    assert activity.alert_at is None
    assert releasing.warn_of_reset(activity, later(days=400)) == []
