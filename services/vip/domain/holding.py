"""Holding a client: who may claim it, release it and take it away."""

from dataclasses import replace
from datetime import datetime

from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import DomainEvent, Vip
from shared.errors import Forbidden, Refusal, VipOfAnother
from shared.ids import EmployeeId, RoomId
from shared.vocabulary import VipReleaseReason


class VipNotHeld(Refusal):
    """Nobody holds the client, so there is nothing to release."""

    code = "vip_not_held"


def require_free(vip: Vip) -> None:
    """Raises `VipOfAnother` where somebody holds `vip`."""
    if vip.responsible is not None:
        raise VipOfAnother(vip.reset_due_at)


def hold(
    vip: Vip, seller: EmployeeId, room_id: RoomId, room_settings: RoomSettings, now: datetime
) -> Vip:
    """A free `vip` as `seller` holds it from `now` on, in a place that is still to be found
    (`places.place_claimed`).
    """
    due_at = room_settings.reset_due_at(now)
    return replace(
        vip,
        version=vip.version + 1,
        room_id=room_id,
        responsible=seller,
        since=now,
        progress_at=now,
        reset_due_at=due_at,
        warning_at=room_settings.warning_at(now, due_at),
    )


def free(vip: Vip, reason: VipReleaseReason) -> DomainEvent:
    """Ends the holding of `vip`."""
    after = replace(
        vip,
        version=vip.version + 1,
        responsible=None,
        kind=None,
        since=None,
        progress_at=None,
        reset_due_at=None,
        warning_at=None,
    )
    return DomainEvent("vip.released", after, {"former": vip.responsible, "why": reason})


def move(vip: Vip, into: Vip) -> list[DomainEvent]:
    """Ends the holding of `vip`, whose client was merged into that of `into`, which its holder
    holds from now on as before; somebody who holds `into` keeps it.
    """
    freed = free(vip, "merged")
    if into.responsible is not None:
        return [freed]
    after = replace(
        into,
        version=into.version + 1,
        room_id=vip.room_id,
        responsible=vip.responsible,
        kind=vip.kind,
        since=vip.since,
        progress_at=vip.progress_at,
        reset_due_at=vip.reset_due_at,
        warning_at=vip.warning_at,
    )
    details = {"responsible": vip.responsible, "kind": vip.kind}
    return [freed, DomainEvent("vip.claimed", after, details)]


def release(vip: Vip, by: EmployeeId) -> DomainEvent:
    """Frees `vip` for its holder.

    Raises:
        VipNotHeld: nobody holds it.
        Forbidden: `by` is not its holder.
    """
    if vip.responsible is None:
        raise VipNotHeld
    if vip.responsible != by:
        raise Forbidden("release_vip")
    return free(vip, "released")
