"""Plans: drafted by admins, published once, read in the rooms that they are for."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from services.motivation import queries
from services.motivation.api.parts import Counters, Db, PlanReader, Snapshots, refuses
from services.motivation.handlers import plans as handlers
from services.motivation.views import PlanView, RuleView
from shared.clock import Day
from shared.ids import CompanyId, PlanId, RoomId
from shared.paging import Cursor, Limit
from shared.text import Line
from shared.web.callers import Admin
from shared.web.responses import Page, as_json

router = APIRouter(prefix="/plans")


class PlanBody(BaseModel):
    """A draft. Every rule that matches a won activity adds a line of pay of its own."""

    model_config = ConfigDict(extra="forbid")

    company_id: CompanyId
    room_id: RoomId
    name: Line
    effective_from: Day
    rules: Annotated[list[RuleView], Field(min_length=1, max_length=50)]


@router.get("", response_model=Page[PlanView], responses=refuses(403, 404))
async def list_plans(
    caller: PlanReader,
    db: Db,
    room_id: UUID | None = None,
    company_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Plans, newest first: all for admins and accountants, those of their rooms for heads and
    sellers.
    """
    async with db.begin(caller) as tx:
        return as_json(await queries.plan_page(tx, caller, room_id, company_id, cursor, limit))


@router.post("", status_code=201, response_model=PlanView, responses=refuses(403, 404))
async def draft_plan(body: PlanBody, caller: Admin, db: Db, copies: Snapshots) -> Response:
    """Draft a plan.

    404 names a company or room that is not there; 422 `sold_in_room` where the room does not
    sell for it.
    """
    company = await copies.company(caller.tenant_id, body.company_id)
    room = await copies.room(caller.tenant_id, body.room_id, company.id)
    told = [rule.model_dump(mode="json", exclude_none=True) for rule in body.rules]
    async with db.begin(caller) as tx:
        plan_id = await handlers.draft_plan(
            tx, company, room, body.name, body.effective_from, told, caller.employee_id
        )
        answer = as_json(await queries.plan(tx, caller, plan_id), 201)
        tx.respond(bytes(answer.body), 201)
    return answer


@router.get("/{plan_id}", response_model=PlanView, responses=refuses(403, 404))
async def show_plan(plan_id: UUID, caller: PlanReader, db: Db) -> Response:
    """A plan with its rules."""
    async with db.begin(caller) as tx:
        return as_json(await queries.plan(tx, caller, plan_id))


@router.post("/{plan_id}/publish", response_model=PlanView, responses=refuses(403, 404, 409))
async def publish_plan(plan_id: UUID, caller: Admin, db: Db, counters: Counters) -> Response:
    """Make a draft the next version for its company and room, for ever; 409 `plan_published` the
    second time.

    Wins since `effective_from` that no plan covered are settled by it, into the open period.
    """
    found = PlanId(plan_id)
    async with db.begin(caller) as tx:
        await handlers.publish_plan(tx, found)
        answer = as_json(await queries.plan(tx, caller, plan_id))
        tx.respond(bytes(answer.body))
    counters.count(await handlers.settle_wins(db, caller.tenant_id, found, batches=1))
    return answer
