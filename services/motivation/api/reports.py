"""The part of reports that motivation owns: what pay costs; the gateway composes them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.motivation.queries.reports import sum_pay
from shared.db import Tx
from shared.reports import rooms_of_report, scope_of_sellers
from shared.web.callers import AnyCaller
from shared.web.commands import Commands
from shared.web.report_query import ReportQuery, SourcesReportQuery
from shared.web.responses import JsonBytes

# The public document has the gateway's own.
router = APIRouter(prefix="/reports", include_in_schema=False)


@router.get("/sources")
async def report_pay_of_sources(
    caller: AnyCaller, commands: Commands, query: Annotated[SourcesReportQuery, Query()]
) -> JsonBytes:
    """What pay costs by source."""
    rooms = rooms_of_report(caller, query.room_id)
    return await commands.read(
        caller, lambda tx: sum_pay(tx, query.days, rooms, query.company_id, query.by)
    )


@router.get("/sellers")
async def report_pay_of_sellers(
    caller: AnyCaller, commands: Commands, query: Annotated[ReportQuery, Query()]
) -> JsonBytes:
    """What pay costs by employee; of the caller alone, where they head no room of the report."""
    sellers = scope_of_sellers(caller, query.room_id)

    async def pay_of_sellers(tx: Tx) -> list[dict[str, Any]]:
        rows = await sum_pay(tx, query.days, sellers.rooms, query.company_id, "seller")
        return [row for row in rows if sellers.employee_id in (None, row["key"])]

    return await commands.read(caller, pay_of_sellers)
