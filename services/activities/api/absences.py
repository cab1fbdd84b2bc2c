"""Sellers' absences."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.activities import handlers
from services.activities.api.requests import Body, Change
from services.activities.handlers.commands import RecordAbsence
from services.activities.queries import absences as queries
from shared.clock import Day
from shared.ids import EmployeeId
from shared.paging import Cursor, Limit
from shared.vocabulary import AbsenceKind
from shared.web.callers import AnyCaller, Head
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["directory"], prefix="/employees/{employee_id}/absences")
FIRST_DAY, LAST_DAY = "The first day of the absence.", "Its last day, the first at the earliest."


class NewAbsence(Body):
    """The days, both included, on which somebody does not work."""

    kind: AbsenceKind
    first_on: Annotated[Day, Field(description=FIRST_DAY)]
    last_on: Annotated[Day, Field(description=LAST_DAY)]


class AbsenceChange(Change):
    """Other days or another kind."""

    kind: AbsenceKind = "other"
    first_on: Annotated[Day, Field(description=FIRST_DAY)] = date.min
    last_on: Annotated[Day, Field(description=LAST_DAY)] = date.min


class AbsenceView(BaseModel):
    """The days, both included, on which an employee does not work."""

    id: UUID
    version: int
    employee_id: UUID
    kind: AbsenceKind
    first_on: date
    last_on: date
    cancelled: bool


@router.get("", responses=responses(Page[AbsenceView]))
async def list_absences(
    employee_id: UUID,
    caller: AnyCaller,
    commands: Commands,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List a person's absences, the cancelled ones too, in the order of their recording: for the
    person, who heads one of their rooms, and admins.
    """
    return await commands.read(
        caller,
        lambda tx: queries.list_absences(tx, EmployeeId(employee_id), caller, limit, cursor),
    )


@router.get("/{absence_id}", responses=responses(AbsenceView))
async def get_absence(
    employee_id: UUID, absence_id: UUID, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """One absence: for the person, who heads one of their rooms, and admins."""
    person = EmployeeId(employee_id)
    return await commands.read(
        caller, lambda tx: queries.get_absence(tx, person, absence_id, caller)
    )


@router.post("", status_code=201, responses=responses(AbsenceView, 409, status=201))
async def record_absence(
    employee_id: UUID, body: NewAbsence, caller: Head, commands: Commands
) -> JsonBytes:
    """Record an absence: the time until a reset of what the person works does not run then.

    409 `absence_overlaps`.
    """
    command = RecordAbsence(EmployeeId(employee_id), body.kind, body.first_on, body.last_on)
    return await commands.run(caller, lambda tx: handlers.record_absence(tx, command, caller), 201)


@router.patch("/{absence_id}", responses=responses(AbsenceView, 409))
async def change_absence(
    employee_id: UUID, absence_id: UUID, body: AbsenceChange, caller: Head, commands: Commands
) -> JsonBytes:
    """Change the days or the kind of an absence. What had time left by days that are taken away
    keeps it for a day. 409 `absence_overlaps`, `absence_is_cancelled`.
    """
    changes, person = body.changes(), EmployeeId(employee_id)
    return await commands.run(
        caller, lambda tx: handlers.change_absence(tx, person, absence_id, changes, caller)
    )


@router.post("/{absence_id}/cancel", responses=responses(AbsenceView))
async def cancel_absence(
    employee_id: UUID, absence_id: UUID, caller: Head, commands: Commands
) -> JsonBytes:
    """Cancel an absence: none of its days counts any more."""
    person = EmployeeId(employee_id)
    return await commands.run(
        caller, lambda tx: handlers.cancel_absence(tx, person, absence_id, caller)
    )
