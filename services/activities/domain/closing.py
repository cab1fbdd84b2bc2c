"""How an activity ends without a sale, comes back, and whose pay it is."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from services.activities.domain.activity import Activity, DomainEvent, step
from services.activities.domain.refusals import AlreadyWon, HasMoney, NotInWork, NotLost
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.trading import reverse_win
from shared.errors import Invalid
from shared.ids import EmployeeId


def lose(activity: Activity, reason: str) -> DomainEvent:
    """Closed without a sale, with a reason; the responsible is remembered for a reopening.

    Raises:
        AlreadyWon, NotInWork: it is closed already.
        HasMoney: what was received must be refunded first, or pay would be wrong silently.
    """
    if activity.status == "won":
        raise AlreadyWon
    if activity.status == "lost":
        raise NotInWork(activity_status=activity.status)
    if activity.paid.amount > 0:
        raise HasMoney
    changes = {
        "status": "lost",
        "lost_reason": reason,
        "reset_due_at": None,
        "next_step": None,
        "next_step_due_at": None,
    }
    return step(activity, "activity.lost", {"former": activity.responsible}, note=reason, **changes)


def reopen(
    activity: Activity, still_works: bool, room_settings: RoomSettings, now: datetime
) -> DomainEvent:
    """A lost activity goes on, with its responsible if they `still_works` in the room; a won one
    loses its win. Raises `NotLost`.
    """
    if activity.status == "won":
        return reverse_win(activity, room_settings, now)
    if activity.status != "lost":
        raise NotLost(activity_status=activity.status)
    if activity.responsible and still_works:
        changes: dict[str, Any] = {
            "status": "in_work",
            "progress_at": now,
            "reset_due_at": room_settings.reset_due(now),
        }
    else:
        changes = {
            "status": "free",
            "responsible": None,
            "responsible_since": None,
            "how": None,
            "shares": (),
        }
    return step(activity, "activity.reopened", lost_reason=None, **changes)


def split(activity: Activity, shares: list[tuple[EmployeeId, Decimal]]) -> DomainEvent:
    """The pay is shared in new parts.

    Raises `NotInWork` unless in work or won, `Invalid` unless the parts are distinct and make 1.
    """
    if activity.status not in ("in_work", "won"):
        raise NotInWork(activity_status=activity.status)
    if len({employee for employee, _ in shares}) != len(shares):
        raise Invalid("shares", "distinct")
    if sum(share for _, share in shares) != 1:
        raise Invalid("shares", "sum")
    told = [{"employee_id": employee, "share": share} for employee, share in shares]
    return step(activity, "activity.split", {"shares": told}, shares=tuple(shares))
