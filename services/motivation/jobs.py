"""Background jobs of pay."""

from uuid import UUID

from services.motivation.handlers import waiting_wins as handlers
from shared.db import Tx
from shared.ids import ActivityId, PlanId
from shared.jobs import Job, JobKind, StepResult
from shared.service_context import ServiceContext


async def accrue_waiting_wins(tx: Tx, job: Job) -> StepResult:
    """Accrues the next batch of the wins that waited for the plan."""
    plan_id = PlanId(UUID(job.arguments["plan_id"]))
    if job.cursor is None:
        total, after = await handlers.count_waiting_wins(tx, plan_id), handlers.FIRST
    else:
        total, after = None, ActivityId(UUID(job.cursor))
    batch = await handlers.accrue_waiting_wins(tx, plan_id, after)
    return StepResult(
        cursor=str(batch.last) if batch.last else None,
        done=batch.wins,
        total=total,
        finished=batch.last is None,
        outcome=batch.report,
    )


async def count_entries(context: ServiceContext, _: Job, result: StepResult) -> None:
    """Counts the entries that a step posted."""
    context.metrics.count(result.outcome)


JOBS = [JobKind(handlers.JOB, accrue_waiting_wins, after_commit=count_entries)]
