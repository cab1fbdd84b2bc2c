"""Plans: drafted by admins, changed and deleted as long as they are drafts, published once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.motivation import events
from services.motivation.domain import plans as rules
from services.motivation.domain.periods import require_open_from
from services.motivation.domain.plan_checks import (
    has_unknown_category,
    require_known_categories,
    require_known_vat,
)
from services.motivation.domain.plans import Plan
from services.motivation.domain.rules import (
    Rule,
    employees_of,
    field_of_employees,
    looks_at_catalogue,
)
from services.motivation.handlers.month_ends import expect_month_end
from services.motivation.handlers.waiting_wins import start_accruing
from services.motivation.storage import catalogue, directory, periods, plans, products
from services.motivation.storage.rules import rule_to_json
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import CompanyId, PlanId, RoomId, new_id
from shared.jobs import Job
from shared.replicas import Reference, require
from shared.tenancy import Caller
from shared.versions import differing, stale


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """Store a plan that is not in force yet."""

    company_id: CompanyId
    room_id: RoomId
    name: str
    effective_from: date
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """Change a draft; None stays as it is."""

    plan_id: PlanId
    name: str | None = None
    effective_from: date | None = None
    rules: tuple[Rule, ...] | None = None

    def as_sent(self) -> Mapping[str, Any]:
        """What was sent, as responses show it."""
        sent = {
            "name": self.name,
            "effective_from": self.effective_from,
            "rules": None if self.rules is None else [rule_to_json(rule) for rule in self.rules],
        }
        return {name: value for name, value in sent.items() if value is not None}


@dataclass(frozen=True, slots=True)
class PublishPlan:
    """Make a draft the next version for its company and room."""

    plan_id: PlanId


async def draft_plan(tx: Tx, command: DraftPlan, caller: Caller) -> PlanId:
    """Stores a draft.

    Raises:
        NotFound: there is no such company, room or employee.
        Invalid: the room does not sell for the company, or an amount is not in its currency.
    """
    company = await directory.company(tx, command.company_id)
    room = await directory.room_selling_for(tx, command.room_id, company.id)
    await _require_valid(tx, command.rules, company.currency)
    await tx.read_clock()
    draft = Plan(PlanId(new_id()), company.id, room.id, command.effective_from, None, command.rules)
    await plans.add_draft(tx, draft, command.name, caller.employee_id)
    return draft.id


async def change_plan(tx: Tx, command: ChangePlan) -> None:
    """Changes a draft.

    Raises:
        NotFound: there is no such plan, or it names an employee who is not there.
        PlanNotDraft: it was published.
        Stale: it is not at the version that the caller has read.
        Invalid: an amount is not in the company's currency.
    """
    stored = await _lock_draft(tx, command.plan_id)
    if not tx.expects(stored.draft_version):
        present = {
            "name": stored.name,
            "effective_from": stored.plan.effective_from,
            "rules": [rule_to_json(rule) for rule in stored.plan.rules],
        }
        raise stale(stored.draft_version, differing(present, command.as_sent()))
    company = await directory.company(tx, stored.plan.company_id)
    changed = replace(
        stored.plan,
        effective_from=command.effective_from or stored.plan.effective_from,
        rules=stored.plan.rules if command.rules is None else command.rules,
    )
    await _require_valid(tx, changed.rules, company.currency)
    name = stored.name if command.name is None else command.name
    await plans.change_draft(tx, changed, name, stored.draft_version + 1)


async def delete_plan(tx: Tx, plan_id: PlanId) -> None:
    """Deletes a draft. Raises `NotFound`, or `PlanNotDraft` where it was published."""
    await _lock_draft(tx, plan_id)
    await plans.delete_draft(tx, plan_id)


async def publish_plan(tx: Tx, command: PublishPlan, caller: Caller) -> Job:
    """Gives the plan the next version of its company and room, for ever; returns the job that
    accrues the wins which waited for it.

    Raises:
        NotFound: there is no such plan.
        PlanNotDraft: it is published already.
        Invalid: a rule is for a product category that the company does not have, or looks at
            value added tax where the company has not said how it pays it; or the day is in a closed
            month.
    """
    plan = (await plans.by_ids(tx, [command.plan_id])).get(command.plan_id)
    if plan is None:
        raise NotFound("plan")
    await _require_categories(tx, plan)
    await _require_vat(tx, plan)
    draft, last_version = await plans.lock_for_publishing(tx, plan)
    plan_version = rules.publish(draft, last_version)
    last_closed = await periods.last_closed(tx, draft.company_id)
    require_open_from(draft.effective_from, last_closed)
    await tx.read_clock()
    tx.publish(events.plan_published(draft, plan_version, caller.employee_id), draft.id, 1)
    await plans.publish(tx, draft, plan_version)
    company = await directory.company(tx, draft.company_id)
    await expect_month_end(tx, draft, company.time_zone)
    return await start_accruing(tx, draft.id, caller.employee_id)


async def _lock_draft(tx: Tx, plan_id: PlanId) -> plans.StoredPlan:
    stored = await plans.lock(tx, plan_id)
    if stored is None:
        raise NotFound("plan")
    if stored.plan.plan_version is not None:
        raise rules.PlanNotDraft(plan_version=stored.plan.plan_version)
    return stored


async def _require_valid(tx: Tx, plan_rules: tuple[Rule, ...], currency: str) -> None:
    rules.require_company_currency(plan_rules, currency)
    named = {employee_id for rule in plan_rules for employee_id in employees_of(rule)}
    await directory.require_employees(tx, named)
    if missing := named - (await directory.employees(tx, named)).keys():
        place, rule = next(
            (place, rule)
            for place, rule in enumerate(plan_rules)
            if missing.intersection(employees_of(rule))
        )
        raise NotFound("employee", f"rules.{place}.{field_of_employees(rule)}")


async def _require_categories(tx: Tx, plan: Plan) -> None:
    """A category that is not here may be new: the owner is asked once."""
    categories = await products.categories_of(tx, plan.company_id)
    if has_unknown_category(plan.rules, categories):
        require(tx, Reference("products_of_company", plan.company_id))
    require_known_categories(plan.rules, categories)


async def _require_vat(tx: Tx, plan: Plan) -> None:
    """What is not here may be new, or of before it was told: the owner is asked once."""
    if not looks_at_catalogue(plan.rules):
        return
    gaps = await catalogue.gaps(tx, plan.company_id, plan.effective_from)
    if gaps.vat:
        kinds = ("company_vat", "products_of_company")
        require(tx, *(Reference(kind, plan.company_id) for kind in kinds))
    require_known_vat(plan.rules, gaps)
