"""Wins that waited for a plan: once it is published, a job accrues them batch by batch."""

from dataclasses import dataclass
from uuid import UUID

from services.motivation.handlers.accrual import ActivityPay, ActivityVersion, post_differences
from services.motivation.metrics import AccrualReport
from services.motivation.storage import activities, directory, plans
from services.motivation.storage.activities import StoredActivity
from shared.db import Tx
from shared.ids import ActivityId, PlanId

JOB = "accrue_waiting_wins"
BATCH = 200
FIRST = ActivityId(UUID(int=0))


@dataclass(frozen=True, slots=True)
class WaitingBatch:
    """A batch of wins that were looked at; `last` is the one to go on after, None at the end."""

    wins: int
    last: ActivityId | None
    report: AccrualReport


async def count_waiting_wins(tx: Tx, plan_id: PlanId) -> int:
    """How many wins the plan may cover that have not accrued."""
    return await activities.count_wins_without_plan(tx, await _covered_by(tx, plan_id))


async def accrue_waiting_wins(tx: Tx, plan_id: PlanId, after: ActivityId = FIRST) -> WaitingBatch:
    """Accrues the next wins by id after `after` that the plan may cover and that have not accrued,
    at most `BATCH`.
    """
    wins = await activities.lock_wins_without_plan(tx, await _covered_by(tx, plan_id), after, BATCH)
    report = await post_differences(tx, [_looked_at_again(win) for win in wins])
    return WaitingBatch(len(wins), wins[-1].id if len(wins) == BATCH else None, report)


async def _covered_by(tx: Tx, plan_id: PlanId) -> activities.WinsSince:
    plan = (await plans.by_ids(tx, [plan_id]))[plan_id]
    company = (await directory.companies(tx, [plan.company_id]))[plan.company_id]
    return activities.WinsSince(
        plan.company_id, plan.room_id, plan.effective_from, company.time_zone
    )


def _looked_at_again(win: StoredActivity) -> ActivityPay:
    return ActivityPay(win, [ActivityVersion(win.version, win.state)])
