"""What a message from outside does to an open activity of its client, and what is written of it."""

from collections.abc import Sequence
from datetime import datetime

from services.activities.domain.activity import Activity, DomainEvent, advance
from services.activities.domain.progress import record_interaction
from services.activities.domain.room_settings import RoomSettings
from shared.vocabulary import InteractionKind

LONGEST_NOTE = 4000
OPEN = ("free", "in_work")
"""Statuses of activities to which a client's next message belongs."""


def record_message(
    activity: Activity,
    kind: InteractionKind,
    note: str,
    next_step: tuple[str, datetime] | None,
    room_settings: RoomSettings,
    now: datetime,
) -> list[DomainEvent]:
    """Records a client's message on an open activity.

    In the pool it is a line of the timeline and no progress. In work it is an interaction of
    `kind`, a mere note keeping the deadline as it is, for what a client does is no work of the
    seller's; `next_step` is promised only where nothing else is.
    """
    if activity.status == "free":
        details = {"kind": kind, "has_note": bool(note)}
        return [advance(activity, "interaction.recorded", details, note=note or None)]
    promised = next_step if activity.next_step_due_at is None else None
    return record_interaction(activity, kind, note or None, promised, room_settings, now)


def note_of(text: str | None, lines: Sequence[tuple[str, str]]) -> str:
    """The text of a message with what else was typed, a line each."""
    parts = [text] if text else []
    parts += [f"{label}: {value}" for label, value in lines]
    return "\n".join(parts)
