"""What a call does to the activities of its client."""

from typing import Any
from uuid import UUID

import pytest

from services.activities.domain.activity import Activity
from services.activities.domain.call_effects import (
    CALL_BACK,
    CALL_BACK_WITHIN,
    LONGEST_STEP,
    CallBack,
    Candidate,
    RecordedCall,
    activity_of_call,
    ask_to_call_back,
    is_pending,
    note_call,
    record_talk,
)
from services.activities.events import event_of
from shared.ids import ActivityId, CompanyId, RoomId
from tests.unit.activities.builders import ANNA, BORIS, NOW, SETTINGS, a_free, in_work, later

CALL_ID = UUID(int=77)
ROOM, OTHER_ROOM = RoomId(UUID(int=1)), RoomId(UUID(int=2))
COMPANY, OTHER_COMPANY = CompanyId(UUID(int=3)), CompanyId(UUID(int=4))
MISSED = RecordedCall(CALL_ID, "incoming", "missed", None, None)
TALK = RecordedCall(CALL_ID, "incoming", "answered", 35, BORIS)
FACTS = {"direction": "incoming", "call_id": CALL_ID}
PROMISE = ("отправить договор", later(days=3))


def promising(**differently: Any) -> Activity:
    return in_work(next_step=PROMISE[0], next_step_due_at=PROMISE[1], **differently)


def test_missed_call_asks_the_responsible_to_call_back_and_is_no_progress() -> None:
    activity = in_work(untouched_at=later(hours=1))
    (event,), call_back = ask_to_call_back(activity, MISSED, None, later(hours=2))
    due_at = later(hours=2) + CALL_BACK_WITHIN
    assert (event.after.next_step, event.after.next_step_due_at) == (CALL_BACK, due_at)
    assert event.details == {
        "kind": "note",
        "has_note": False,
        **FACTS,
        "outcome": "missed",
        "duration_seconds": None,
        "employee_id": None,
    }
    assert call_back == CallBack(due_at, None)
    unchanged = ("progress_at", "reset_due_at", "untouched_at", "status", "responsible_id")
    assert all(getattr(event.after, name) == getattr(activity, name) for name in unchanged)
    assert event.after.version == activity.version + 1


def test_promise_waits_for_the_call_back_which_names_it() -> None:
    (event,), call_back = ask_to_call_back(promising(), MISSED, None, NOW)
    assert event.after.next_step == f"{CALL_BACK}. Затем: отправить договор"
    assert (event.details["step"], event.details["step_due_at"]) == ("moved", PROMISE[1])
    assert event.text == {"step_what": PROMISE[0]}
    assert call_back == CallBack(NOW + CALL_BACK_WITHIN, PROMISE)


def test_long_promise_is_named_in_part_and_kept_whole() -> None:
    activity = in_work(next_step="д" * 200, next_step_due_at=PROMISE[1])
    (event,), call_back = ask_to_call_back(activity, MISSED, None, NOW)
    assert event.after.next_step is not None
    assert len(event.after.next_step) == LONGEST_STEP
    assert call_back == CallBack(NOW + CALL_BACK_WITHIN, ("д" * 200, PROMISE[1]))


def test_second_missed_call_asks_for_nothing_while_the_first_does() -> None:
    (event,), call_back = ask_to_call_back(in_work(), MISSED, None, NOW)
    assert ask_to_call_back(event.after, MISSED, call_back, later(seconds=50)) == ([], None)
    done = in_work()
    assert ask_to_call_back(done, MISSED, call_back, NOW)[1] == call_back


def test_talk_is_progress_and_keeps_what_a_missed_call_asked_for() -> None:
    (asked,), call_back = ask_to_call_back(in_work(untouched_at=NOW), MISSED, None, NOW)
    (event,) = record_talk(asked.after, TALK, call_back, SETTINGS, later(minutes=5))
    assert event.details == {
        "kind": "call",
        "has_note": False,
        **FACTS,
        "outcome": "answered",
        "duration_seconds": 35,
        "employee_id": BORIS,
        "step": "kept",
        "step_due_at": NOW + CALL_BACK_WITHIN,
    }
    assert event.text == {"step_what": CALL_BACK}
    assert (event.after.next_step, event.after.next_step_due_at) == (None, None)
    assert (event.after.progress_at, event.after.untouched_at) == (later(minutes=5), None)
    assert event.after.reset_due_at == later(days=14, minutes=5)


def test_promise_is_back_in_its_place_after_the_talk() -> None:
    (asked,), call_back = ask_to_call_back(promising(), MISSED, None, NOW)
    (event,) = record_talk(asked.after, TALK, call_back, SETTINGS, NOW)
    assert (event.after.next_step, event.after.next_step_due_at) == PROMISE


@pytest.mark.parametrize("pending", [None, CallBack(later(minutes=1), None)])
def test_talk_leaves_what_the_seller_promised(pending: CallBack | None) -> None:
    (event,) = record_talk(promising(), TALK, pending, SETTINGS, NOW)
    assert (event.after.next_step, event.after.next_step_due_at) == PROMISE
    assert "step" not in event.details
    assert event.text == {}


def test_talk_about_a_free_activity_is_progress_without_a_deadline() -> None:
    (event,) = record_talk(a_free(), TALK, None, SETTINGS, later(hours=1))
    assert (event.after.status, event.after.progress_at) == ("free", later(hours=1))
    assert event.after.reset_due_at is None


def test_unanswered_call_of_ours_is_a_note_and_no_progress() -> None:
    attempt = RecordedCall(CALL_ID, "outgoing", "missed", None, ANNA)
    activity = promising(untouched_at=later(hours=1))
    (event,) = note_call(activity, attempt)
    assert (event.details["kind"], event.details["direction"]) == ("note", "outgoing")
    assert event.details["employee_id"] == ANNA
    unchanged = ("progress_at", "reset_due_at", "untouched_at", "next_step", "next_step_due_at")
    assert all(getattr(event.after, name) == getattr(activity, name) for name in unchanged)


def test_calls_facts_are_published() -> None:
    (event,) = record_talk(in_work(), TALK, None, SETTINGS, NOW)
    published: Any = event_of(event, ANNA)
    assert (published.direction, published.outcome) == ("incoming", "answered")
    assert (published.duration_seconds, published.employee_id) == (35, BORIS)
    assert published.call_id == CALL_ID


@pytest.mark.parametrize(
    ("due_at", "call_back", "pending"),
    [
        (NOW, CallBack(NOW, None), True),
        (NOW, CallBack(later(seconds=1), None), False),
        (None, CallBack(NOW, None), False),
        (NOW, None, False),
        (None, None, False),
    ],
)
def test_step_is_a_missed_calls_while_it_is_due_when_that_asked(
    due_at: Any, call_back: CallBack | None, pending: bool
) -> None:
    assert is_pending(in_work(next_step_due_at=due_at), call_back) is pending


def candidate(number: int, **about: Any) -> Candidate:
    values: dict[str, Any] = {
        "id": ActivityId(UUID(int=number)),
        "company_id": OTHER_COMPANY,
        "room_id": OTHER_ROOM,
        "responsible_id": ANNA,
        "progress_at": NOW,
    }
    return Candidate(**values | about)


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        ({}, {"responsible_id": None, "company_id": COMPANY, "room_id": ROOM}),
        ({"responsible_id": BORIS}, {"company_id": COMPANY, "room_id": ROOM}),
        ({"company_id": COMPANY}, {"room_id": ROOM, "progress_at": later(days=1)}),
        ({"room_id": ROOM}, {"progress_at": later(days=1)}),
        ({"progress_at": later(seconds=1)}, {}),
    ],
)
def test_call_is_about_the_nearest_activity(
    nearer: dict[str, Any], farther: dict[str, Any]
) -> None:
    both = candidate(1, **nearer), candidate(2, **farther)
    assert activity_of_call(both, BORIS, ROOM, COMPANY) == both[0]
    assert activity_of_call(both[::-1], BORIS, ROOM, COMPANY) == both[0]


def test_without_a_known_number_or_employee_the_last_worked_counts() -> None:
    older = candidate(1, responsible_id=BORIS)
    newer = candidate(2, progress_at=later(hours=1))
    assert activity_of_call([older, newer], None, None, None) == newer
    assert activity_of_call([], BORIS, ROOM, COMPANY) is None
    assert activity_of_call([candidate(1), candidate(2)], None, None, None) == candidate(2)
