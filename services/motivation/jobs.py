"""Background jobs of pay."""

from uuid import UUID

from services.motivation.handlers import simulations
from services.motivation.handlers import waiting_wins as handlers
from services.motivation.handlers.catalogue import FOLLOW_CATALOGUE
from services.motivation.handlers.catalogue import follow_catalogue as follow
from services.motivation.handlers.waiting_wins import (
    ACCRUE_UNPAID,
    ACCRUE_WAITING_WINS,
    AccrueWaitingWins,
    WaitingBatch,
)
from services.motivation.queries.simulations import COLUMNS, report_rows
from shared.db import Tx
from shared.ids import ActivityId, CompanyId
from shared.jobs import Job, JobKind, JobReport, RefusedElement, StepResult
from shared.service_context import ServiceContext


async def accrue_waiting_wins(tx: Tx, job: Job) -> StepResult:
    """Accrues the next batch of the wins that waited for the plan."""
    command = AccrueWaitingWins.from_arguments(job.arguments)
    if job.cursor is None:
        total, after = await handlers.count_waiting_wins(tx, command), handlers.FIRST
    else:
        total, after = None, ActivityId(UUID(job.cursor))
    return _result(await handlers.accrue_waiting_wins(tx, command, after), total)


async def accrue_unpaid(tx: Tx, job: Job) -> StepResult:
    """Tries once more to pay the next batch of what is without pay."""
    company_id = job.arguments.get("company_id")
    after = ActivityId(UUID(job.cursor)) if job.cursor else handlers.FIRST
    batch = await handlers.accrue_unpaid(
        tx, CompanyId(UUID(company_id)) if company_id else None, after
    )
    return _result(batch)


async def simulate_plan(tx: Tx, job: Job) -> StepResult:
    """Tries a plan on the next month."""
    step = await simulations.simulate_month(tx, job.id, job.cursor)
    return StepResult(cursor=step.period, done=1, finished=step.finished)


async def follow_catalogue(tx: Tx, job: Job) -> StepResult:
    """Pays the next batch of wins by what their products cost now."""
    after = ActivityId(UUID(job.cursor)) if job.cursor else handlers.FIRST
    return _result(await follow(tx, CompanyId(UUID(job.arguments["company_id"])), after))


def _result(batch: WaitingBatch, total: int | None = None) -> StepResult:
    return StepResult(
        cursor=str(batch.last) if batch.last else None,
        done=batch.wins,
        total=total,
        refusals=RefusedElement.of_failures(batch.failed),
        finished=batch.last is None,
        outcome=batch.report,
    )


async def count_entries(context: ServiceContext, _: Job, result: StepResult) -> None:
    """Counts the entries that a step posted."""
    context.metrics.count(result.outcome)


JOBS = (
    JobKind(
        ACCRUE_WAITING_WINS, accrue_waiting_wins, after_commit=count_entries, cancellable=False
    ),
    JobKind(ACCRUE_UNPAID, accrue_unpaid, after_commit=count_entries, cancellable=False),
    JobKind(simulations.SIMULATE_PLAN, simulate_plan, report=JobReport(COLUMNS, report_rows)),
    JobKind(FOLLOW_CATALOGUE, follow_catalogue, after_commit=count_entries, cancellable=False),
)
