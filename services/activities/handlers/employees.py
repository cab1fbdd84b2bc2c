"""Employees: created and changed with their rooms."""

from typing import Any
from uuid import UUID

from services.activities.domain.refusals import HasAdmin, LastAdmin
from services.activities.domain.roles import headed_rooms, is_admin
from services.activities.handlers.commands import Changes, CreateEmployee, values_of
from services.activities.handlers.directory import change, create
from services.activities.queries.directory import view_of_row
from services.activities.storage import directory, employees
from services.activities.storage.directory import EMPLOYEE, ROOM, TENANT
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import EmployeeId

View = dict[str, Any]


async def create_employee(tx: Tx, command: CreateEmployee) -> View:
    """Creates an employee with a place in each of their rooms; repeated for the same id, it
    returns the one that is there.

    Raises `NotFound` for an unknown room, `Invalid` for a headed one that is not theirs.
    """
    values = values_of(command)
    if employee_id := values.pop("employee_id"):
        if existing := await directory.find(tx, EMPLOYEE, employee_id):
            return view_of_row(existing)
        values["id"] = employee_id
    await directory.require_all(tx, ROOM, command.room_ids, "room_ids")
    values["headed_room_ids"] = headed_rooms(command.room_ids, command.headed_room_ids)
    row = await create(tx, EMPLOYEE, values)
    await employees.set_rooms(tx, row["id"], row["room_ids"])
    return view_of_row(row)


async def change_employee(tx: Tx, employee_id: EmployeeId, changes: Changes) -> View:
    """Changes name, roles, rooms, personnel number, or whether they still work.

    Who leaves a room heads it no more, and keeps the activities until a head assigns them or they
    reset. Raises `NotFound`; `Invalid` for a headed room that is not theirs; `LastAdmin`.
    """
    if "room_ids" in changes:
        await directory.require_all(tx, ROOM, changes["room_ids"], "room_ids")
    before = await directory.lock(tx, EMPLOYEE, employee_id)
    changes = {**changes, "headed_room_ids": _headed_after(before, changes)}
    if is_admin(before) and not is_admin({**before, **changes}):
        await _require_another_admin(tx, employee_id)
    row = await change(tx, EMPLOYEE, employee_id, changes)
    await employees.set_rooms(tx, employee_id, row["room_ids"])
    return view_of_row(row)


def _headed_after(before: Row, changes: Changes) -> list[UUID] | None:
    after = {**before, **changes}
    headed = after["headed_room_ids"]
    if headed is not None and "headed_room_ids" not in changes:
        headed = [room_id for room_id in headed if room_id in after["room_ids"]]
    return headed_rooms(after["room_ids"], headed)


async def _require_another_admin(tx: Tx, employee_id: EmployeeId) -> None:
    """Raises `LastAdmin` unless somebody else is an admin.

    Whoever takes away an admin's role locks the tenant first: of two at once the second counts
    after the first has committed.
    """
    await directory.lock(tx, TENANT, tx.tenant_id)
    if not await employees.has_admin(tx, besides=employee_id):
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
    return view_of_row(row)


async def require_seller(tx: Tx, employee_id: EmployeeId, room_id: UUID, field: str) -> None:
    """Raises `NotFound`, naming the field, unless the employee sells in the room now."""
    if not await employees.sells(tx, employee_id, room_id):
        raise NotFound("seller_of_room", field)
