"""The part of reports that activities own; the gateway composes them and asks here."""

from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.activities.domain.offline_conversions import ConversionTarget, VisitorId
from services.activities.queries import reports as queries
from services.activities.queries.offline_conversions import export_conversions
from shared.clock import Day
from shared.reports import (
    CONVERSION_TARGETS,
    ReportDays,
    rooms_of_report,
    scope_of_sellers,
)
from shared.web.callers import AnyCaller
from shared.web.commands import Commands
from shared.web.report_query import ReportQuery, SourcesReportQuery
from shared.web.responses import JsonBytes

# The public document has the gateway's own.
router = APIRouter(prefix="/reports", include_in_schema=False)
CSV = "text/csv; charset=utf-8"

From = Annotated[Day, Query(alias="from")]
To = Annotated[Day, Query(alias="to")]


@router.get("/sources")
async def report_sources(
    caller: AnyCaller, commands: Commands, query: Annotated[SourcesReportQuery, Query()]
) -> JsonBytes:
    """Requests, taken, won, receipts and costs by source."""
    rooms = rooms_of_report(caller, query.room_id)
    return await commands.read(
        caller,
        lambda tx: queries.report_sources(tx, query.days, rooms, query.company_id, query.by),
    )


@router.get("/funnel")
async def report_funnel(
    caller: AnyCaller, commands: Commands, query: Annotated[ReportQuery, Query()]
) -> JsonBytes:
    """What became of what was registered."""
    rooms = rooms_of_report(caller, query.room_id)
    return await commands.read(
        caller, lambda tx: queries.report_funnel(tx, query.days, rooms, query.company_id)
    )


@router.get("/sellers")
async def report_sellers(
    caller: AnyCaller, commands: Commands, query: Annotated[ReportQuery, Query()]
) -> JsonBytes:
    """Taken, won, lost and receipts by who is responsible."""
    sellers = scope_of_sellers(caller, query.room_id)
    return await commands.read(
        caller, lambda tx: queries.report_sellers(tx, query.days, sellers, query.company_id)
    )


@router.get("/offline-conversions")
async def export_offline_conversions(
    caller: AnyCaller,
    commands: Commands,
    first_on: From,
    last_on: To,
    targets: Annotated[str, Query(pattern=CONVERSION_TARGETS)] = "registered,taken,won,paid",
    id_: Annotated[VisitorId, Query(alias="id")] = "client_id",
    room_id: UUID | None = None,
    company_id: UUID | None = None,
) -> Response:
    """What became of advertising's visitors, as CSV for Yandex Metrica."""
    days, rooms = ReportDays(first_on, last_on), rooms_of_report(caller, room_id)
    chosen = cast(list[ConversionTarget], targets.split(","))
    file = await commands.service.read(
        caller, lambda tx: export_conversions(tx, days, rooms, company_id, chosen, id_)
    )
    disposition = {"Content-Disposition": 'attachment; filename="conversions.csv"'}
    return Response(file, media_type=CSV, headers=disposition)
