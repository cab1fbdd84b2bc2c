"""Dismissing and moving employees, with what they held."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.activities.api.directory_responses import EmployeeView
from services.activities.api.requests import Body, Flag, Ids
from services.activities.domain.handing_over import Successors
from services.activities.handlers import departures
from services.activities.handlers.departures import Depart
from shared.activity_view import ClientSummary
from shared.ids import ActivityId, CompanyId, EmployeeId, JobId, RoomId, VipId
from shared.vocabulary import Stage
from shared.web.callers import Admin
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["directory"], prefix="/employees/{employee_id}")


class RoomHandOver(Body):
    """Who goes on with the work in one room."""

    room_id: UUID = Field(description="A room that the employee leaves.")
    to: UUID | None = Field(description="A seller of the room; null for the pool.")


class HandOver(Body):
    """Who goes on with the work: without anything said, the pool."""

    to: UUID | None = Field(
        None, description="Who sells in every room that is left; null for the pool."
    )
    rooms: Annotated[
        list[RoomHandOver],
        Field(max_length=200, description="Rooms with somebody else than `to`."),
    ] = []

    @property
    def successors(self) -> Successors:
        by_room = {room.room_id: _employee(room.to) for room in self.rooms}
        return Successors(_employee(self.to), by_room)


def _employee(id_: UUID | None) -> EmployeeId | None:
    return EmployeeId(id_) if id_ else None


class Dismissal(Body):
    """A dismissal, and who goes on with the work."""

    hand_over: HandOver = Field(HandOver(), description="Who goes on with the work.")
    preview: Flag = Field(False, description="Only show what would be handed over.")


class Move(Dismissal):
    """The rooms from now on, and who goes on with the work in those that are left."""

    room_ids: Ids = Field(description="All rooms in which the employee works from now on.")
    headed_room_ids: Ids | None = Field(
        None,
        description="Those that the employee heads; null for all of them. Left out: as before.",
    )


class LeftRoomView(BaseModel):
    """The work in a room that an employee leaves."""

    room_id: RoomId
    name: str
    successor_id: EmployeeId | None = Field(description="Who goes on; null for the pool.")
    activities: int = Field(description="Activities in work.")
    by_stage: dict[Stage, int] = Field(description="How many they are by stage.")
    promised_steps: int = Field(description="How many of them have a promised next step.")
    renewals: int = Field(
        description="Scheduled renewals of the employee's contracts; on their day they are a VIP's "
        "holder's or the pool's."
    )


class LeftActivityView(BaseModel):
    """An activity that is handed over."""

    id: ActivityId
    room_id: RoomId
    client: ClientSummary
    stage: Stage
    next_step_due_at: datetime | None = Field(description="When the promised step is due.")


class LeftVipView(BaseModel):
    """A VIP that is handed over; `room_id` is null where it is not known."""

    id: VipId
    room_id: RoomId | None
    company_id: CompanyId
    client: ClientSummary


class DepartureView(BaseModel):
    """A departure: the employee, and what is handed over.

    Nothing was changed where it is a preview; `job_id` is null then.
    """

    employee: EmployeeView
    rooms: list[LeftRoomView] = Field(description="The rooms that are left, with their work.")
    activities: list[LeftActivityView] = Field(description="The oldest activities, at most 100.")
    vips: list[LeftVipView] = Field(description="The VIPs held from these rooms.")
    job_id: JobId | None = Field(description="The job that hands the work over.")


@router.post("/dismiss", responses=responses(DepartureView, 409))
async def dismiss_employee(
    employee_id: UUID, body: Dismissal, caller: Admin, commands: Commands
) -> JsonBytes:
    """Dismiss an employee: access ends at once, work and VIPs go to successors or to the pool.

    409 `already_dismissed`, `last_admin`. With `preview` nothing changes.
    """
    command = departures.dismissal(EmployeeId(employee_id), body.hand_over.successors)
    return await _depart(command, body.preview, caller, commands)


@router.post("/move", responses=responses(DepartureView, 409))
async def move_employee(
    employee_id: UUID, body: Move, caller: Admin, commands: Commands
) -> JsonBytes:
    """Move an employee to other rooms: what they held in those that they leave is handed over.

    409 `already_dismissed`. With `preview` nothing changes.
    """
    headed: dict[str, Any] = (
        {"headed_room_ids": body.headed_room_ids}
        if "headed_room_ids" in body.model_fields_set
        else {}
    )
    command = departures.move(
        EmployeeId(employee_id), body.room_ids, headed, body.hand_over.successors
    )
    return await _depart(command, body.preview, caller, commands)


async def _depart(command: Depart, preview: bool, caller: Admin, commands: Commands) -> JsonBytes:
    if preview:
        return await commands.read(caller, lambda tx: departures.preview_departure(tx, command))
    return await commands.run(caller, lambda tx: departures.depart(tx, command))
