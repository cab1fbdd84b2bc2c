"""The part of reports that motivation owns: what pay costs; the gateway composes them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.motivation.queries.reports import sum_pay
from shared.clock import Day
from shared.db import Tx
from shared.reports import (
    ReportDays,
    ReportGroup,
    ReportSource,
    rooms_of_report,
    scope_of_sellers,
)
from shared.web.callers import AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes

# The public document has the gateway's own.
router = APIRouter(prefix="/reports", include_in_schema=False)
From = Annotated[Day, Query(alias="from")]
To = Annotated[Day, Query(alias="to")]


@router.get("/sources")
async def report_pay_of_sources(
    caller: AnyCaller,
    commands: Commands,
    first_on: From,
    last_on: To,
    room_id: UUID | None = None,
    company_id: UUID | None = None,
    group: ReportGroup | None = None,
    by: ReportSource = "source",
) -> JsonBytes:
    """What pay costs by source."""
    days, rooms = ReportDays(first_on, last_on, group), rooms_of_report(caller, room_id)
    return await commands.read(caller, lambda tx: sum_pay(tx, days, rooms, company_id, by))


@router.get("/sellers")
async def report_pay_of_sellers(
    caller: AnyCaller,
    commands: Commands,
    first_on: From,
    last_on: To,
    room_id: UUID | None = None,
    company_id: UUID | None = None,
    group: ReportGroup | None = None,
) -> JsonBytes:
    """What pay costs by employee; of the caller alone, where they head no room of the report."""
    days, sellers = ReportDays(first_on, last_on, group), scope_of_sellers(caller, room_id)

    async def query(tx: Tx) -> list[dict[str, Any]]:
        rows = await sum_pay(tx, days, sellers.rooms, company_id, "seller")
        return [row for row in rows if sellers.employee_id in (None, row["key"])]

    return await commands.read(caller, query)
