"""Work that employees left behind before their departure handed it over, or that a failed job
left with them: found for a preview, and handed over to the pool as any leaver's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.activities.domain.handing_over import Departure
from services.activities.domain.roles import employee_sells
from services.activities.handlers.leaving import announce_departure, enqueue_hand_over
from services.activities.storage import left_work
from shared.db import Tx
from shared.db.transaction import Row
from shared.ids import EmployeeId, RoomId
from shared.jobs import Job, enqueue

COLLECT_LEFT_WORK = "collect_left_work"
BATCH = 100
SHOWN = 200
"""Rooms of employees in a preview; the counts are of all."""
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class LeftWork:
    """What an employee still has in rooms in which they do not sell: activities in work, and VIPs
    held, by room.
    """

    employee: Row
    activities: Counter[UUID] = field(default_factory=Counter)
    vips: Counter[UUID] = field(default_factory=Counter)

    @property
    def rooms(self) -> list[UUID]:
        return sorted({*self.activities, *self.vips})

    def views(self) -> Iterable[dict[str, Any]]:
        for room_id in self.rooms:
            if not self.activities[room_id] and not self.vips[room_id]:
                continue
            yield {
                "employee_id": self.employee["id"],
                "name": self.employee["name"],
                "active": self.employee["active"],
                "room_id": room_id,
                "activities": self.activities[room_id],
                "vips": self.vips[room_id],
            }


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What a batch of employees left behind; `last` is the last of them, None at the end."""

    left: Sequence[LeftWork]
    looked_at: int
    last: UUID | None


async def start_collecting(tx: Tx, by: EmployeeId) -> Job:
    """Enqueues the job; one that waits already is the same."""
    total = await left_work.count_employees(tx)
    return await enqueue(tx, COLLECT_LEFT_WORK, {}, owner_id=by, dedupe_key="all", total=total)


async def preview_left_work(tx: Tx) -> dict[str, Any]:
    """What the job would hand over; nothing changes."""
    views: list[dict[str, Any]] = []
    after: UUID | None = _FIRST
    while after is not None:
        batch = await find_left_work(tx, after)
        views += [view for left in batch.left for view in left.views()]
        after = batch.last
    return {
        "activities": sum(view["activities"] for view in views),
        "vips": sum(view["vips"] for view in views),
        "employees": len({view["employee_id"] for view in views}),
        "items": views[:SHOWN],
    }


async def collect_batch(tx: Tx, after: UUID, by: EmployeeId | None) -> LeftBehind:
    """Has what the next employees left behind handed over to the pool, and their VIPs freed, by the
    jobs of a departure.
    """
    batch = await find_left_work(tx, after)
    if batch.left:
        await tx.read_clock()
    for left in batch.left:
        successors: Mapping[UUID, EmployeeId | None] = {RoomId(room): None for room in left.rooms}
        departure = Departure(EmployeeId(left.employee["id"]), successors, by)
        announce_departure(tx, departure, left.employee, by)
        await enqueue_hand_over(tx, departure)
    return batch


async def find_left_work(tx: Tx, after: UUID) -> LeftBehind:
    """What the next employees past `after` still have where they do not sell."""
    employees = await left_work.page_of_employees(tx, after, BATCH)
    by_id = {row["id"]: LeftWork(row) for row in employees}
    for row in await left_work.worked(tx, list(by_id)):
        left = by_id[row["employee_id"]]
        if not employee_sells(left.employee, row["room_id"]):
            left.activities[row["room_id"]] += row["count"]
    for row in await left_work.held(tx, list(by_id)):
        left = by_id[row["employee_id"]]
        for index, room_id in enumerate(_rooms_of_hold(left.employee, row["room_id"])):
            left.vips[room_id] += 0 if index else row["count"]
    last = employees[-1]["id"] if len(employees) == BATCH else None
    return LeftBehind([left for left in by_id.values() if left.rooms], len(employees), last)


def _rooms_of_hold(employee: Row, room_id: UUID | None) -> list[UUID]:
    """The room of a VIP that the employee sells in no more. Where it is not known, those of a
    dismissed one: in which of them, the vip service knows.
    """
    if room_id is None:
        return [] if employee["active"] else list(employee["room_ids"])
    return [] if employee_sells(employee, room_id) else [room_id]
