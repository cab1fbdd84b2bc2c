"""Returning to the pool: given back, taken away, reset after a warning; and deadlines that follow
room settings.
"""

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from services.activities.domain.activity import NO_DEADLINE, Activity, DomainEvent, advance
from services.activities.domain.refusals import NotInWork
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.steps import end_step
from shared.ids import EmployeeId


def release(activity: Activity, reason: str, now: datetime) -> DomainEvent:
    """Returns the activity to the pool for its responsible, who waits for the cooldown to take it
    again.

    Raises `NotInWork`.
    """
    former = _require_responsible(activity)
    return replace(
        _free(
            activity,
            "activity.released",
            {"former": former, "has_reason": True},
            released_at_by_seller=_with_release(activity, former, now),
        ),
        note=reason,
    )


def take_away(activity: Activity) -> DomainEvent:
    """Returns the activity to the pool at a head's word. Raises `NotInWork`."""
    former = _require_responsible(activity)
    return _free(activity, "activity.released", {"former": former, "has_reason": False})


def reset(activity: Activity, now: datetime) -> list[DomainEvent]:
    """Returns a stale activity to the pool, if its deadline has passed by `now` (manual: «Период
    сброса ответственного»).

    The former responsible lost it at the deadline: their cooldown counts from there.
    """
    former, due_at = activity.responsible_id, activity.reset_due_at
    if activity.status != "in_work" or former is None or due_at is None or now < due_at:
        return []
    event = _free(
        activity,
        "activity.reset",
        {"former": former, "due_at": due_at},
        released_at_by_seller=_with_release(activity, former, due_at),
    )
    return [replace(event, catch_up=True)]


def warn_of_reset(activity: Activity, now: datetime) -> list[DomainEvent]:
    """Warns the responsible of a reset that is near by `now`: once for each deadline."""
    due_at, warning_at = activity.reset_due_at, activity.reset_warning_at
    if activity.status != "in_work" or due_at is None or activity.reset_warned_at:
        return []
    if warning_at is None or now < warning_at:
        return []
    details = {"responsible": activity.responsible_id, "due_at": due_at}
    event = advance(activity, "activity.reset_warned", details, reset_warned_at=now)
    return [replace(event, catch_up=True)]


def tell_untouched(
    activity: Activity, room_settings: RoomSettings, now: datetime
) -> list[DomainEvent]:
    """Tells that nobody has worked a free or just taken activity within the room's limit by `now`:
    once, and once more for the head.
    """
    untouched_at = activity.untouched_at
    if untouched_at is None or now < untouched_at or activity.status not in ("free", "in_work"):
        return []
    is_escalated = activity.untouched_told_at is not None
    details = {
        "responsible": activity.responsible_id,
        "since": activity.responsible_since or activity.created_at,
        "escalated": is_escalated,
    }
    next_at = None if is_escalated else room_settings.options.escalates_at(untouched_at)
    event = advance(
        activity, "activity.untouched", details, untouched_at=next_at, untouched_told_at=now
    )
    return [replace(event, catch_up=True)]


def realign_deadline(activity: Activity, room_settings: RoomSettings) -> list[DomainEvent]:
    """Moves the deadline of an activity in work, and its warning, to where changed room settings
    put them. Who was warned of this deadline is not warned again.
    """
    changes = room_settings.deadline(activity.progress_at, activity.reset_paused_until)
    if activity.status != "in_work":
        return []
    if changes["reset_due_at"] == activity.reset_due_at:
        if changes["reset_warning_at"] == activity.reset_warning_at:
            return []
        del changes["reset_warned_at"]
    event = advance(activity, "activity.deadline_moved", **changes)
    return [replace(event, catch_up=True)]


def catch_up(activity: Activity, room_settings: RoomSettings, now: datetime) -> list[DomainEvent]:
    """The events that time and room settings have caused and nobody has written yet: the deadline
    moved, or passed by `now`.
    """
    due_at = room_settings.reset_due_at(activity.progress_at, activity.reset_paused_until)
    realigned = [] if due_at == activity.reset_due_at else realign_deadline(activity, room_settings)
    return realigned + reset(realigned[-1].after if realigned else activity, now)


def _require_responsible(activity: Activity) -> EmployeeId:
    if activity.status != "in_work" or activity.responsible_id is None:
        raise NotInWork(activity_status=activity.status)
    return activity.responsible_id


def _free(
    activity: Activity, event_type: str, details: dict[str, Any], **changes: Any
) -> DomainEvent:
    """Back to the pool; what the former responsible promised is dropped, for the next one must not
    begin with it.
    """
    ended = end_step(activity, "dropped")
    return advance(
        activity,
        event_type,
        {**details, **ended.details},
        text=ended.text,
        status="free",
        responsible_id=None,
        responsible_since=None,
        last_responsible_id=activity.responsible_id,
        how=None,
        shares=(),
        **NO_DEADLINE,
        **ended.changes,
        **changes,
    )


def _with_release(
    activity: Activity, seller: EmployeeId, released_at: datetime
) -> MappingProxyType[EmployeeId, datetime]:
    return MappingProxyType(dict(activity.released_at_by_seller) | {seller: released_at})
