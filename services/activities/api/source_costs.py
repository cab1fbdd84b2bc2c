"""What sources cost."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.activities.api.requests import Body, Change
from services.activities.handlers import source_costs as handlers
from services.activities.handlers.importing.scanning import text_of
from services.activities.handlers.source_costs import AddCost
from services.activities.queries import source_costs as queries
from shared.clock import Day
from shared.ids import CompanyId, EmployeeId, RoomId, SourceId
from shared.money import Money, PositiveMoney
from shared.paging import Cursor, Limit
from shared.text import Line
from shared.web.callers import AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["directory"], prefix="/sources")
_FIRST, _LAST = "The first day of the cost.", "Its last day, included; left out: the first day."
_CSV: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}


class NewSourceCost(Body):
    """Money spent on a source, spread evenly over its days. Without a company or a room it is a
    cost of all of them.
    """

    amount: PositiveMoney
    first_on: Annotated[Day, Field(description=_FIRST)]
    last_on: Annotated[Day | None, Field(description=_LAST)] = None
    company_id: UUID | None = None
    room_id: UUID | None = None
    note: Line | None = None


class SourceCostChange(Change):
    """What is another; the days, the money or whose it is."""

    amount: PositiveMoney = PositiveMoney.build(amount=0, currency="RUB")
    first_on: Annotated[Day, Field(description=_FIRST)] = date.min
    last_on: Annotated[Day, Field(description="Its last day, included.")] = date.min
    company_id: UUID | None = None
    room_id: UUID | None = None
    note: Line | None = None


class _CostState(BaseModel):
    version: int
    company_id: CompanyId | None
    room_id: RoomId | None
    first_on: Annotated[date, Field(description=_FIRST)]
    last_on: Annotated[date, Field(description="Its last day, included.")]
    amount: Money
    note: str | None = Field(description="What it was spent on.", examples=["Счёт Директа за май"])
    removed: bool = Field(description="Whether it counts no more.")


class SourceCostView(_CostState):
    """What a source costs over some days."""

    id: UUID
    source_id: SourceId


class CostVersion(_CostState):
    """A cost as it was once."""

    at: datetime
    by: EmployeeId | None


class SourceCostDetail(SourceCostView):
    """A cost, and how it was before."""

    history: list[CostVersion] = Field(description="Every version, the oldest first.")


class ImportedCosts(BaseModel):
    """What a file of costs has added."""

    added: int = Field(description="Rows that are costs since.")
    unchanged: int = Field(description="Rows that were entered before.")


@router.post("/costs/import", responses=responses(ImportedCosts), openapi_extra=_CSV)
async def import_source_costs(request: Request, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """Enter costs from a CSV file in UTF-8 or Windows-1251, all of its rows or none.

    Columns by their heads: `source` (name or id), `campaign`, `from`, `to`, `amount`, `currency`,
    `company`, `room`, `note`; also in Russian. A file that is sent again adds nothing; 422
    `invalid` names rows and rules.
    """
    text = text_of(await request.body())
    return await commands.run(caller, lambda tx: handlers.import_costs(tx, text, caller))


@router.get("/{source_id}/costs", responses=responses(Page[SourceCostView]))
async def list_source_costs(
    source_id: UUID,
    caller: AnyCaller,
    commands: Commands,
    since: Annotated[Day | None, Query(alias="from", description="Of this day or later.")] = None,
    until: Annotated[Day | None, Query(alias="to", description="Of this day or earlier.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List what a source costs, in the order of entering, without what was removed."""
    return await commands.read(
        caller, lambda tx: queries.list_costs(tx, source_id, since, until, limit, cursor)
    )


@router.post("/{source_id}/costs", status_code=201, responses=responses(SourceCostView, status=201))
async def add_source_cost(
    source_id: UUID, body: NewSourceCost, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """Enter what a source costs over some days."""
    command = AddCost(
        SourceId(source_id),
        CompanyId(body.company_id) if body.company_id else None,
        RoomId(body.room_id) if body.room_id else None,
        body.first_on,
        body.last_on or body.first_on,
        body.amount,
        body.note,
    )
    return await commands.run(caller, lambda tx: handlers.add_cost(tx, command, caller), 201)


@router.get("/{source_id}/costs/{cost_id}", responses=responses(SourceCostDetail))
async def get_source_cost(
    source_id: UUID, cost_id: UUID, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """One cost with every version of it."""
    return await commands.read(caller, lambda tx: queries.get_cost(tx, source_id, cost_id))


@router.patch("/{source_id}/costs/{cost_id}", responses=responses(SourceCostView, 409))
async def change_source_cost(
    source_id: UUID, cost_id: UUID, body: SourceCostChange, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """Change a cost, also for days that are over; how it was stays in its history.

    409 `cost_is_removed`.
    """
    changes = body.changes()
    return await commands.run(
        caller, lambda tx: handlers.change_cost(tx, source_id, cost_id, changes, caller)
    )


@router.post("/{source_id}/costs/{cost_id}/remove", responses=responses(SourceCostView))
async def remove_source_cost(
    source_id: UUID, cost_id: UUID, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """Take a cost out of all reports; its history stays."""
    return await commands.run(
        caller, lambda tx: handlers.remove_cost(tx, source_id, cost_id, caller)
    )
