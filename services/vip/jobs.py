"""Background work: deadlines follow changed room settings."""

from uuid import UUID

from services.vip import handlers
from services.vip.handlers import REALIGN_DEADLINES, RealignDeadlines
from shared.db import Tx
from shared.jobs import Job, JobKind, RefusedElement, StepResult

BATCH = 100
_FIRST = UUID(int=0)


async def realign_deadlines(tx: Tx, job: Job) -> StepResult:
    """Moves the deadlines of a batch of VIPs, those with the next higher ids."""
    command = RealignDeadlines.from_arguments(job.arguments)
    after = UUID(job.cursor) if job.cursor else _FIRST
    batch = await handlers.realign_batch(tx, command, after, BATCH)
    return StepResult(
        cursor=str(batch.ids[-1]) if batch.ids else job.cursor,
        done=len(batch.ids),
        refusals=RefusedElement.of_failures(batch.failed),
        finished=len(batch.ids) < BATCH,
    )


# A room whose deadlines were left where they are would reset late or early for good.
JOBS = (JobKind(REALIGN_DEADLINES, realign_deadlines, cancellable=False),)
