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
    if vip.overdue(at):
        return free(vip, "reset")
    latest = max(at, vip.progress_at or at)
    after = replace(
        vip,
        version=vip.version + 1,
        progress_at=latest,
        reset_due_at=room_settings.reset_due_at(latest),
    )
    return DomainEvent("vip.progressed", after)


def realign(vip: Vip, room_settings: RoomSettings) -> list[DomainEvent]:
    """Moves the deadline of a held `vip` to where changed room settings put it."""
    due_at = room_settings.reset_due_at(vip.progress_at) if vip.progress_at else None
    if due_at == vip.reset_due_at:
        return []
    after = replace(vip, version=vip.version + 1, reset_due_at=due_at)
    return [DomainEvent("vip.progressed", after)]
