"""Progress keeps a VIP: an interaction, a milestone or a receipt on any of the client's activities,
by anyone (domain.md, number 5).
"""

from dataclasses import replace
from datetime import datetime

from services.vip.domain.holding import free
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import DomainEvent, Vip


def progress(vip: Vip, at: datetime, room_settings: RoomSettings) -> DomainEvent:
    """Records progress at the moment `at` on a held `vip`.

    Progress older than its last moves nothing back; progress after the deadline comes too late: the
    VIP was free by then.
    """
    if under(vip, room_settings).overdue(at):
        return free(vip, "reset")
    latest = max(at, vip.progress_at or at)
    after = _with_deadline(replace(vip, version=vip.version + 1, progress_at=latest), room_settings)
    return DomainEvent("vip.progressed", after)


def under(vip: Vip, room_settings: RoomSettings) -> Vip:
    """The VIP with the deadline that its room's settings give it.

    The stored one follows changed settings in the background; rules judge by this one meanwhile.
    """
    return _with_deadline(vip, room_settings)


def _with_deadline(vip: Vip, room_settings: RoomSettings) -> Vip:
    """The VIP with the deadline of its last progress, and another warning if that is another."""
    due_at = room_settings.reset_due_at(vip.progress_at) if vip.progress_at else None
    if vip.progress_at is None or due_at == vip.reset_due_at:
        return vip
    warning_at = room_settings.warning_at(vip.progress_at, due_at)
    return replace(vip, reset_due_at=due_at, warning_at=warning_at)


def realign(vip: Vip, room_settings: RoomSettings) -> list[DomainEvent]:
    """Moves the deadline of a held `vip` to where changed room settings put it."""
    moved = under(vip, room_settings)
    if moved == vip:
        return []
    return [DomainEvent("vip.progressed", replace(moved, version=vip.version + 1))]


def reset(vip: Vip, room_settings: RoomSettings, now: datetime) -> list[DomainEvent]:
    """Frees a held `vip` whose deadline has passed by `now`, or moves a deadline that changed room
    settings put elsewhere.
    """
    if under(vip, room_settings).overdue(now):
        return [free(vip, "reset")]
    return realign(vip, room_settings)


def warn(vip: Vip, room_settings: RoomSettings, now: datetime) -> list[DomainEvent]:
    """Warns the holder of `vip` of a reset that is near by `now`, once for each deadline; or moves
    a deadline that changed room settings put elsewhere. Nothing where the deadline has passed.
    """
    current = under(vip, room_settings)
    if current.overdue(now):
        return []
    if current.warning_at is None or now < current.warning_at:
        return realign(vip, room_settings)
    after = replace(current, version=vip.version + 1, warning_at=None)
    details = {"responsible": vip.responsible, "due_at": current.reset_due_at}
    return [DomainEvent("vip.reset_warned", after, details)]
