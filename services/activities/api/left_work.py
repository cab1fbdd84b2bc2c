"""Work that was left with people who do not sell where they have it."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.activities.api.requests import Body, Flag
from services.activities.handlers import left_work
from shared.db import Tx
from shared.ids import EmployeeId, RoomId
from shared.jobs import queries as jobs
from shared.jobs.responses import JobView
from shared.web.callers import Admin
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["directory"])


class LeftWorkSearch(Body):
    """Whether to hand over what is found, or only to show it."""

    preview: Flag = Field(False, description="Only show what would be handed over.")


class LeftWorkItem(BaseModel):
    """What an employee still has in a room in which they do not sell."""

    employee_id: EmployeeId
    name: str = Field(description="The employee's name.", examples=["Анна Петрова"])
    active: bool = Field(description="Whether they still work here, in other rooms.")
    room_id: RoomId
    activities: int = Field(description="Activities in work.")
    vips: int = Field(description="VIPs held.")


class LeftWorkPreview(BaseModel):
    """What would be handed over to the pools, and which VIPs would be free."""

    employees: int = Field(description="How many employees have left something behind.")
    activities: int = Field(description="Activities in work, of all of them.")
    vips: int = Field(description="VIPs held by all of them.")
    items: list[LeftWorkItem] = Field(description="By employee and room, at most 200.")


@router.post(
    "/employees/left-work",
    status_code=202,
    responses={
        **responses(JobView, status=202),
        200: {"model": LeftWorkPreview, "description": "A preview: nothing changes"},
    },
)
async def collect_left_work(body: LeftWorkSearch, caller: Admin, commands: Commands) -> JsonBytes:
    """Have a job hand over to the pool what employees still work in rooms in which they do not
    sell, as after a dismissal of long ago; their VIPs are free.
    """
    if body.preview:
        return await commands.read(caller, left_work.preview_left_work)

    async def use_case(tx: Tx) -> Any:
        return jobs.view(await left_work.start_collecting(tx, caller.employee_id))

    return await commands.run(caller, use_case, 202)
