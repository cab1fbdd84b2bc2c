"""Targets: what a seller or a room is to attain in a month."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.motivation.api.requests import PlanReader
from services.motivation.api.rule_requests import Bound
from services.motivation.handlers import targets as handlers
from services.motivation.handlers.targets import SetTarget
from services.motivation.queries import targets as queries
from services.motivation.storage.targets import TargetKey
from shared.clock import Period
from shared.db import Tx
from shared.ids import CompanyId, EmployeeId, RoomId
from shared.paging import Cursor, Limit
from shared.vocabulary import AttainmentMeasure
from shared.web.callers import Head
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(prefix="/motivation/targets", tags=["motivation"])
Month = Annotated[Period, Query()]


class TargetBody(BaseModel):
    """A target of a month: an amount of money in the company's currency or, of the measure `count`,
    a number of sales; null takes it away. Without `employee_id` it is the room's."""

    model_config = ConfigDict(extra="forbid")

    company_id: UUID
    room_id: UUID
    period: Period
    employee_id: UUID | None = None
    measure: AttainmentMeasure = "receipts"
    value: Annotated[Bound, Field(gt=0)] | None

    def command(self) -> SetTarget:
        """The use case's command."""
        employee_id = None if self.employee_id is None else EmployeeId(self.employee_id)
        company_id, room_id = CompanyId(self.company_id), RoomId(self.room_id)
        key = TargetKey(company_id, room_id, self.period, employee_id, self.measure)
        return SetTarget(key, self.value)


class TargetKeyView(BaseModel):
    """Whose target of a month, and of what; `employee_id` is null for the room's own."""

    company_id: CompanyId
    room_id: RoomId
    period: str
    employee_id: EmployeeId | None
    measure: AttainmentMeasure
    changed_at: datetime | None
    changed_by: EmployeeId | None


class TargetView(TargetKeyView):
    """A target that is set."""

    value: str


class TargetsView(Page[TargetView]):
    """The targets of a company's month in a room, on one page; `version` counts their changes."""

    version: int


class TargetChangeView(TargetKeyView):
    """A change of a target: who, when, from and to."""

    value_from: str | None = Field(alias="from")
    value_to: str | None = Field(alias="to")


@router.get("", responses=responses(TargetsView))
async def list_targets(
    caller: PlanReader, commands: Commands, company_id: UUID, room_id: UUID, period: Month
) -> JsonBytes:
    """The targets of a company's month in a room: all for who heads it, accountants and admins;
    their own and the room's for sellers.
    """
    company, room = CompanyId(company_id), RoomId(room_id)
    return await commands.read(
        caller, lambda tx: queries.list_targets(tx, caller, company, room, period)
    )


@router.put("", responses=responses(TargetsView, 409))
async def set_target(body: TargetBody, caller: Head, commands: Commands) -> JsonBytes:
    """Set a target, or take it away with null; the response has all of the month. 409
    `period_closed` for a closed month; `stale` where `If-Match` names another `version` of the
    month's targets, 0 before the first.
    """
    command = body.command()
    key = command.key

    async def use_case(tx: Tx) -> dict[str, Any]:
        await handlers.set_target(tx, command, caller)
        return await queries.list_targets(tx, caller, key.company_id, key.room_id, key.period)

    return await commands.run(caller, use_case)


@router.get("/history", responses=responses(Page[TargetChangeView]))
async def list_target_changes(
    caller: PlanReader,
    commands: Commands,
    company_id: UUID,
    room_id: UUID,
    period: Month,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> JsonBytes:
    """List who changed the targets of a month, from what to what, the newest first."""
    key = CompanyId(company_id), RoomId(room_id), period
    return await commands.read(
        caller, lambda tx: queries.list_changes(tx, caller, key, cursor, limit)
    )
