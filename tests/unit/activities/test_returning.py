"""What returns to the pool begins anew, with nothing of its former responsible."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from services.activities.domain import releasing
from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.room_options import RoomOptions
from services.activities.domain.room_settings import RoomSettings
from tests.unit.activities.builders import ANNA, BORIS, NOW, SETTINGS, a_free, in_work, later

STEP_ENDED = {"step": "dropped", "step_due_at": later(days=2)}
STEP_TEXT = {"step_what": "позвонить"}


def busy() -> Activity:
    """Anna's, with a promise, shares, a warning and a limit that runs."""
    return in_work(
        shares=((ANNA, Decimal(1)),),
        next_step="позвонить",
        next_step_due_at=later(days=2),
        reset_warned_at=later(days=13),
        untouched_at=later(minutes=10),
        untouched_told_at=NOW,
        released_at_by_seller=MappingProxyType({BORIS: NOW}),
    )


def freed(activity: Activity, **changes: Any) -> Activity:
    nothing = dict.fromkeys(
        (
            "responsible_id",
            "responsible_since",
            "how",
            "next_step",
            "next_step_due_at",
            "reset_due_at",
            "reset_warning_at",
            "reset_warned_at",
            "untouched_at",
            "untouched_told_at",
        )
    )
    about: dict[str, Any] = {
        **nothing,
        "version": activity.version + 1,
        "status": "free",
        "last_responsible_id": ANNA,
        "shares": (),
    }
    return replace(activity, **about | changes)


def test_a_released_activity_keeps_nothing_but_who_released_it() -> None:
    activity, now = busy(), later(minutes=1)
    releases = MappingProxyType({BORIS: NOW, ANNA: now})
    assert releasing.release(activity, "не мой профиль", now) == DomainEvent(
        "activity.released",
        freed(activity, released_at_by_seller=releases),
        {"former": ANNA, "has_reason": True, **STEP_ENDED},
        "не мой профиль",
        text=STEP_TEXT,
    )


def test_an_activity_taken_away_starts_no_cooldown() -> None:
    activity = busy()
    assert releasing.take_away(activity) == DomainEvent(
        "activity.released",
        freed(activity),
        {"former": ANNA, "has_reason": False, **STEP_ENDED},
        text=STEP_TEXT,
    )


def test_a_reset_activity_was_lost_at_its_deadline() -> None:
    activity, due_at = busy(), later(days=14)
    releases = MappingProxyType({BORIS: NOW, ANNA: due_at})
    event = DomainEvent(
        "activity.reset",
        freed(activity, released_at_by_seller=releases),
        {"former": ANNA, "due_at": due_at, **STEP_ENDED},
        catch_up=True,
        text=STEP_TEXT,
    )
    assert releasing.reset(activity, later(days=20)) == [event]


def test_a_warning_changes_nothing_but_that_it_was_given() -> None:
    activity, now = in_work(), later(days=13)
    after = replace(activity, version=2, reset_warned_at=now)
    details = {"responsible": ANNA, "due_at": later(days=14)}
    event = DomainEvent("activity.reset_warned", after, details, catch_up=True)
    assert releasing.warn_of_reset(activity, now) == [event]


def test_nobody_is_warned_without_a_deadline_or_a_moment_to_warn() -> None:
    for missing in ("reset_due_at", "reset_warning_at"):
        activity = in_work(**{missing: None})
        assert releasing.warn_of_reset(activity, later(days=13)) == []
    free = a_free(**SETTINGS.deadline(NOW))
    assert releasing.warn_of_reset(free, later(days=13)) == []


def test_a_moved_deadline_is_one_that_nobody_was_warned_of() -> None:
    activity = in_work(reset_warned_at=later(days=13))
    settings = RoomSettings(activity_reset_days=20)
    after = replace(activity, version=2, **settings.deadline(NOW))
    moved = DomainEvent("activity.deadline_moved", after, catch_up=True)
    assert releasing.realign_deadline(activity, settings) == [moved]
    assert releasing.catch_up(activity, settings, later(days=15)) == [moved]


def test_a_moved_warning_of_the_same_deadline_is_not_given_again() -> None:
    activity = in_work(reset_warned_at=later(days=13))
    settings = RoomSettings(options=RoomOptions(warn_before_hours=48))
    after = replace(activity, version=2, reset_warning_at=later(days=12))
    moved = DomainEvent("activity.deadline_moved", after, catch_up=True)
    assert releasing.realign_deadline(activity, settings) == [moved]
    assert releasing.catch_up(activity, settings, later(days=13)) == [], "the deadline stays"


def test_catching_up_counts_from_the_end_of_a_pause() -> None:
    settings = RoomSettings(options=RoomOptions(pause_for_invoices=True))
    activity = in_work(reset_paused_until=later(days=3))
    (moved,) = releasing.catch_up(activity, settings, later(days=15))
    assert moved.after.reset_due_at == later(days=17)
    assert moved.after.reset_warning_at == later(days=16)
