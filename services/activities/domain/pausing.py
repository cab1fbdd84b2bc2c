"""Invoices pause the reset: who waits for money that is not overdue yet need not show progress
(a room's option, `pause_for_invoices`).
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.room_settings import RoomSettings


def follow_invoices(event: DomainEvent, room_settings: RoomSettings, now: datetime) -> DomainEvent:
    """The event of a changed order or trade, after which the pause is where the invoices that lack
    money put it, and the deadline where the pause does.

    The pause is kept whatever the room's option says, so that the option may change. Who was warned
    of a deadline that stays is not warned again.
    """
    activity = event.after
    paused_until = _paused_until(activity, now)
    if paused_until == activity.reset_paused_until:
        return event
    changes: dict[str, Any] = {"reset_paused_until": paused_until}
    if activity.status == "in_work":
        deadline = room_settings.deadline(activity.progress_at, paused_until)
        if deadline["reset_due_at"] != activity.reset_due_at:
            changes |= deadline
    return replace(event, after=activity.changed(**changes))


def _paused_until(activity: Activity, now: datetime) -> datetime | None:
    """The moment when the last of the invoices that lack money is overdue. A pause that ends before
    its time was one until `now`: what ran by then does not count.
    """
    former = activity.reset_paused_until
    moments = [invoice.overdue_from for invoice in activity.due_invoices]
    latest = max(filter(None, moments), default=None)
    if former is None or (latest and latest >= former):
        return latest
    return former if former <= now else max(latest or now, now)
