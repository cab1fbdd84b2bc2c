"""Plans: drafted, published, and applied to the wins that waited for one."""

from datetime import date
from typing import Any
from uuid import UUID

from services.motivation.domain import plans as rules
from services.motivation.handlers.settling import Settled, Step, Work, settle_all
from services.motivation.storage import activities, directory, plans
from services.motivation.storage.directory import Company, Room
from services.motivation.storage.plans import plan_of
from shared.db import Database, Tx
from shared.errors import Invalid, NotFound
from shared.events.motivation import PlanPublished
from shared.ids import EmployeeId, PlanId, TenantId, new_id

BATCH = 200
_FIRST = UUID(int=0)


async def draft_plan(
    tx: Tx,
    company: Company,
    room: Room,
    name: str,
    effective_from: date,
    told: list[dict[str, Any]],
    by: EmployeeId,
) -> PlanId:
    """Stores a draft.

    Raises `Invalid` where the room does not sell for the company, or an amount is not in its
    currency.
    """
    if company.id not in room.company_ids:
        raise Invalid("room_id", "sold_in_room")
    for position, rule in enumerate(told):
        if rule["kind"] == "fixed" and rule["amount"]["currency"] != company.currency:
            raise Invalid(
                f"rules.{position}.amount.currency",
                "company_currency",
                currency=company.currency,
            )
    await tx.read_clock()
    plan_id = PlanId(new_id())
    await plans.add(tx, plan_id, company.id, room.id, name, effective_from, told, by)
    return plan_id


async def publish_plan(tx: Tx, plan_id: PlanId) -> None:
    """Gives the plan the next version of its company and room, for ever.

    Raises `NotFound`, or `PlanNotDraft` the second time.
    """
    row = await plans.row(tx, plan_id)
    if row is None:
        raise NotFound("plan")
    found, last = await plans.lock_for_publishing(tx, plan_id, row["company_id"], row["room_id"])
    number = rules.publish(found, last)
    await tx.read_clock()
    fact = PlanPublished(
        plan_id=found.id,
        company_id=found.company_id,
        room_id=found.room_id,
        plan_version=number,
        effective_from=found.effective_from,
    )
    tx.publish(fact, found.id, 1)
    await plans.publish(tx, found, number)


async def settle_batch(
    tx: Tx, plan_id: PlanId, after: UUID, count: int
) -> tuple[UUID | None, Settled]:
    """Settles up to `count` wins that the plan may cover and that have not accrued; where to go on,
    None at the end.
    """
    row = await plans.row(tx, plan_id)
    found = plan_of(row)
    company = (await directory.companies(tx, [found.company_id]))[found.company_id]
    kept = await activities.lock_unpaid(
        tx, found.company_id, found.room_id, found.effective_from, company.time_zone, after, count
    )
    settled = await settle_all(
        tx, [(held, Work(held.id, [Step(held.version, held.state)])) for held in kept]
    )
    if len(kept) < count:
        await plans.settled(tx, plan_id)
        return None, settled
    return kept[-1].id, settled


async def settle_wins(
    database: Database,
    tenant_id: TenantId,
    plan_id: PlanId,
    batches: int | None = None,
    count: int = BATCH,
) -> Settled:
    """Settles what a published plan covers, a transaction a batch; at most `batches`, the timer
    does the rest.
    """
    after: UUID | None = _FIRST
    done, turns = Settled(), 0
    while after is not None and turns != batches:
        async with database.begin_for(tenant_id) as tx:
            after, settled = await settle_batch(tx, plan_id, after, count)
        done.lines += settled.lines
        turns += 1
    return done
