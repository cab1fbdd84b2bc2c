"""VIPs without progress for too long become free for others, after a warning (manual: «Период
сброса ответственного у очень важного клиента»).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from uuid import UUID

from services.vip.domain.progress import reset, warn
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import DomainEvent, Vip
from services.vip.handlers.placing import Seat, seat_of, settle
from services.vip.handlers.publishing import save
from services.vip.storage import directory, due
from shared.db import Tx
from shared.ids import VipId
from shared.isolation import apply_or_halve


@dataclass(frozen=True, slots=True)
class ResetBatch:
    """What happened to the VIPs of a batch, and which failed."""

    events: Sequence[DomainEvent]
    failed: Sequence[tuple[VipId, Exception]] = ()


async def reset_overdue(
    tx: Tx, now: datetime, limit: int, left_out: Sequence[UUID] = ()
) -> ResetBatch:
    """Frees up to `limit` of the tenant's VIPs whose deadline has passed by `now`, but for those
    `left_out`, and gives their places to whom they are due. One that fails does not keep the
    others.

    A deadline that changed room settings put elsewhere moves instead.
    """
    vips = await due.lock_due(tx, now, limit, left_out)
    vips.sort(key=lambda vip: (vip.company_id, vip.room_id, vip.id))

    async def reset_all(part: Sequence[Vip]) -> list[DomainEvent]:
        return await _apply(tx, part, partial(reset, now=now))

    isolated = await apply_or_halve(tx, vips, reset_all)
    events = [event for part in isolated.results for event in part]
    freed = {event.after.id for event in events if event.after.responsible is None}
    left = [seat for vip in vips if vip.id in freed and (seat := seat_of(vip))]

    async def settle_all(part: Sequence[Seat]) -> None:
        await settle(tx, part)

    unsettled = await apply_or_halve(tx, sorted(set(left)), settle_all)
    failed = [(vip.id, failure) for vip, failure in isolated.failed]
    failed += [(VipId(seat.seller), failure) for seat, failure in unsettled.failed]
    return ResetBatch(events, failed)


async def send_warnings(
    tx: Tx, now: datetime, limit: int, left_out: Sequence[UUID] = ()
) -> ResetBatch:
    """Warns the holders of up to `limit` of the tenant's VIPs whose reset is near by `now`, but for
    those `left_out`. The warning is stored with its event: each is sent once.
    """
    vips = await due.lock_warnings(tx, now, limit, left_out)
    vips.sort(key=lambda vip: (vip.company_id, vip.room_id, vip.id))

    async def warn_all(part: Sequence[Vip]) -> list[DomainEvent]:
        return await _apply(tx, part, partial(warn, now=now))

    isolated = await apply_or_halve(tx, vips, warn_all)
    events = [event for part in isolated.results for event in part]
    return ResetBatch(events, [(vip.id, failure) for vip, failure in isolated.failed])


async def _apply(
    tx: Tx, vips: Sequence[Vip], rule: Callable[[Vip, RoomSettings], list[DomainEvent]]
) -> list[DomainEvent]:
    """Applies a rule to VIPs that come in the order of company and room."""
    events: list[DomainEvent] = []
    for (company_id, room_id), of_room in groupby(
        vips, key=lambda vip: (vip.company_id, vip.room_id)
    ):
        room_settings = await directory.find_settings(tx, room_id, company_id)
        room_events = [event for vip in of_room for event in rule(vip, room_settings)]
        await save(tx, room_events)
        events += room_events
    return events
