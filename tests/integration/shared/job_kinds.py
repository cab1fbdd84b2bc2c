"""Kinds of jobs for the tests of the mechanism, and the table that counts their effects."""

import asyncio
import os
import random
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    Integer,
    MetaData,
    Table,
    Uuid,
    bindparam,
    func,
    insert,
    select,
)

from shared.db import Database, Tx, compiled
from shared.db.tables import Moment
from shared.errors import Refusal, Unavailable
from shared.ids import EmployeeId, JobId, TenantId, new_id
from shared.jobs import Job, JobKind, RefusedElement, StepResult, enqueue, queue
from shared.jobs.runner import JobRunner
from shared.jobs.storage import job_of
from shared.jobs.tables import JOB
from shared.jobs.worker import JobWorker
from shared.metrics import Metrics
from shared.service_context import ServiceContext
from tests.support.wait import eventually

# No key: an element that took effect twice has two rows.
EFFECT = Table(
    "job_effect",
    MetaData(),
    Column("tenant_id", Uuid, nullable=False),
    Column("job_id", Uuid, nullable=False),
    Column("element", Integer, nullable=False),
    Column("at", Moment, nullable=False, server_default=func.clock_timestamp()),
)
_elements = func.unnest(bindparam("elements", type_=ARRAY(Integer)))
_ADD = compiled(
    insert(EFFECT).from_select(
        ["tenant_id", "job_id", "element"],
        select(bindparam("tenant_id", type_=Uuid), bindparam("job_id", type_=Uuid), _elements),
    )
)


class OutOfStock(Refusal):
    """A refusal of a test's rule."""

    code = "out_of_stock"


async def count(tx: Tx, job: Job) -> StepResult:
    """Adds a row for each element of a batch; refuses every `refuse_every`th."""
    total, batch = job.arguments["elements"], job.arguments.get("batch", 20)
    first = job.cursor or 0
    elements = list(range(first, min(first + batch, total)))
    await tx.rows(_ADD, job_id=job.id, elements=elements)
    if pause := job.arguments.get("pause"):
        await asyncio.sleep(pause)
    every = job.arguments.get("refuse_every", 0)
    return StepResult(
        cursor=first + len(elements),
        done=len(elements),
        total=total,
        refusals=[
            RefusedElement(str(element), "=name", "too_long", {"max": 200})
            for element in elements
            if every and element % every == 0
        ],
        finished=first + len(elements) >= total,
    )


async def flaky(tx: Tx, job: Job) -> StepResult:
    """Has no effect before the third try."""
    await tx.rows(_ADD, job_id=job.id, elements=[job.attempts])
    if job.attempts < 3:
        raise Unavailable("database")
    return StepResult(done=1, total=1, finished=True)


async def broken(tx: Tx, job: Job) -> StepResult:
    await tx.rows(_ADD, job_id=job.id, elements=[job.attempts])
    raise ValueError("a mistake in the step")


async def refused(tx: Tx, job: Job) -> StepResult:
    await tx.rows(_ADD, job_id=job.id, elements=[job.attempts])
    raise OutOfStock


async def deadly(tx: Tx, job: Job) -> StepResult:
    os.kill(os.getpid(), 9)
    await asyncio.sleep(60)
    return StepResult(finished=True)


KINDS = (
    JobKind("count", count),
    JobKind("flaky", flaky),
    JobKind("broken", broken, attempts=2),
    JobKind("refused", refused),
    JobKind("deadly", deadly, attempts=2),
)


@dataclass
class Jobs:
    """The mechanism on a scratch database: creates jobs, runs them, reads them."""

    database: Database
    worker_role: Database
    metrics: Metrics
    lease_seconds: float = 60.0
    kinds: tuple[JobKind, ...] = KINDS

    @property
    def context(self) -> ServiceContext:
        return ServiceContext(None, self.metrics, self.database, self.worker_role, jobs=self.kinds)

    def runner(self) -> JobRunner:
        return JobRunner(self.context, self.lease_seconds)

    def worker(self, poll_seconds: float = 0.1, lanes: int = 1) -> JobWorker:
        return JobWorker(self.runner(), self.worker_role, self.metrics, poll_seconds, lanes)

    async def create(
        self,
        tenant_id: TenantId,
        kind: str = "count",
        owner_id: EmployeeId | None = None,
        dedupe_key: str | None = None,
        **arguments: Any,
    ) -> Job:
        async with self.database.begin_for(tenant_id) as tx:
            return await enqueue(tx, kind, arguments, owner_id=owner_id, dedupe_key=dedupe_key)

    async def read(self, job: Job) -> Job:
        async with self.database.begin_for(job.tenant_id) as tx:
            row = await tx.row(_FIND, id=job.id)
        assert row
        return job_of(row)

    async def effects(self, job: Job) -> list[int]:
        """The elements that took effect, in the order of their commits."""
        async with self.database.begin_for(job.tenant_id) as tx:
            return [row["element"] for row in await tx.rows(_EFFECTS, job_id=job.id)]

    async def ended(self, job: Job, seconds: float = 60) -> Job:
        """The job, once it has ended."""

        async def look() -> Job | None:
            current = await self.read(job)
            return None if current.is_open else current

        over: Job | None = await eventually(look, seconds)
        assert over
        return over

    async def has_done(self, job: Job, least: int) -> bool:
        current = await self.read(job)
        return not current.is_open or current.done >= least

    async def is_leased(self, job: Job) -> bool:
        return (await self.read(job)).lease is not None

    async def cancel(self, job: Job) -> Job:
        async with self.database.begin_for(job.tenant_id) as tx:
            return await queue.cancel(tx, JobId(job.id))


_FIND = compiled(
    select(JOB).where(
        JOB.c.tenant_id == bindparam("tenant_id", type_=Uuid),
        JOB.c.id == bindparam("id", type_=Uuid),
    )
)
_EFFECTS = compiled(
    select(EFFECT.c.element)
    .where(
        EFFECT.c.tenant_id == bindparam("tenant_id", type_=Uuid),
        EFFECT.c.job_id == bindparam("job_id", type_=Uuid),
    )
    .order_by(EFFECT.c.at, EFFECT.c.element)
)


def a_tenant() -> TenantId:
    return TenantId(new_id())


async def serve(url: str, worker_url: str) -> None:
    """A worker process: works until it is killed."""
    jobs = Jobs(
        await Database(url, 4, name="jobs").open(),
        await Database(worker_url, 2, name="jobs-worker").open(),
        Metrics("scratch"),
        lease_seconds=1.0,
    )
    await jobs.worker(poll_seconds=0.05 + random.random() / 20).run()
