"""Winning, which follows from money and documents by itself, and taking a win back."""

from datetime import datetime
from typing import Any

from services.activities.domain.activity import Activity, DomainEvent, advance
from services.activities.domain.room_settings import RoomSettings


def win_if_complete(activity: Activity, won_before: bool, now: datetime) -> list[DomainEvent]:
    """Wins an activity in work whose payments cover its invoices and, for products that are
    delivered, whose documents are signed (domain: «The activity»).
    """
    if (
        activity.status != "in_work"
        or not activity.covered
        or (activity.delivered and not activity.documents_signed)
    ):
        return []
    sale = activity.sale if activity.sale == "renewal" else "repeat" if won_before else "first"
    changes: dict[str, Any] = {
        "status": "won",
        "won_at": now,
        "sale": sale,
        "reset_due_at": None,
        "next_step": None,
        "next_step_due_at": None,
    }
    return [advance(activity, "activity.won", {"won_at": now}, **changes)]


def reverse_win(activity: Activity, room_settings: RoomSettings, now: datetime) -> DomainEvent:
    """Takes the win back: the activity is in work again, its responsible has the usual time."""
    return advance(
        activity,
        "activity.win_reversed",
        {"won_at": activity.won_at},
        status="in_work",
        won_at=None,
        progress_at=now,
        reset_due_at=room_settings.reset_due_at(now),
    )
