"""Employees: created and changed with their rooms."""

from typing import Any
from uuid import UUID

from services.activities.handlers.commands import Changes, CreateEmployee, values_of
from services.activities.handlers.directory import change, create
from services.activities.queries.directory import view_of_row
from services.activities.storage import directory, employees
from services.activities.storage.directory import EMPLOYEE, ROOM
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import EmployeeId

View = dict[str, Any]


async def create_employee(tx: Tx, command: CreateEmployee) -> View:
    """Creates an employee with a place in each of their rooms; repeated for the same id, it
    returns the one that is there.

    Raises `NotFound` for an unknown room.
    """
    values = values_of(command)
    if employee_id := values.pop("employee_id"):
        if existing := await directory.find(tx, EMPLOYEE, employee_id):
            return view_of_row(existing)
        values["id"] = employee_id
    await directory.require_all(tx, ROOM, command.room_ids, "room_ids")
    row = await create(tx, EMPLOYEE, values)
    await employees.set_rooms(tx, row["id"], row["room_ids"])
    return view_of_row(row)


async def change_employee(tx: Tx, employee_id: EmployeeId, changes: Changes) -> View:
    """Changes name, roles, rooms, personnel number, or whether they still work.

    Who leaves a room keeps the activities until a head assigns them or they reset. Raises
    `NotFound`.
    """
    if "room_ids" in changes:
        await directory.require_all(tx, ROOM, changes["room_ids"], "room_ids")
    row = await change(tx, EMPLOYEE, employee_id, changes)
    await employees.set_rooms(tx, employee_id, row["room_ids"])
    return view_of_row(row)


async def require_seller(tx: Tx, employee_id: EmployeeId, room_id: UUID, field: str) -> None:
    """Raises `NotFound`, naming the field, unless the employee sells in the room now."""
    if not await employees.sells(tx, employee_id, room_id):
        raise NotFound("seller_of_room", field)
