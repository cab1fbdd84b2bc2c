"""Employees: created and changed with their rooms."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.activities.domain.handing_over import POOL, Successors
from services.activities.domain.refusals import HasAdmin, LastAdmin
from services.activities.domain.roles import headed_rooms, is_admin
from services.activities.handlers.commands import Changes, values_of
from services.activities.handlers.directory import change, create, lock_expected
from services.activities.handlers.directory_commands import CreateEmployee
from services.activities.handlers.duplicates import require_new_personnel_number
from services.activities.handlers.leaving import leave_rooms
from services.activities.queries.directory import view_of_row
from services.activities.storage import directory, employees
from services.activities.storage.directory import EMPLOYEE, ROOM, TENANT
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import EmployeeId
from shared.jobs import Job

View = dict[str, Any]


async def create_employee(tx: Tx, command: CreateEmployee) -> View:
    """Creates an employee with a place in each of their rooms; repeated for the same id, it
    returns the one that is there.

    Raises `NotFound` for an unknown room, `Invalid` for a headed one that is not theirs,
    `DuplicatePersonnelNumber`.
    """
    values = values_of(command)
    if employee_id := values.pop("employee_id"):
        if existing := await directory.find(tx, EMPLOYEE, employee_id):
            return view_of_row(existing)
        values["id"] = employee_id
    await directory.require_all(tx, ROOM, command.room_ids, "room_ids")
    values["headed_room_ids"] = headed_rooms(command.room_ids, command.headed_room_ids)
    await require_new_personnel_number(tx, values)
    row = await create(tx, EMPLOYEE, values)
    await employees.set_rooms(tx, row["id"], row["room_ids"] if row["active"] else [])
    return view_of_row(row)


async def change_employee(tx: Tx, employee_id: EmployeeId, changes: Changes) -> View:
    """Changes name, roles, rooms, personnel number, or whether they still work.

    Who leaves a room heads it no more, and what they work there goes back to the pool. Raises
    `NotFound`; `Stale`; `Invalid` for a headed room that is not theirs; `LastAdmin`;
    `DuplicatePersonnelNumber`.
    """
    _, row = await apply_changes(tx, employee_id, changes)
    return view_of_row(row)


async def apply_changes(
    tx: Tx, employee_id: EmployeeId, changes: Changes, successors: Successors = POOL
) -> tuple[Job | None, Row]:
    """As `change_employee`; the `successors` go on with what is left behind. The job that hands it
    over, None where no room was left, and the employee's row.
    """
    if "room_ids" in changes:
        await directory.require_all(tx, ROOM, changes["room_ids"], "room_ids")
    before = await lock_expected(tx, EMPLOYEE, employee_id, changes)
    after = changed(before, changes)
    await require_another_admin(tx, before, after)
    await require_new_personnel_number(tx, changes, before)
    row = await change(
        tx, EMPLOYEE, employee_id, {**changes, "headed_room_ids": after["headed_room_ids"]}
    )
    # The rows of left rooms are deleted: a take in one of them ends before this transaction does,
    # or finds nothing.
    await employees.set_rooms(tx, employee_id, row["room_ids"] if row["active"] else [])
    return await leave_rooms(tx, before, row, successors), row


def changed(before: Row, changes: Changes) -> dict[str, Any]:
    """The employee's row after the changes. Raises `Invalid` for a headed room that is not
    theirs.
    """
    return {**before, **changes, "headed_room_ids": _headed_after(before, changes)}


def _headed_after(before: Row, changes: Changes) -> list[UUID] | None:
    after = {**before, **changes}
    headed = after["headed_room_ids"]
    if headed is not None and "headed_room_ids" not in changes:
        headed = [room_id for room_id in headed if room_id in after["room_ids"]]
    return headed_rooms(after["room_ids"], headed)


async def require_another_admin(tx: Tx, before: Row, after: Mapping[str, Any]) -> None:
    """Raises `LastAdmin` where an admin ceases to be one, unless somebody else is.

    Whoever takes away an admin's role locks the tenant first: of two at once the second counts
    after the first has committed.
    """
    if not is_admin(before) or is_admin(after):
        return
    await directory.lock(tx, TENANT, tx.tenant_id)
    if not await employees.has_admin(tx, besides=before["id"]):
        raise LastAdmin


async def name_admin(tx: Tx, employee_id: EmployeeId) -> View:
    """Makes an employee an admin who can log in, in a tenant that has none: the operator's work.

    Raises `NotFound`, `HasAdmin`.
    """
    await directory.lock(tx, TENANT, tx.tenant_id)
    if await employees.has_admin(tx):
        raise HasAdmin
    before = await directory.get(tx, EMPLOYEE, employee_id, "employee_id")
    roles = sorted({*before["roles"], "admin"})
    row = await change(tx, EMPLOYEE, employee_id, {"roles": roles, "active": True})
    await employees.set_rooms(tx, employee_id, row["room_ids"])
    return view_of_row(row)


async def require_seller(tx: Tx, employee_id: EmployeeId, room_id: UUID, field: str) -> None:
    """Raises `NotFound`, naming the field, unless the employee sells in the room now."""
    if not await employees.sells(tx, employee_id, room_id):
        raise NotFound("seller_of_room", field)
