"""Plans: drafted by admins, published once, read in the rooms that they are for."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from services.motivation.api.requests import PlanBody, PlanReader
from services.motivation.api.responses import PlanView
from services.motivation.handlers import plans as handlers
from services.motivation.handlers.plans import PublishPlan
from services.motivation.queries import plans as queries
from services.motivation.queries.plans import PlanFilters
from shared.db import Tx
from shared.ids import PlanId
from shared.jobs import Job
from shared.jobs.runner import JobRunner
from shared.paging import Cursor, Limit
from shared.web.callers import Admin
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

STEPS_BEFORE_RESPONSE = 1
"""Of the job that publishing starts: where few wins waited, they have accrued in the response's
time."""

router = APIRouter(prefix="/motivation/plans", tags=["motivation"])


@router.get("", responses=responses(Page[PlanView]))
async def list_plans(
    caller: PlanReader,
    commands: Commands,
    room_id: UUID | None = None,
    company_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> JsonBytes:
    """Plans, newest first: all for admins; published ones for accountants, and of their rooms for
    heads and sellers; drafts of a room for its head.
    """
    filters = PlanFilters(room_id, company_id)
    return await commands.read(
        caller, lambda tx: queries.list_plans(tx, caller, filters, cursor, limit)
    )


@router.post("", status_code=201, responses=responses(PlanView, status=201))
async def draft_plan(body: PlanBody, caller: Admin, commands: Commands) -> JsonBytes:
    """Draft a plan.

    404 names a company or room that is not there; 422 `sold_in_room` where the room does not sell
    for the company.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        plan_id = await handlers.draft_plan(tx, body.command(), caller)
        return await queries.get_plan(tx, caller, plan_id)

    return await commands.run(caller, use_case, 201)


@router.get("/{plan_id}", responses=responses(PlanView))
async def get_plan(plan_id: PlanId, caller: PlanReader, commands: Commands) -> JsonBytes:
    """A plan with its rules."""
    return await commands.read(caller, lambda tx: queries.get_plan(tx, caller, plan_id))


@router.post("/{plan_id}/publish", responses=responses(PlanView, 409))
async def publish_plan(plan_id: PlanId, caller: Admin, commands: Commands) -> JsonBytes:
    """Make a draft the next version for its company and room, for ever; 409 `plan_published` the
    second time.

    Wins since `effective_from` that no version covered accrue under it by a job
    (`GET /jobs?kind=accrue_waiting_wins`) whose first batch is done before the response. What a
    version covered stays as it is, also where it paid nothing. 422 `open_month` for a day in a
    closed month.
    """

    accruing: Job | None = None

    async def use_case(tx: Tx) -> dict[str, Any]:
        nonlocal accruing
        accruing = await handlers.publish_plan(tx, PublishPlan(plan_id), caller)
        return await queries.get_plan(tx, caller, plan_id)

    response = await commands.run(caller, use_case)
    if accruing:
        runner = JobRunner(commands.service)
        await runner.advance_often(caller.tenant_id, accruing.id, STEPS_BEFORE_RESPONSE)
    return response
