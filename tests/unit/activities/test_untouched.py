"""What nobody has worked within the room's limit is told: once, and once more for the head."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from services.activities.domain import progress, releasing, taking
from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.room_options import RoomOptions
from services.activities.domain.room_settings import RoomSettings
from tests.unit.activities.builders import ANNA, BORIS, NOW, a_free, in_work, later

OPTIONS = RoomOptions(first_touch_minutes=10, escalate_after_minutes=20)
LIMITED = RoomSettings(options=OPTIONS)
CREATED_AT = later(hours=-1)
WAITING: dict[str, Any] = {"created_at": CREATED_AT, "untouched_at": later(minutes=10)}


def untouched(
    activity: Activity, details: dict[str, Any], next_at: datetime | None, now: datetime
) -> DomainEvent:
    after = replace(
        activity, version=activity.version + 1, untouched_at=next_at, untouched_told_at=now
    )
    return DomainEvent("activity.untouched", after, details, catch_up=True)


@pytest.mark.parametrize(
    ("activity", "responsible", "since"),
    [(a_free(**WAITING), None, CREATED_AT), (in_work(**WAITING), ANNA, NOW)],
)
def test_what_nobody_worked_in_time_is_told_and_escalates_later(
    activity: Activity, responsible: object, since: datetime
) -> None:
    now = later(minutes=10)
    details = {"responsible": responsible, "since": since, "escalated": False}
    events = releasing.tell_untouched(activity, LIMITED, now)
    assert events == [untouched(activity, details, later(minutes=30), now)]


def test_the_head_is_told_the_second_time_and_the_last() -> None:
    activity = in_work(untouched_at=later(minutes=30), untouched_told_at=later(minutes=10))
    now = later(minutes=31)
    details = {"responsible": ANNA, "since": NOW, "escalated": True}
    events = releasing.tell_untouched(activity, LIMITED, now)
    assert events == [untouched(activity, details, None, now)]


def test_a_room_that_does_not_escalate_tells_once() -> None:
    settings = RoomSettings(options=RoomOptions(first_touch_minutes=10))
    (event,) = releasing.tell_untouched(in_work(**WAITING), settings, later(minutes=10))
    assert event.after.untouched_at is None


@pytest.mark.parametrize(
    ("activity", "minutes"),
    [
        (in_work(untouched_at=None), 10),
        (in_work(**WAITING), 9.999),
        (a_free(**WAITING, status="won"), 10),
        (a_free(**WAITING, status="lost"), 10),
    ],
)
def test_nothing_is_untouched_before_its_time_or_once_closed(
    activity: Activity, minutes: float
) -> None:
    assert releasing.tell_untouched(activity, LIMITED, later(minutes=minutes)) == []


def test_who_becomes_responsible_has_the_whole_limit() -> None:
    waiting = a_free(untouched_at=later(minutes=30), untouched_told_at=later(minutes=10))
    taken = taking.take(waiting, BORIS, None, LIMITED, None, later(minutes=15)).after
    assert (taken.untouched_at, taken.untouched_told_at) == (later(minutes=25), None)


@pytest.mark.parametrize(
    ("kind", "left"), [("call", (None, None)), ("note", (later(minutes=30), later(minutes=10)))]
)
def test_an_interaction_touches_and_a_note_does_not(kind: Any, left: tuple[object, object]) -> None:
    waiting = in_work(untouched_at=later(minutes=30), untouched_told_at=later(minutes=10))
    (event,) = progress.record_interaction(waiting, kind, None, None, LIMITED, later(minutes=15))
    assert (event.after.untouched_at, event.after.untouched_told_at) == left
