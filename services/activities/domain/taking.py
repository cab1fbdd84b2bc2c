"""Who becomes responsible, and from when: taking, giving back, assigning, resetting."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from services.activities.domain.activity import Activity, DomainEvent, step
from services.activities.domain.refusals import (
    AlreadyTaken,
    AlreadyWon,
    NotFree,
    NotInWork,
    TooSoon,
    VipOfAnother,
)
from services.activities.domain.room_settings import RoomSettings
from shared.ids import EmployeeId
from shared.vocabulary import How


def take(
    activity: Activity,
    seller: EmployeeId,
    last_take: datetime | None,
    room_settings: RoomSettings,
    vip_holder: EmployeeId | None,
    now: datetime,
) -> DomainEvent:
    """`seller` takes a free activity from the pool.

    Raises:
        AlreadyTaken: someone else was first; carries who and since when.
        NotFree: it is won or lost.
        VipOfAnother: the client is held by another seller.
        TooSoon: the seller took another, or parted with this one, less than the cooldown ago
            (manual: «Количество секунд, после которого можно повторно взять себе активность»);
            carries the seconds left.
    """
    if activity.status == "in_work":
        raise AlreadyTaken(
            responsible_id=activity.responsible,
            taken_at=activity.responsible_since,
        )
    if activity.status != "free":
        raise NotFree(activity_status=activity.status)
    if vip_holder not in (None, seller):
        raise VipOfAnother
    ready_at = ready_to_take(
        last_take, activity.released_at_by_seller.get(seller), room_settings.cooldown
    )
    if ready_at and now < ready_at:
        raise TooSoon.until(ready_at, now)
    return make_responsible(activity, seller, "taken", room_settings, now)


def ready_to_take(
    last_take: datetime | None, parted_at: datetime | None, cooldown: timedelta
) -> datetime | None:
    """When a seller may take: the cooldown counts from their last take in the room and from when
    they parted with this very activity.
    """
    moments = [moment + cooldown for moment in (last_take, parted_at) if moment]
    return max(moments, default=None)


def make_responsible(
    activity: Activity, employee: EmployeeId, how: How, room_settings: RoomSettings, now: datetime
) -> DomainEvent:
    """The fact that `employee` works the activity from `now` on; the reset deadline starts anew."""
    return step(
        activity,
        "activity.taken",
        {"responsible": employee, "how": how},
        status="in_work",
        responsible=employee,
        responsible_since=now,
        how=how,
        shares=(),
        progress_at=now,
        reset_due_at=room_settings.reset_due(now),
    )


def release(activity: Activity, reason: str, now: datetime) -> DomainEvent:
    """The responsible gives the activity back; they wait for the cooldown to take it again.

    Raises `NotInWork`.
    """
    former = _responsible(activity)
    return _free(
        activity,
        "activity.released",
        former,
        now,
        {"former": former, "has_reason": True},
        note=reason,
    )


def take_away(activity: Activity, now: datetime) -> DomainEvent:
    """A head returns the activity to the pool. Raises `NotInWork`."""
    former = _responsible(activity)
    return _free(activity, "activity.released", None, now, {"former": former, "has_reason": False})


def assign(
    activity: Activity, employee: EmployeeId, room_settings: RoomSettings, now: datetime
) -> list[DomainEvent]:
    """A head makes `employee` responsible; nothing happens where they are already.

    Raises:
        AlreadyWon, NotInWork: it is closed.
    """
    if activity.status == "won":
        raise AlreadyWon
    if activity.status == "lost":
        raise NotInWork(activity_status=activity.status)
    if activity.responsible == employee:
        return []
    return [make_responsible(activity, employee, "assigned", room_settings, now)]


def reset(activity: Activity, now: datetime) -> list[DomainEvent]:
    """Returns a stale activity to the pool, if its deadline has passed by `now` (manual: «Период
    сброса ответственного»).

    The former responsible lost it at the deadline: their cooldown counts from there.
    """
    due_at = activity.reset_due_at
    if (
        activity.status != "in_work"
        or activity.responsible is None
        or due_at is None
        or now < due_at
    ):
        return []
    lost = _free(
        activity,
        "activity.reset",
        activity.responsible,
        due_at,
        {"former": activity.responsible, "due_at": due_at},
    )
    return [replace(lost, catch_up=True)]


def move_deadline(activity: Activity, room_settings: RoomSettings) -> list[DomainEvent]:
    """The room's numbers changed: the deadline of what is in work moves with them."""
    due_at = room_settings.reset_due(activity.progress_at)
    if activity.status != "in_work" or due_at == activity.reset_due_at:
        return []
    return [replace(step(activity, "activity.deadline_moved", reset_due_at=due_at), catch_up=True)]


def catch_up(activity: Activity, room_settings: RoomSettings, now: datetime) -> list[DomainEvent]:
    """What has happened to the activity that is not yet written: its deadline moved with the
    numbers, it passed by `now`.
    """
    moved = move_deadline(activity, room_settings)
    return moved + reset(moved[-1].after if moved else activity, now)


def _responsible(activity: Activity) -> EmployeeId:
    if activity.status != "in_work" or activity.responsible is None:
        raise NotInWork(activity_status=activity.status)
    return activity.responsible


def _free(
    activity: Activity,
    what: str,
    released_at_by_seller: EmployeeId | None,
    now: datetime,
    details: dict[str, Any],
    note: str | None = None,
) -> DomainEvent:
    left = dict(activity.released_at_by_seller) | (
        {released_at_by_seller: now} if released_at_by_seller else {}
    )
    return step(
        activity,
        what,
        details,
        note=note,
        status="free",
        responsible=None,
        responsible_since=None,
        how=None,
        shares=(),
        released_at_by_seller=MappingProxyType(left),
        reset_due_at=None,
    )
