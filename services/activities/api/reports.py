"""The part of reports that activities own; the gateway composes them and asks here."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities.queries import reports as queries
from shared.clock import Day
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
async def report_sources(
    caller: AnyCaller,
    commands: Commands,
    first_on: From,
    last_on: To,
    room_id: UUID | None = None,
    company_id: UUID | None = None,
    group: ReportGroup | None = None,
    by: ReportSource = "source",
) -> JsonBytes:
    """Requests, taken, won, receipts and costs by source."""
    days, rooms = ReportDays(first_on, last_on, group), rooms_of_report(caller, room_id)
    return await commands.read(
        caller, lambda tx: queries.report_sources(tx, days, rooms, company_id, by)
    )


@router.get("/funnel")
async def report_funnel(
    caller: AnyCaller,
    commands: Commands,
    first_on: From,
    last_on: To,
    room_id: UUID | None = None,
    company_id: UUID | None = None,
    group: ReportGroup | None = None,
) -> JsonBytes:
    """What became of what was registered."""
    days, rooms = ReportDays(first_on, last_on, group), rooms_of_report(caller, room_id)
    return await commands.read(
        caller, lambda tx: queries.report_funnel(tx, days, rooms, company_id)
    )


@router.get("/sellers")
async def report_sellers(
    caller: AnyCaller,
    commands: Commands,
    first_on: From,
    last_on: To,
    room_id: UUID | None = None,
    company_id: UUID | None = None,
    group: ReportGroup | None = None,
) -> JsonBytes:
    """Taken, won, lost and receipts by who is responsible."""
    days, sellers = ReportDays(first_on, last_on, group), scope_of_sellers(caller, room_id)
    return await commands.read(
        caller, lambda tx: queries.report_sellers(tx, days, sellers, company_id)
    )
