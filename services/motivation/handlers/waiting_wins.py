"""Wins that waited for a plan: once it is published, a job accrues them batch by batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.motivation.handlers.accrual import ActivityPay, ActivityVersion, post_differences
from services.motivation.metrics import AccrualReport
from services.motivation.storage import activities, directory, plans
from services.motivation.storage.activities import StoredActivity
from shared.db import Tx
from shared.ids import ActivityId, EmployeeId, PlanId
from shared.jobs import Job, enqueue

ACCRUE_WAITING_WINS = "accrue_waiting_wins"
BATCH = 200
FIRST = ActivityId(UUID(int=0))


@dataclass(frozen=True, slots=True)
class AccrueWaitingWins:
    """Accrue the wins that a published plan covers and that have not accrued."""

    plan_id: PlanId

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, str]) -> "AccrueWaitingWins":
        """The command of a job."""
        return cls(PlanId(UUID(arguments["plan_id"])))


@dataclass(frozen=True, slots=True)
class WaitingBatch:
    """A batch of wins that were looked at; `last` is the one to go on after, None at the end."""

    wins: int
    last: ActivityId | None
    report: AccrualReport


async def start_accruing(tx: Tx, plan_id: PlanId, published_by: EmployeeId) -> Job:
    """Creates the job that accrues the wins which waited for the plan."""
    return await enqueue(tx, ACCRUE_WAITING_WINS, {"plan_id": str(plan_id)}, owner_id=published_by)


async def count_waiting_wins(tx: Tx, command: AccrueWaitingWins) -> int:
    """How many wins the plan may cover that have not accrued."""
    return await activities.count_wins_without_plan(tx, await _covered_by(tx, command.plan_id))


async def accrue_waiting_wins(
    tx: Tx, command: AccrueWaitingWins, after: ActivityId = FIRST
) -> WaitingBatch:
    """Accrues the next wins by id after `after` that the plan may cover and that have not accrued,
    at most `BATCH`.
    """
    covered = await _covered_by(tx, command.plan_id)
    wins = await activities.lock_wins_without_plan(tx, covered, after, BATCH)
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
