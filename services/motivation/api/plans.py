"""Plans: drafted and changed by admins, published once, read and confirmed in the rooms that they
are for.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.motivation.api.requests import PlanBody, PlanChange, PlanReader, PreviewReader
from services.motivation.api.responses import (
    PlanConfirmationsView,
    PlanPreviewView,
    PlanTextView,
    PlanView,
)
from services.motivation.handlers import plan_confirmations
from services.motivation.handlers import plans as handlers
from services.motivation.handlers.plans import PublishPlan
from services.motivation.queries import plan_preview
from services.motivation.queries import plans as queries
from services.motivation.queries.plans import PlanFilters
from shared.clock import Period
from shared.db import Tx
from shared.ids import PlanId
from shared.jobs import Job
from shared.jobs.runner import JobRunner
from shared.paging import Cursor, Limit
from shared.web.callers import Admin, Seller
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
    """A plan with its rules, and `checks`: which deals several rules pay, or none."""
    return await commands.read(caller, lambda tx: queries.get_plan(tx, caller, plan_id))


@router.patch("/{plan_id}", responses=responses(PlanView, 409))
async def change_plan(
    plan_id: PlanId, body: PlanChange, caller: Admin, commands: Commands
) -> JsonBytes:
    """Change a draft. 409 `plan_published` for a version, which never changes; `stale` where
    `If-Match` names another `version`.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        await handlers.change_plan(tx, body.command(plan_id))
        return await queries.get_plan(tx, caller, plan_id)

    return await commands.run(caller, use_case)


@router.delete("/{plan_id}", status_code=204, responses=responses(None, 409, status=204))
async def delete_plan(plan_id: PlanId, caller: Admin, commands: Commands) -> Response:
    """Delete a draft. 409 `plan_published` for a version, which stays."""
    await commands.run(caller, lambda tx: handlers.delete_plan(tx, plan_id))
    return Response(status_code=204)


@router.get("/{plan_id}/text", responses=responses(PlanTextView))
async def get_plan_text(plan_id: PlanId, caller: PlanReader, commands: Commands) -> JsonBytes:
    """A plan in words, in the language of `Accept-Language`."""
    return await commands.read(caller, lambda tx: queries.get_plan_text(tx, caller, plan_id))


@router.get("/{plan_id}/preview", responses=responses(PlanPreviewView))
async def preview_plan(
    plan_id: PlanId,
    caller: PreviewReader,
    commands: Commands,
    period: Annotated[Period | None, Query()] = None,
) -> JsonBytes:
    """A plan on a month that has ended, as if it had been in force all along: who would have earned
    what, beside what was posted. By default the last month that the company has closed.
    """
    return await commands.read(
        caller, lambda tx: plan_preview.preview_plan(tx, caller, plan_id, period)
    )


@router.get("/{plan_id}/confirmations", responses=responses(PlanConfirmationsView))
async def list_plan_confirmations(
    plan_id: PlanId, caller: PlanReader, commands: Commands
) -> JsonBytes:
    """List who has confirmed a plan version, and who of its room has not."""
    return await commands.read(caller, lambda tx: queries.list_confirmations(tx, caller, plan_id))


@router.post("/{plan_id}/confirm", responses=responses(PlanConfirmationsView, 409))
async def confirm_plan(plan_id: PlanId, caller: Seller, commands: Commands) -> JsonBytes:
    """Confirm that you know the plan by which you are paid; the first confirmation stays. 409
    `plan_is_draft` for a draft.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        await plan_confirmations.confirm_plan(tx, plan_id, caller)
        return await queries.list_confirmations(tx, caller, plan_id)

    return await commands.run(caller, use_case)


@router.post("/{plan_id}/publish", responses=responses(PlanView, 409))
async def publish_plan(plan_id: PlanId, caller: Admin, commands: Commands) -> JsonBytes:
    """Make a draft the next version for its company and room, for ever; 409 `plan_published` the
    second time.

    Wins since `effective_from` that no version covered accrue under it by a job
    (`GET /jobs?kind=accrue_waiting_wins`) whose first batch is done before the response. What a
    version covered stays as it is, also where it paid nothing. 422 `open_month` for a day in a
    closed month, `product_category` where a rule is for a category that no product of the company
    is of, `vat_unknown` where one looks at VAT and the company's requisites do not say how it pays
    it on that day. Floors and draws are paid as their months end.
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
