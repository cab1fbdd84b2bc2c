"""A promised next step ends kept, moved or dropped, and the timeline has its words."""

from collections.abc import Callable
from typing import Any

import pytest

from services.activities.domain import closing, progress, releasing
from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.refusals import NoNextStep, NotInWork
from services.activities.domain.taking import assign
from services.activities.domain.winning import reverse_win
from services.activities.events import event_of
from shared.vocabulary import InteractionKind, StepEnd
from tests.unit.activities.builders import (
    ANNA,
    BORIS,
    NOW,
    SETTINGS,
    a_free,
    after,
    in_work,
    invoiced,
    later,
    paid,
    won,
)

DUE = later(days=1)
NEXT = ("счёт", later(days=5))


def promising(**differently: Any) -> Activity:
    return in_work(next_step="позвонить", next_step_due_at=DUE, **differently)


def interact(
    activity: Activity,
    kind: InteractionKind = "call",
    next_step: Any = None,
    step: StepEnd | None = None,
) -> DomainEvent:
    (event,) = progress.record_interaction(
        activity, kind, "потому что", next_step, SETTINGS, NOW, step
    )
    return event


@pytest.mark.parametrize(
    ("kind", "next_step", "said", "end"),
    [
        ("call", None, None, "kept"),
        ("call", NEXT, None, "kept"),
        ("call", NEXT, "moved", "moved"),
        ("letter", None, "dropped", "dropped"),
        ("note", NEXT, None, "moved"),
        ("note", None, "dropped", "dropped"),
        ("note", None, "kept", "kept"),
        ("note", NEXT, "kept", "kept"),
    ],
)
def test_an_interaction_tells_what_became_of_the_promise(
    kind: InteractionKind, next_step: Any, said: StepEnd | None, end: StepEnd
) -> None:
    event = interact(promising(), kind, next_step, said)
    assert (event.details["step"], event.details["step_due_at"]) == (end, DUE)
    assert event.text == {"step_what": "позвонить"}
    promised = next_step or (None, None)
    assert (event.after.next_step, event.after.next_step_due_at) == promised


def test_a_mere_note_leaves_the_promise() -> None:
    event = interact(promising(), "note")
    assert (event.after.next_step, event.after.next_step_due_at) == ("позвонить", DUE)
    assert "step" not in event.details and not event.text


@pytest.mark.parametrize("end", ["kept", "moved", "dropped"])
def test_what_was_not_promised_cannot_end(end: StepEnd) -> None:
    with pytest.raises(NoNextStep):
        interact(in_work(), "call", NEXT, end)


@pytest.mark.parametrize(
    "end",
    [
        lambda activity: releasing.release(activity, "не моё", NOW),
        releasing.take_away,
        lambda activity: releasing.reset(activity, later(days=20))[0],
        lambda activity: closing.lose(activity, closing.Loss("нет бюджета"), NOW),
    ],
    ids=["release", "take_away", "reset", "lose"],
)
def test_the_end_of_the_work_drops_the_promise(end: Callable[[Activity], DomainEvent]) -> None:
    event = end(promising())
    assert (event.after.next_step, event.after.next_step_due_at) == (None, None)
    assert (event.details["step"], event.details["step_due_at"]) == ("dropped", DUE)
    assert event.text == {"step_what": "позвонить"}
    nothing = end(in_work())
    assert "step" not in nothing.details and not nothing.text


def test_a_win_and_a_win_taken_back_keep_the_promise() -> None:
    activity = after(paid(after(invoiced(promising()))))
    assert (activity.status, activity.next_step, activity.next_step_due_at) == (
        "won",
        "позвонить",
        DUE,
    )
    assert reverse_win(activity, SETTINGS, NOW).after.next_step == "позвонить"


def test_another_responsible_inherits_the_promise() -> None:
    (event,) = assign(promising(responsible_id=ANNA), BORIS, SETTINGS, NOW)
    assert event.after.next_step == "позвонить"


def test_a_won_activity_takes_interactions_and_a_next_step() -> None:
    event = interact(won(), "call", NEXT)
    assert (event.after.status, event.after.next_step) == ("won", "счёт")
    assert (event.after.progress_at, event.after.reset_due_at) == (NOW, None)


@pytest.mark.parametrize("status", ["free", "lost"])
def test_nobody_interacts_with_what_nobody_works(status: Any) -> None:
    with pytest.raises(NotInWork):
        interact(a_free(status=status))


@pytest.mark.parametrize("activity", [promising(), in_work()])
def test_the_words_of_a_promise_are_not_published(activity: Activity) -> None:
    published = event_of(interact(activity), ANNA).to_json().decode()
    assert "позвонить" not in published
    assert ('"step":"kept"' in published) is (activity.next_step is not None)
