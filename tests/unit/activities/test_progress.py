"""Interactions and milestones are progress."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.activities.domain import progress
from services.activities.domain.activity import Activity
from services.activities.domain.refusals import NoNextStep, NotInWork
from shared.errors import Invalid
from shared.vocabulary import InteractionKind
from tests.unit.activities.builders import (
    MOVES,
    NOW,
    SETTINGS,
    a_free,
    after,
    in_work,
    later,
    won,
)


@pytest.mark.parametrize("kind", ["call", "meeting", "message", "letter"])
def test_an_interaction_is_progress_and_settles_the_promised_step(kind: InteractionKind) -> None:
    activity = in_work(next_step="позвонить", next_step_due_at=NOW)
    now = later(days=3)
    (event,) = progress.record_interaction(activity, kind, "поговорили", None, SETTINGS, now)
    assert (event.after.progress_at, event.after.reset_due_at) == (now, now + timedelta(days=14))
    assert (event.after.next_step, event.after.next_step_due_at) == (None, None)
    assert event.note == "поговорили"
    assert event.details == {"kind": kind, "has_note": True, "step": "kept", "step_due_at": NOW}


def test_a_note_moves_no_deadline_and_settles_no_step() -> None:
    activity = in_work(next_step="позвонить", next_step_due_at=later(days=1))
    (event,) = progress.record_interaction(activity, "note", "мысль", None, SETTINGS, later(days=3))
    assert (event.after.progress_at, event.after.reset_due_at) == (
        activity.progress_at,
        activity.reset_due_at,
    )
    assert event.after.next_step == "позвонить"
    (promised,) = progress.record_interaction(
        activity, "note", None, ("счёт", later(days=5)), SETTINGS, later(days=3)
    )
    assert (promised.after.next_step, promised.after.next_step_due_at) == ("счёт", later(days=5))
    assert (promised.type, promised.details["step"]) == ("interaction.recorded", "moved")


def test_an_interaction_may_promise_the_next_step() -> None:
    (event,) = progress.record_interaction(
        in_work(), "call", None, ("счёт", later(days=5)), SETTINGS, later(days=3)
    )
    assert (event.after.next_step, event.after.next_step_due_at) == ("счёт", later(days=5))
    assert event.after.progress_at == later(days=3)


def test_a_won_activity_records_milestones_without_a_deadline() -> None:
    activity = after(MOVES["shipment"](won()))
    assert (activity.progress_at, activity.reset_due_at) == (NOW, None)


@pytest.mark.parametrize("move", ["invoice", "half", "shipment", "sent"])
def test_every_milestone_is_progress(move: str) -> None:
    activity = in_work(progress_at=later(days=-5), reset_due_at=later(days=9))
    assert after(MOVES[move](activity)).reset_due_at == later(days=14)


@pytest.mark.parametrize("status", ["free", "lost"])
def test_an_activity_that_nobody_works_is_not_invoiced(status: str) -> None:
    with pytest.raises(NotInWork) as refused:
        MOVES["invoice"](a_free(status=status))
    assert refused.value.extra == {"activity_status": status}


@pytest.mark.parametrize("move", ["half", "shipment", "sent", "signed"])
@pytest.mark.parametrize("status", ["free", "lost"])
def test_money_and_documents_are_recorded_whoever_works_it(status: str, move: str) -> None:
    activity = after(MOVES[move](a_free(status=status)))
    assert (activity.status, activity.reset_due_at) == (status, None)


@pytest.mark.parametrize("status", ["free", "lost"])
def test_nobody_talks_about_what_is_free_or_lost(status: str) -> None:
    with pytest.raises(NotInWork) as refused:
        progress.record_interaction(a_free(status=status), "call", None, None, SETTINGS, NOW)
    assert refused.value.extra == {"activity_status": status}


def test_an_interaction_without_a_promise_before_it_ends_none() -> None:
    (event,) = progress.record_interaction(in_work(), "call", "", None, SETTINGS, later(days=3))
    assert (event.details, event.text) == ({"kind": "call", "has_note": False}, {})
    with pytest.raises(NoNextStep):
        progress.record_interaction(in_work(), "call", None, None, SETTINGS, NOW, "moved")


def test_an_ended_promise_stays_with_the_timeline() -> None:
    activity = in_work(next_step="позвонить", next_step_due_at=NOW)
    (event,) = progress.record_interaction(activity, "call", None, None, SETTINGS, NOW, "dropped")
    assert event.details["step"] == "dropped"
    assert event.text == {"step_what": "позвонить"}


@pytest.mark.parametrize("activity", [in_work(), a_free(), won()])
def test_an_interaction_of_the_past_moves_nothing(activity: Activity) -> None:
    event = progress.record_past(activity, "call", "Созвонились", NOW, NOW)
    assert (event.type, event.note) == ("interaction.recorded", "Созвонились")
    assert event.details == {"kind": "call", "has_note": True, "happened_at": NOW}
    assert event.after == replace(activity, version=activity.version + 1)
    assert not progress.record_past(activity, "call", None, NOW, NOW).details["has_note"]


def test_an_interaction_of_the_past_is_not_of_the_future() -> None:
    with pytest.raises(Invalid) as refused:
        progress.record_past(in_work(), "call", None, later(seconds=1), NOW)
    assert refused.value.extra == {"errors": [{"field": "at", "rule": "not_in_future"}]}
