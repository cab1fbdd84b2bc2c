"""Wins that waited for a published plan."""

from uuid import UUID

from services.motivation.handlers.accrual import (
    AccrualReport,
    ActivityPay,
    ActivityVersion,
    post_differences,
)
from services.motivation.storage import activities, directory, plans
from shared.db import Database, Tx
from shared.ids import PlanId, TenantId

BATCH = 200
_FIRST = UUID(int=0)


async def accrue_waiting_batch(
    tx: Tx, plan_id: PlanId, after: UUID, count: int
) -> tuple[UUID | None, AccrualReport]:
    """Accrues up to `count` wins that the plan may cover and that have not accrued; where to go on,
    None at the end.
    """
    plan = (await plans.by_ids(tx, [plan_id]))[plan_id]
    company = (await directory.companies(tx, [plan.company_id]))[plan.company_id]
    wins = await activities.lock_wins_without_plan(
        tx, plan.company_id, plan.room_id, plan.effective_from, company.time_zone, after, count
    )
    report = await post_differences(
        tx, [ActivityPay(win, [ActivityVersion(win.version, win.state)]) for win in wins]
    )
    if len(wins) < count:
        await plans.mark_accrued(tx, plan_id)
        return None, report
    return wins[-1].id, report


async def accrue_waiting_wins(
    database: Database,
    tenant_id: TenantId,
    plan_id: PlanId,
    batches: int | None = None,
    count: int = BATCH,
) -> AccrualReport:
    """Accrues what a published plan covers, a transaction a batch; at most `batches`, the timer
    does the rest.
    """
    after: UUID | None = _FIRST
    whole, done = AccrualReport(), 0
    while after is not None and done != batches:
        async with database.begin_for(tenant_id) as tx:
            after, report = await accrue_waiting_batch(tx, plan_id, after, count)
        whole.kinds += report.kinds
        done += 1
    return whole
