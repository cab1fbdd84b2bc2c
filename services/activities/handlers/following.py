"""Open activities follow who holds their client, a batch a transaction: announced by vip, at once
by a push and again by Kafka.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.activities.domain.following import LostHold, follow_holder
from services.activities.domain.vip_hold import VipHold, is_in_force
from services.activities.handlers.locked import caught_up
from services.activities.handlers.persons import enter_with_contacts
from services.activities.handlers.saving import save_events
from services.activities.storage import (
    absences,
    activities,
    directory,
    employees,
    locking,
    open_work,
    room_settings,
)
from services.activities.storage.directory import EMPLOYEE
from services.activities.storage.locking import LockedActivity
from services.activities.storage.mapping import room_settings_of
from shared.db import Tx
from shared.events import PublishedEvent
from shared.events.vip import VipEvent, VipReleased
from shared.ids import ActivityId, EmployeeId, RoomId
from shared.isolation import apply_or_halve
from shared.jobs import enqueue

FOLLOW_VIP = "follow_vip"
BATCH = 50
LOSSES = frozenset({"reset", "taken_away"})
"""Why a VIP is free so that the activities of who held it go along; who gives it back, leaves it to
another client or has no place keeps what they work."""
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class FollowVip:
    """The client's open activities for the company are to be with who holds the client, and no more
    with those who lost it; `by` caused it.
    """

    company_id: UUID
    client_id: UUID
    losses: tuple[LostHold, ...] = ()
    by: EmployeeId | None = None

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> "FollowVip":
        """The command of a job."""
        losses = tuple(
            LostHold(EmployeeId(UUID(loss["former"])), datetime.fromisoformat(loss["at"]))
            for loss in arguments["losses"]
        )
        by = EmployeeId(UUID(arguments["by"])) if arguments["by"] else None
        return cls(UUID(arguments["company_id"]), UUID(arguments["client_id"]), losses, by)

    @property
    def arguments(self) -> dict[str, Any]:
        """The command as a job keeps it."""
        return {
            "company_id": str(self.company_id),
            "client_id": str(self.client_id),
            "losses": [
                {"former": str(loss.former), "at": loss.at.isoformat()} for loss in self.losses
            ],
            "by": str(self.by) if self.by else None,
        }

    @property
    def formers(self) -> list[EmployeeId]:
        return sorted({loss.former for loss in self.losses})


async def follow_changes(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """Enqueues what follows from claims and releases, which are new here, client by client."""
    by_client: dict[tuple[UUID, UUID], list[PublishedEvent]] = {}
    for published in events:
        state = _vip_event(published).state
        by_client.setdefault((state.company_id, state.client_id), []).append(published)
    for (company_id, client_id), changes in by_client.items():
        losses = tuple(
            LostHold(published.event.former, published.envelope.time)
            for published in changes
            if isinstance(published.event, VipReleased) and published.event.why in LOSSES
        )
        by = _vip_event(changes[-1]).by
        await enqueue_following(tx, FollowVip(company_id, client_id, losses, by))


async def enqueue_following(tx: Tx, command: FollowVip) -> None:
    """Enqueues the job, if the client has something open that may follow."""
    company_id, client_id, formers = command.company_id, command.client_id, command.formers
    if await open_work.find_followers(tx, company_id, client_id, formers, _FIRST, 1):
        await enqueue(tx, FOLLOW_VIP, command.arguments)


def _vip_event(published: PublishedEvent) -> VipEvent:
    assert isinstance(published.event, VipEvent)
    return published.event


@dataclass(frozen=True, slots=True)
class FollowedBatch:
    """The activities that were looked at, fewer than `BATCH` at the end, and which failed."""

    ids: Sequence[ActivityId]
    failed: Sequence[tuple[ActivityId, Exception]] = ()


async def follow_batch(tx: Tx, command: FollowVip, after: UUID) -> FollowedBatch:
    """Gives a batch of the client's open activities past `after` to whom they belong now."""
    ids = await open_work.find_followers(
        tx, command.company_id, command.client_id, command.formers, after, BATCH
    )
    locked = await locking.lock_many(tx, ids)

    async def apply(part: Sequence[LockedActivity]) -> None:
        for activity in part:
            await _follow(tx, activity, command)

    isolated = await apply_or_halve(tx, locked, apply)
    failed = [(element.stored.id, failure) for element, failure in isolated.failed]
    return FollowedBatch(ids, failed)


async def _follow(tx: Tx, locked: LockedActivity, command: FollowVip) -> None:
    locked = caught_up(locked, tx.now)
    activity = locked.activity
    holder, room_id = await _place(tx, locked)
    settings = locked.room_settings
    if holder:
        row = await room_settings.find(tx, room_id, activity.company_id)
        absent = await absences.find_of_seller(tx, holder, locked.time_zone)
        settings = room_settings_of(row).of_seller(absent)
    events = follow_holder(activity, command.losses, holder, room_id, settings, tx.now)
    if not events:
        return
    is_moved = events[-1].after.room_id != activity.room_id
    if is_moved:
        await enter_with_contacts(tx, activity.client_id, room_id, activity.room_id)
    write = activities.save_moved if is_moved else activities.save
    await save_events(tx, locked.stored, [*locked.pending_events, *events], command.by, write)


async def _place(tx: Tx, locked: LockedActivity) -> tuple[EmployeeId | None, RoomId]:
    """Who holds the client now, and the room in which they work the activity: its own if they sell
    there, else that from which they hold the client. Nobody where they sell in neither.
    """
    activity, hold = locked.activity, locked.vip_hold
    if hold is None or not await holds(tx, hold):
        return None, activity.room_id
    for room_id in (activity.room_id, hold.room_id):
        if room_id and await employees.sells(tx, hold.holder_id, room_id):
            return hold.holder_id, RoomId(room_id)
    return None, activity.room_id


async def holds(tx: Tx, hold: VipHold) -> bool:
    """Whether a hold is in force."""
    row = await directory.find(tx, EMPLOYEE, hold.holder_id)
    return row is not None and is_in_force(hold.room_id, row["room_ids"], row["active"])
