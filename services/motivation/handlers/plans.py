"""Plans: drafted by admins and published once."""

from dataclasses import dataclass
from datetime import date

from services.motivation import events
from services.motivation.domain import plans as rules
from services.motivation.domain.periods import require_open_from
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import Rule
from services.motivation.handlers.waiting_wins import start_accruing
from services.motivation.storage import directory, periods, plans
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import CompanyId, PlanId, RoomId, new_id
from shared.jobs import Job
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """Store a plan that is not in force yet."""

    company_id: CompanyId
    room_id: RoomId
    name: str
    effective_from: date
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class PublishPlan:
    """Make a draft the next version for its company and room."""

    plan_id: PlanId


async def draft_plan(tx: Tx, command: DraftPlan, caller: Caller) -> PlanId:
    """Stores a draft.

    Raises:
        NotFound: there is no such company or room.
        Invalid: the room does not sell for the company, or an amount is not in its currency.
    """
    company = await directory.company(tx, command.company_id)
    room = await directory.room_selling_for(tx, command.room_id, company.id)
    rules.require_company_currency(command.rules, company.currency)
    await tx.read_clock()
    draft = Plan(PlanId(new_id()), company.id, room.id, command.effective_from, None, command.rules)
    await plans.add_draft(tx, draft, command.name, caller.employee_id)
    return draft.id


async def publish_plan(tx: Tx, command: PublishPlan, caller: Caller) -> Job:
    """Gives the plan the next version of its company and room, for ever; returns the job that
    accrues the wins which waited for it.

    Raises `NotFound`, `PlanNotDraft` the second time, `Invalid` for a day in a closed month.
    """
    plan = (await plans.by_ids(tx, [command.plan_id])).get(command.plan_id)
    if plan is None:
        raise NotFound("plan")
    draft, last_version = await plans.lock_for_publishing(tx, plan)
    plan_version = rules.publish(draft, last_version)
    last_closed = await periods.last_closed(tx, draft.company_id)
    require_open_from(draft.effective_from, last_closed)
    await tx.read_clock()
    tx.publish(events.plan_published(draft, plan_version, caller.employee_id), draft.id, 1)
    await plans.publish(tx, draft, plan_version)
    return await start_accruing(tx, draft.id, caller.employee_id)
