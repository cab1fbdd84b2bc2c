"""Deadlines follow changed room settings, a batch a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.vip.domain.progress import realign
from services.vip.domain.vip import Vip
from services.vip.handlers.publishing import save
from services.vip.storage import directory, due, repository
from shared.db import Tx
from shared.events.directory import RoomSettingsChanged
from shared.ids import CompanyId, EmployeeId, RoomId, VipId
from shared.isolation import apply_or_halve
from shared.jobs import enqueue

REALIGN_DEADLINES = "realign_vip_deadlines"


@dataclass(frozen=True, slots=True)
class RealignDeadlines:
    """Everything held in the room for the company is to have the deadline of its settings."""

    room_id: RoomId
    company_id: CompanyId
    changed_by: EmployeeId | None

    @classmethod
    def from_arguments(cls, arguments: Any) -> "RealignDeadlines":
        """The command of a job."""
        changed_by = arguments["changed_by"]
        return cls(
            RoomId(UUID(arguments["room_id"])),
            CompanyId(UUID(arguments["company_id"])),
            EmployeeId(UUID(changed_by)) if changed_by else None,
        )


async def start_realigning(tx: Tx, event: RoomSettingsChanged) -> None:
    """Creates the job that moves the room's deadlines, if its changed settings move any."""
    room_settings = await directory.find_settings(tx, event.room_id, event.company_id)
    total = await due.count_outdated(tx, event.room_id, event.company_id, room_settings)
    if total:
        arguments = {
            "room_id": str(event.room_id),
            "company_id": str(event.company_id),
            "changed_by": str(event.changed_by) if event.changed_by else None,
        }
        dedupe_key = f"{event.room_id}:{event.company_id}"
        await enqueue(tx, REALIGN_DEADLINES, arguments, dedupe_key=dedupe_key, total=total)


@dataclass(frozen=True, slots=True)
class RealignedBatch:
    """The VIPs that were looked at, and which failed; the next batch begins past `last`, None at
    the end.
    """

    ids: Sequence[VipId]
    last: UUID | None
    failed: Sequence[tuple[VipId, Exception]] = ()


async def realign_batch(
    tx: Tx, command: RealignDeadlines, after: UUID, limit: int
) -> RealignedBatch:
    """Moves the deadlines of up to `limit` VIPs with ids above `after`.

    Who holds a VIP under the old settings keeps these from changing until it is there to be found
    (`context.hold_room_settings`), so one pass finds all.
    """
    room_id, company_id = command.room_id, command.company_id
    room_settings = await directory.find_settings(tx, room_id, company_id)
    outdated = await due.find_outdated(tx, room_id, company_id, room_settings, after, limit)

    async def realign_all(vips: Sequence[Vip]) -> None:
        events = [
            event
            for vip in vips
            if (vip.room_id, vip.company_id) == (room_id, company_id)
            for event in realign(vip, room_settings)
        ]
        await save(tx, events, command.changed_by)

    vips = await repository.lock_all(tx, outdated.ids)
    isolated = await apply_or_halve(tx, vips, realign_all)
    failed = [(vip.id, failure) for vip, failure in isolated.failed]
    return RealignedBatch(outdated.ids, outdated.last, failed)
