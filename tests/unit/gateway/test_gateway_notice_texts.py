"""What notifications say: of an activity, or of a client who is held."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.gateway.reminders.texts import message_of

ACTIVITY = UUID(int=7)


def subject(kind: str, activity_id: UUID | None, language: Any = "en") -> str:
    row = {
        "id": UUID(int=1),
        "kind": kind,
        "moment": datetime(2026, 11, 27, 9, tzinfo=UTC),
        "count": 1,
        "activity_id": activity_id,
    }
    return message_of(row, language, "UTC", "https://sales.example.com/").subject


@pytest.mark.parametrize(
    ("kind", "of_activity", "of_vip"),
    [
        ("taken_away", "An activity is no longer", "You no longer hold a very important client"),
        ("assigned", "An activity was assigned", "You hold a very important client now"),
        ("reset_warning", "An activity goes back", "A very important client is free"),
    ],
)
def test_a_notification_of_a_vip_does_not_speak_of_an_activity(
    kind: str, of_activity: str, of_vip: str
) -> None:
    assert subject(kind, ACTIVITY).startswith(of_activity)
    assert subject(kind, None).startswith(of_vip)


def test_a_moved_vip_is_told_in_both_languages() -> None:
    assert subject("vip_moved", None).startswith("A very important client has another place")
    assert subject("vip_moved", None, "ru").startswith("У очень важного клиента другое место")
