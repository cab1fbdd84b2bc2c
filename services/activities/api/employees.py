"""Employees."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.directory_requests import EmployeeChange, NewEmployee
from services.activities.api.directory_responses import EmployeeView
from services.activities.handlers.directory_commands import CreateEmployee
from services.activities.queries import directory as queries
from services.activities.storage.directory import EMPLOYEE
from shared.ids import EmployeeId
from shared.paging import Cursor, Limit
from shared.web.callers import Admin, AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["directory"])


@router.get("/employees", responses=responses(Page[EmployeeView]))
async def list_employees(
    caller: AnyCaller, commands: Commands, limit: Limit = 50, cursor: Cursor = None
) -> JsonBytes:
    """List colleagues of the caller's rooms; everyone for admins, accountants and marketers."""
    return await commands.read(
        caller,
        lambda tx: queries.list_directory(tx, EMPLOYEE, limit, cursor, caller.known_rooms()),
    )


@router.post("/employees", status_code=201, responses=responses(EmployeeView, 409, status=201))
async def create_employee(body: NewEmployee, caller: Admin, commands: Commands) -> JsonBytes:
    """Create an employee with roles and rooms.

    409 `duplicate_personnel_number` names the one who has the number, also where they left.
    """
    command = CreateEmployee(**body.model_dump())
    return await commands.run(caller, lambda tx: handlers.create_employee(tx, command), 201)


@router.get("/employees/{employee_id}", responses=responses(EmployeeView))
async def get_employee(employee_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """One colleague."""
    return await commands.read(caller, lambda tx: queries.get_employee(tx, employee_id, caller))


@router.patch("/employees/{employee_id}", responses=responses(EmployeeView, 409))
async def change_employee(
    employee_id: UUID, body: EmployeeChange, caller: Admin, commands: Commands
) -> JsonBytes:
    """Change name, roles, rooms, personnel number, or whether they still work.

    409 `duplicate_personnel_number` as at creation.
    """
    return await commands.run(
        caller, lambda tx: handlers.change_employee(tx, EmployeeId(employee_id), body.changes())
    )
