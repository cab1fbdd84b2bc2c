"""Wins without pay: which, and why."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from services.motivation.api.responses import WinWithoutPayView
from services.motivation.handlers import waiting_wins as handlers
from services.motivation.queries import unpaid as queries
from services.motivation.queries.unpaid import UnpaidFilters
from shared.db import Tx
from shared.jobs import queries as jobs
from shared.jobs.responses import JobView
from shared.paging import Cursor, Limit
from shared.web.callers import Accountant
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(prefix="/motivation/wins-without-pay", tags=["motivation"])


@router.get("", responses=responses(Page[WinWithoutPayView]))
async def list_wins_without_pay(
    caller: Accountant,
    commands: Commands,
    company_id: UUID | None = None,
    room_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> JsonBytes:
    """List the activities that pay did not follow, with the cause of each, the newest first.

    A win that no plan covers is listed as well, and one for which the plan in force pays nothing.
    """
    filters = UnpaidFilters(company_id, room_id)
    return await commands.read(
        caller, lambda tx: queries.list_wins_without_pay(tx, filters, cursor, limit)
    )


@router.post("/accrue", status_code=202, responses=responses(JobView, status=202))
async def accrue_unpaid(caller: Accountant, commands: Commands) -> JsonBytes:
    """Try once more to pay them, when the causes are gone; a job does it."""

    async def use_case(tx: Tx) -> Mapping[str, Any]:
        job = await handlers.start_accruing_unpaid(tx, asked_by=caller.employee_id)
        return jobs.view(job)

    return await commands.run(caller, use_case, 202)
