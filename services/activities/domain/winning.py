"""Winning, which follows from money and documents by itself, and taking a win back."""

from datetime import datetime
from typing import Any

from services.activities.domain.activity import NO_DEADLINE, Activity, DomainEvent, advance
from services.activities.domain.room_settings import RoomSettings
from shared.ids import EmployeeId


def win_if_complete(activity: Activity, won_before: bool, now: datetime) -> list[DomainEvent]:
    """Wins an open activity that is paid in full and fulfilled (domain: «The activity»).

    Who is responsible at the win is paid; with nobody responsible, who last was. A lost one is not
    won before it is reopened.
    """
    if activity.status not in ("in_work", "free") or not activity.covered:
        return []
    if not activity.fulfilled:
        return []
    sale = activity.sale if activity.sale == "renewal" else "repeat" if won_before else "first"
    changes: dict[str, Any] = {
        "status": "won",
        "won_at": now,
        "sale": sale,
        # Reports look for wins among what has progress of the time.
        "progress_at": now,
        **NO_DEADLINE,
    }
    if activity.status == "free":
        changes["responsible_id"] = last_responsible(activity)
    return [advance(activity, "activity.won", {"won_at": now}, **changes)]


def last_responsible(activity: Activity) -> EmployeeId | None:
    """Who was responsible last for a free activity; None where nobody ever was.

    One that became free before this was kept has who gave it back or lost it last.
    """
    released_at = activity.released_at_by_seller
    return activity.last_responsible_id or max(
        released_at, key=released_at.__getitem__, default=None
    )


def reverse_win(activity: Activity, room_settings: RoomSettings, now: datetime) -> DomainEvent:
    """Takes the win back: the activity is in work again and its responsible has the usual time, or
    in the pool again where it was won from there.

    Shares that were kept for whom the win paid, while somebody else answered for it, end with it:
    who is responsible at the next win is paid.
    """
    sharing = {employee for employee, _ in activity.shares}
    kept_for_another = activity.how == "handed_over" and activity.responsible_id not in sharing
    changes: dict[str, Any] = {
        "status": "in_work",
        "shares": () if kept_for_another else activity.shares,
        **room_settings.deadline(now, activity.reset_paused_until),
    }
    if activity.responsible_since is None:
        changes = {"status": "free", "responsible_id": None, "shares": ()}
    return advance(
        activity,
        "activity.win_reversed",
        {"won_at": activity.won_at},
        won_at=None,
        progress_at=now,
        **changes,
    )
