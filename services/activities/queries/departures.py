"""What a leaver leaves behind, by room, with names: for who decides, and as the response."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.activities.domain.handing_over import Successors
from services.activities.domain.roles import rooms_left
from services.activities.queries.directory import view_of_row
from services.activities.storage import directory, held_work
from services.activities.storage.directory import ROOM
from services.activities.storage.mapping import client_summary
from shared.db import Tx
from shared.db.transaction import Row
from shared.ids import EmployeeId
from shared.jobs import Job

NAMED = 100
"""Activities that are named; the counts are of all."""
View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LeftWork:
    """The work by room, the oldest activities, and the VIPs."""

    rooms: Sequence[View]
    activities: Sequence[View]
    vips: Sequence[View]

    def view(self, employee: Row, job: Job | None) -> View:
        """With the employee as the row has them, and the job that hands it over."""
        return {
            "employee": view_of_row(employee),
            "rooms": self.rooms,
            "activities": self.activities,
            "vips": self.vips,
            "job_id": job.id if job else None,
        }


async def departure_view(
    tx: Tx, before: Row, after: Mapping[str, Any], successors: Successors
) -> LeftWork:
    """What the employee works and holds in the rooms in which they sell no more `after`."""
    room_ids = rooms_left(before, after)
    if not room_ids:
        return LeftWork([], [], [])
    employee_id = EmployeeId(before["id"])
    by_stage = await held_work.by_stage(tx, employee_id, room_ids)
    renewals = await held_work.renewals(tx, employee_id, room_ids)
    rooms = [
        {
            **await _room_view(tx, room_id, [row for row in by_stage if row["room_id"] == room_id]),
            "successor_id": successors.of(room_id),
            "renewals": renewals.get(room_id, 0),
        }
        for room_id in room_ids
    ]
    named = await held_work.named(tx, employee_id, room_ids, NAMED)
    held = await held_work.vips(tx, employee_id, room_ids)
    return LeftWork(rooms, [_activity_view(row) for row in named], [_vip_view(row) for row in held])


async def _room_view(tx: Tx, room_id: UUID, by_stage: Sequence[Row]) -> View:
    room = await directory.get(tx, ROOM, room_id)
    return {
        "room_id": room_id,
        "name": room["name"],
        "activities": sum(row["count"] for row in by_stage),
        "by_stage": {row["stage"]: row["count"] for row in by_stage},
        "promised_steps": sum(row["steps"] for row in by_stage),
    }


def _activity_view(row: Row) -> View:
    return {
        "id": row["id"],
        "room_id": row["room_id"],
        "client": client_summary(row),
        "stage": row["stage"],
        "next_step_due_at": row["next_step_due_at"],
    }


def _vip_view(row: Row) -> View:
    return {
        "id": row["vip_id"],
        "room_id": row["room_id"],
        "company_id": row["company_id"],
        "client": client_summary(row),
    }
