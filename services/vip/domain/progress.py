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
    after = replace(
        vip,
        version=vip.version + 1,
        progress_at=latest,
        reset_due_at=room_settings.reset_due_at(latest),
    )
    return DomainEvent("vip.progressed", after)


def under(vip: Vip, room_settings: RoomSettings) -> Vip:
    """The VIP with the deadline that its room's settings give it.

    The stored one follows changed settings in the background; rules judge by this one meanwhile.
    """
    due_at = room_settings.reset_due_at(vip.progress_at) if vip.progress_at else None
    return replace(vip, reset_due_at=due_at)


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
