"""A client's message on an open activity, and what is written of it."""

from datetime import timedelta

import pytest

from services.activities.domain.inbound_messages import note_of, record_message
from services.activities.domain.refusals import NotInWork
from tests.unit.activities.builders import NOW, SETTINGS, a_free, in_work, later

STEP = ("Ответить", later(hours=1))


def test_a_message_on_a_free_activity_is_a_line_and_no_progress() -> None:
    activity = a_free()
    (event,) = record_message(activity, "note", "Жду", STEP, SETTINGS, later(days=3))
    assert event.type == "interaction.recorded"
    assert event.details == {"kind": "note", "has_note": True}
    assert event.note == "Жду"
    after = event.after
    assert (after.version, after.status) == (activity.version + 1, "free")
    assert (after.progress_at, after.next_step) == (activity.progress_at, None)


def test_a_message_without_words_on_a_free_activity_has_no_note() -> None:
    (event,) = record_message(a_free(), "call", "", None, SETTINGS, NOW)
    assert event.details == {"kind": "call", "has_note": False}
    assert event.note is None


def test_a_message_promises_its_step_and_keeps_the_deadline() -> None:
    activity = in_work()
    (event,) = record_message(activity, "note", "Жду", STEP, SETTINGS, later(days=3))
    assert (event.after.next_step, event.after.next_step_due_at) == STEP
    assert event.after.reset_due_at == activity.reset_due_at
    assert event.note == "Жду"


def test_a_message_leaves_the_step_that_is_promised() -> None:
    activity = in_work(next_step="позвонить", next_step_due_at=later(days=1))
    (event,) = record_message(activity, "note", "", STEP, SETTINGS, NOW)
    assert (event.after.next_step, event.after.next_step_due_at) == ("позвонить", later(days=1))
    assert event.note is None


def test_a_call_that_was_answered_is_progress() -> None:
    (event,) = record_message(in_work(), "call", "", None, SETTINGS, later(days=3))
    assert event.after.reset_due_at == later(days=3) + timedelta(days=14)


def test_a_message_on_a_lost_activity_is_refused() -> None:
    with pytest.raises(NotInWork):
        record_message(a_free(status="lost"), "note", "", None, SETTINGS, NOW)


@pytest.mark.parametrize(
    ("text", "lines", "note"),
    [
        (None, [], ""),
        ("", [("Город", "Тверь")], "Город: Тверь"),
        ("Жду", [], "Жду"),
        ("Жду", [("Город", "Тверь"), ("Цвет", "синий")], "Жду\nГород: Тверь\nЦвет: синий"),
    ],
)
def test_a_note_has_the_text_and_a_line_for_each_other_field(
    text: str | None, lines: list[tuple[str, str]], note: str
) -> None:
    assert note_of(text, lines) == note
