"""Dismissing and moving an employee as one act: they leave at once, what they held goes on with
others; looked at before, where that is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.activities.domain.handing_over import POOL, Successors
from services.activities.domain.refusals import AlreadyDismissed
from services.activities.domain.roles import rooms_left
from services.activities.handlers.commands import Changes
from services.activities.handlers.employees import apply_changes, changed, require_another_admin
from services.activities.handlers.leaving import require_successors
from services.activities.queries.departures import departure_view
from services.activities.storage import directory
from services.activities.storage.directory import EMPLOYEE, ROOM
from shared.db import Tx
from shared.db.transaction import Row
from shared.ids import EmployeeId

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Depart:
    """The employee's row is to have `changes`; `successors` go on with what is left behind."""

    employee_id: EmployeeId
    changes: Changes
    successors: Successors = field(default=POOL)


def dismissal(employee_id: EmployeeId, successors: Successors) -> Depart:
    """The employee works here no more."""
    return Depart(employee_id, {"active": False}, successors)


def move(
    employee_id: EmployeeId,
    room_ids: Sequence[UUID],
    headed: Changes,
    successors: Successors,
) -> Depart:
    """The employee works in `room_ids` from now on; `headed` names those that they head, if that
    is to change.
    """
    return Depart(employee_id, {"room_ids": room_ids, **headed}, successors)


async def depart(tx: Tx, command: Depart) -> View:
    """Changes the employee at once, and has what they work in the rooms that they leave handed
    over by a job.

    Raises `NotFound`, also for a successor who does not sell in a room; `AlreadyDismissed`,
    `Invalid`, `LastAdmin`.
    """
    before = await directory.lock(tx, EMPLOYEE, command.employee_id)
    after = await _judge(tx, command, before)
    work = await departure_view(tx, before, after, command.successors)
    job, row = await apply_changes(tx, command.employee_id, command.changes, command.successors)
    return work.view(row, job)


async def preview_departure(tx: Tx, command: Depart) -> View:
    """What `depart` would hand over, and to whom; nothing changes. Raises as `depart`."""
    before = await directory.get(tx, EMPLOYEE, command.employee_id)
    after = await _judge(tx, command, before)
    work = await departure_view(tx, before, after, command.successors)
    return work.view(before, None)


async def _judge(tx: Tx, command: Depart, before: Row) -> Row:
    """The employee's row after the changes. Raises as `depart`."""
    if not before["active"]:
        raise AlreadyDismissed
    if "room_ids" in command.changes:
        await directory.require_all(tx, ROOM, command.changes["room_ids"], "room_ids")
    after = changed(before, command.changes)
    await require_another_admin(tx, before, after)
    await require_successors(tx, before, rooms_left(before, after), command.successors)
    return after
