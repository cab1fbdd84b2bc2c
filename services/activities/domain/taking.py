"""Becoming responsible: taking from the pool, and being assigned."""

from datetime import datetime, timedelta

from services.activities.domain.activity import Activity, DomainEvent, advance
from services.activities.domain.refusals import (
    AlreadyTaken,
    AlreadyWon,
    NotFree,
    NotInWork,
    TooSoon,
    WorkLimitReached,
)
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.vip_hold import VipHold
from shared.errors import VipOfAnother
from shared.ids import EmployeeId
from shared.vocabulary import How


def take(
    activity: Activity,
    seller: EmployeeId,
    last_take: datetime | None,
    room_settings: RoomSettings,
    vip_hold: VipHold | None,
    now: datetime,
) -> DomainEvent:
    """Gives a free activity of the pool to `seller`.

    Raises:
        AlreadyTaken: someone else was first; carries who and since when.
        NotFree: it is won or lost.
        VipOfAnother: the client is held by another seller; carries until when.
        TooSoon: the seller took another activity, or gave this one back or lost it, less than the
            cooldown ago (manual: «Количество секунд, после которого можно повторно взять себе
            активность»); carries the seconds left.
    """
    if activity.status == "in_work":
        raise AlreadyTaken(
            responsible_id=activity.responsible_id,
            taken_at=activity.responsible_since,
        )
    if activity.status != "free":
        raise NotFree(activity_status=activity.status)
    if vip_hold and vip_hold.holder_id != seller:
        raise VipOfAnother(vip_hold.protected_until)
    ready_at = ready_to_take_at(
        last_take, activity.released_at_by_seller.get(seller), room_settings.cooldown
    )
    if ready_at and now < ready_at:
        raise TooSoon.until(ready_at, now)
    return make_responsible(activity, seller, "taken", room_settings, now)


def require_below_limit(limit: int, in_work: int) -> None:
    """Raises `WorkLimitReached` where a seller has as many activities in work as the room allows
    one; carries the limit and the count.
    """
    if in_work >= limit:
        raise WorkLimitReached(limit=limit, in_work=in_work)


def ready_to_take_at(
    last_take: datetime | None, released_at: datetime | None, cooldown: timedelta
) -> datetime | None:
    """The moment from which a seller may take: the cooldown counts from their last take in the
    room and from when they gave back or lost this very activity; None for at once.
    """
    moments = [moment + cooldown for moment in (last_take, released_at) if moment]
    return max(moments, default=None)


def assign(
    activity: Activity, employee: EmployeeId, room_settings: RoomSettings, now: datetime
) -> list[DomainEvent]:
    """Makes `employee` responsible at a head's word; no event where they are already.

    Raises:
        AlreadyWon, NotInWork: it is closed.
    """
    if activity.status == "won":
        raise AlreadyWon
    if activity.status == "lost":
        raise NotInWork(activity_status=activity.status)
    if activity.responsible_id == employee:
        return []
    return [make_responsible(activity, employee, "assigned", room_settings, now)]


def make_responsible(
    activity: Activity, employee: EmployeeId, how: How, room_settings: RoomSettings, now: datetime
) -> DomainEvent:
    """Makes `employee` responsible from `now` on; the reset deadline starts anew."""
    return advance(
        activity,
        "activity.taken",
        {"responsible": employee, "how": how},
        status="in_work",
        responsible_id=employee,
        responsible_since=now,
        how=how,
        shares=(),
        progress_at=now,
        **room_settings.deadline(now, activity.reset_paused_until),
        untouched_at=room_settings.options.untouched_at(now),
        untouched_told_at=None,
    )
