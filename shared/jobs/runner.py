"""Runs steps: a job is leased, its step runs in one transaction, what came of it is written."""

import asyncio
import os
import random
import socket
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from shared.context import correlation
from shared.db import Tx
from shared.db.transaction import VersionConflict
from shared.errors import Refusal, Unavailable
from shared.ids import JobId, TenantId
from shared.jobs import progress, queue
from shared.jobs.job import Job, JobKind, StepResult
from shared.service_context import ServiceContext

log = structlog.get_logger()

LEASE_SECONDS = 60.0
HELP_SECONDS = 2.0
LOOK_SECONDS = 0.02
WORKER = f"{socket.gethostname()}:{os.getpid()}"
TRANSIENT = (Unavailable, VersionConflict)
"""Refusals that another try may not meet."""


class JobRunner:
    """Advances the jobs of a service, a step at a time."""

    def __init__(
        self,
        context: ServiceContext,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._context, self._lease_seconds = context, lease_seconds
        self._kinds = {kind.name: kind for kind in context.jobs}

    @property
    def kinds(self) -> list[str]:
        return list(self._kinds)

    async def advance(self, tenant_id: TenantId, job_id: JobId | None = None) -> bool:
        """Runs one step of the tenant's job that is due longest, or of the one named; whether there
        was one. Raises `Unavailable`.
        """
        async with self._context.database.begin_for(tenant_id) as tx:
            job = await queue.lease_due(tx, self.kinds, WORKER, self._lease_seconds, job_id)
        if job is None:
            return False
        correlation.set(job.correlation_id)
        try:
            await self._run(job, self._kinds[job.kind])
        except queue.LeaseLost:
            log.warning("job_lease_lost", job_id=str(job.id), kind=job.kind)
        return True

    async def advance_often(
        self, tenant_id: TenantId, job_id: JobId, steps: int, seconds: float = HELP_SECONDS
    ) -> None:
        """Sees `steps` steps of a job done at once, so that a small one is done before a request is
        answered: runs them, or waits up to `seconds` while a worker does. What is left, or fails in
        whatever way, is the worker's: the request has done what it was asked for.
        """
        give_up_at, others = time.monotonic() + seconds, queue.NOT_LEASED
        try:
            while steps > 0 and time.monotonic() < give_up_at:
                if await self.advance(tenant_id, job_id):
                    steps -= 1
                elif step := await self._step_at_hand(tenant_id, job_id):
                    if step not in (others, queue.NOT_LEASED):
                        # The worker's step before this one is done.
                        steps -= others != queue.NOT_LEASED
                        others = step
                    await asyncio.sleep(LOOK_SECONDS)
                else:
                    return
        except Exception as failure:
            log.warning("job_left_to_worker", job_id=str(job_id), reason=type(failure).__name__)

    async def _step_at_hand(self, tenant_id: TenantId, job_id: JobId) -> UUID | None:
        async with self._context.database.begin_for(tenant_id) as tx:
            return await queue.step_at_hand(tx, job_id)

    async def _run(self, job: Job, kind: JobKind) -> None:
        if job.attempts > kind.attempts:
            await self._fail(job, "worker_lost")
            return
        if job.state == "cancelling":
            await self._put_back(job, timedelta())
            return
        started = time.perf_counter()
        published: list[Any] = []

        async def work(tx: Tx) -> tuple[Job, StepResult]:
            result = await kind.run_step(tx, job)
            advanced = await queue.advance(tx, job, result)
            published[:] = tx.published
            return advanced, result

        try:
            after, result = await self._context.run_for(job.tenant_id, work)
        except queue.LeaseLost:
            raise
        except Exception as failure:
            await self._failed_try(job, kind, failure)
            return
        self._context.metrics.job_steps.labels(kind.name).observe(time.perf_counter() - started)
        self._ended(after)
        await self._context.push(job.tenant_id, published)
        if kind.after_commit:
            await kind.after_commit(self._context, after, result)

    async def _failed_try(self, job: Job, kind: JobKind, failure: Exception) -> None:
        refused = isinstance(failure, Refusal)
        code = failure.code if isinstance(failure, Refusal) else "internal"
        if (refused and not isinstance(failure, TRANSIENT)) or job.attempts >= kind.attempts:
            await self._fail(job, code, failure)
            return
        log.warning(
            "job_retry",
            job_id=str(job.id),
            kind=job.kind,
            attempt=job.attempts,
            reason=code,
            exc_info=None if refused or isinstance(failure, asyncpg.PostgresError) else failure,
        )
        await self._put_back(job, progress.retry_delay(job.attempts) * random.uniform(0.8, 1.2))

    async def _put_back(self, job: Job, delay: timedelta) -> None:
        async with self._context.database.begin_for(job.tenant_id) as tx:
            after = await queue.put_back(tx, job, delay)
        self._ended(after)

    async def _fail(self, job: Job, error: str, failure: Exception | None = None) -> None:
        async with self._context.database.begin_for(job.tenant_id) as tx:
            after = await queue.fail(tx, job, error)
        log.error("job_failed", job_id=str(job.id), kind=job.kind, error=error, exc_info=failure)
        self._ended(after)

    def _ended(self, job: Job) -> None:
        if not job.is_open:
            self._context.metrics.jobs_finished.labels(job.kind, job.state).inc()
