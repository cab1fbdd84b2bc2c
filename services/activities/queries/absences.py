"""Sellers' absences as the API shows them."""

from typing import Any
from uuid import UUID

from services.activities.queries.directory import FIRST_ID, page_of
from services.activities.storage import absences, directory
from services.activities.storage.directory import ABSENCE, EMPLOYEE
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Forbidden, NotFound
from shared.ids import EmployeeId
from shared.paging import read_cursor
from shared.tenancy import Caller

_SHOWN = ("id", "version", "employee_id", "kind", "first_on", "last_on", "cancelled")


async def list_absences(
    tx: Tx, employee_id: EmployeeId, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of the employee's absences, in the order of their recording: for themselves and who
    decides in their rooms.

    Raises `NotFound`, `Forbidden`.
    """
    await _require_reader(tx, employee_id, caller)
    last = read_cursor(cursor, UUID)
    after = last[0] if last else FIRST_ID
    rows = await absences.list_of_employee(tx, employee_id, after, limit + 1)
    return page_of(rows, limit, view_of_absence)


async def get_absence(
    tx: Tx, employee_id: EmployeeId, absence_id: UUID, caller: Caller
) -> dict[str, Any]:
    """One of the employee's absences, for whom `list_absences` is.

    Raises `NotFound`, `Forbidden`.
    """
    await _require_reader(tx, employee_id, caller)
    row = await directory.get(tx, ABSENCE, absence_id)
    if row["employee_id"] != employee_id:
        raise NotFound("absence")
    return view_of_absence(row)


async def _require_reader(tx: Tx, employee_id: EmployeeId, caller: Caller) -> None:
    employee = await directory.get(tx, EMPLOYEE, employee_id)
    require_sight(employee, caller)
    if employee_id != caller.employee_id:
        require_overseer(employee, caller)


def require_sight(employee: Row, caller: Caller) -> None:
    """Raises `NotFound` where the caller may not know that the employee exists."""
    is_colleague = not caller.room_ids.isdisjoint(employee["room_ids"])
    if not (caller.knows_every_room or employee["id"] == caller.employee_id or is_colleague):
        raise NotFound("employee")


def require_overseer(employee: Row, caller: Caller) -> None:
    """Raises `Forbidden` unless the caller decides for the employee: heads one of their rooms, or
    is an admin.
    """
    if "admin" not in caller.roles and not any(map(caller.oversees, employee["room_ids"])):
        raise Forbidden("head_of_room")


def view_of_absence(row: Row) -> dict[str, Any]:
    """An absence as the API shows it."""
    return {name: row[name] for name in _SHOWN}
