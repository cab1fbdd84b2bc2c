"""Progress: interactions and milestones, from which the reset deadline counts anew."""

from datetime import datetime
from typing import Any

from services.activities.domain.activity import TOUCHED, Activity, DomainEvent, advance
from services.activities.domain.refusals import NotInWork
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.steps import end_by_interaction
from shared.errors import Invalid
from shared.vocabulary import InteractionKind, StepEnd


def record_interaction(
    activity: Activity,
    kind: InteractionKind,
    note: str | None,
    next_step: tuple[str, datetime] | None,
    room_settings: RoomSettings,
    now: datetime,
    step: StepEnd | None = None,
) -> list[DomainEvent]:
    """Records a call, meeting, letter or message: progress that also ends the promised next step,
    as `step` says, else as kept. A mere note is neither.

    Raises `NotInWork` for an activity that is free or lost; `NoNextStep`.
    """
    require_in_work_or_won(activity)
    ended = end_by_interaction(activity, kind, next_step is not None, step)
    changes: dict[str, Any] = {**ended.changes}
    if kind != "note":
        changes |= progress(activity, room_settings, now)
    if next_step:
        changes |= {"next_step": next_step[0], "next_step_due_at": next_step[1]}
    details = {"kind": kind, "has_note": bool(note), **ended.details}
    event_type = "interaction.recorded"
    return [advance(activity, event_type, details, note=note, text=ended.text, **changes)]


def record_past(
    activity: Activity, kind: InteractionKind, note: str | None, at: datetime, now: datetime
) -> DomainEvent:
    """Records an interaction of the past, whatever has become of the activity since: it moves no
    deadline and ends no promise.

    Raises `Invalid` for a moment that has not come.
    """
    if at > now:
        raise Invalid("at", "not_in_future")
    details = {"kind": kind, "has_note": bool(note), "happened_at": at}
    return advance(activity, "interaction.recorded", details, note=note)


def progress(activity: Activity, room_settings: RoomSettings, now: datetime) -> dict[str, Any]:
    """The changes that progress makes; only an activity in work has a reset deadline to move."""
    if activity.status != "in_work":
        return {"progress_at": now, **TOUCHED}
    deadline = room_settings.deadline(now, activity.reset_paused_until)
    return {"progress_at": now, **deadline, **TOUCHED}


def require_in_work_or_won(activity: Activity) -> None:
    """Raises `NotInWork` for an activity that is free or lost."""
    if activity.status not in ("in_work", "won"):
        raise NotInWork(activity_status=activity.status)
