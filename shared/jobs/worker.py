"""The worker: finds which tenants have jobs due, and gives each of them a step in turn."""

import asyncio
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, BigInteger, Text, Uuid, bindparam, delete, func, select, tuple_

from shared.db import Database, compiled
from shared.db.tables import Moment
from shared.db.transient import AWAY
from shared.errors import Unavailable
from shared.ids import TenantId
from shared.jobs.job import OPEN_STATES
from shared.jobs.runner import JobRunner
from shared.jobs.tables import JOB
from shared.metrics import Metrics

log = structlog.get_logger()

LANES = 2
"""How many tenants have a step at a time in one process."""
HOUSEKEEPING_SECONDS = 15.0
LEFT_OUT_SECONDS = 10.0
"""For so long a tenant has no turn after one that failed before its step."""
KEPT = timedelta(days=30)
PRUNED_AT_ONCE = 1000
_FIRST = UUID(int=0)
_CONTENDED_SECONDS = 0.05
_j = JOB.c
_open = _j.finished_at.is_(None)
_due = (
    _open,
    _j.next_run_at <= func.now(),
    _j.kind == func.any(bindparam("kinds", type_=ARRAY(Text))),
)
_NEXT_TENANT = compiled(
    select(_j.tenant_id)
    .where(
        *_due,
        _j.tenant_id > bindparam("after", type_=Uuid),
        _j.tenant_id != func.all(bindparam("busy", type_=ARRAY(Uuid))),
    )
    .order_by(_j.tenant_id)
    .limit(1)
)
_COUNT = compiled(
    select(_j.kind, _j.state, func.count().label("jobs")).where(_open).group_by(_j.kind, _j.state)
)
_past = (
    select(_j.tenant_id, _j.id)
    .where(_j.finished_at < bindparam("before", type_=Moment))
    .limit(bindparam("limit", type_=BigInteger))
)
_PRUNE = compiled(delete(JOB).where(tuple_(_j.tenant_id, _j.id).in_(_past)))


class JobWorker:
    """One process's part of the jobs. `run` until `stop`; `wake` says that a job was created.

    `database` is the worker's role, which sees a few columns of every tenant's jobs. Tenants take
    turns by their ids, a step each, so that one tenant's jobs never hold up another's.
    """

    def __init__(
        self,
        runner: JobRunner,
        database: Database,
        metrics: Metrics,
        poll_seconds: float,
        lanes: int = LANES,
    ) -> None:
        self._runner, self._database, self._metrics = runner, database, metrics
        self._poll, self._lanes = poll_seconds, lanes
        self._wake, self._turn = asyncio.Event(), asyncio.Lock()
        self._busy: set[TenantId] = set()
        self._left_out: dict[TenantId, float] = {}
        self._last: UUID = _FIRST
        self._stopping = False

    @property
    def database(self) -> Database:
        return self._database

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Works until stopped; a database that is away is waited for."""
        housekeeping = asyncio.create_task(self._keep_house())
        try:
            await asyncio.gather(*(self._lane() for _ in range(self._lanes)))
        finally:
            housekeeping.cancel()

    async def stop(self) -> None:
        """Lets the steps at hand end, and begins no other."""
        self._stopping = True
        self._wake.set()

    async def run_until_idle(self) -> int:
        """Runs all that is due now, one step after another; how many steps. For tests and tools."""
        steps = 0
        while (tenant_id := await self._find_tenant()) is not None:
            steps += await self._runner.advance(tenant_id)
        return steps

    async def _lane(self) -> None:
        while not self._stopping:
            try:
                await self._take_turn()
            except (Unavailable, *AWAY) as failure:
                log.warning("job_worker_waiting", reason=str(failure)[:200])
                await asyncio.sleep(1)
            except Exception as failure:
                # Not of a step, whose failures are its job's: of the tenant's queue itself.
                log.error("job_turn_failed", exc_info=failure)

    async def _take_turn(self) -> None:
        async with self._turn:
            tenant_id = await self._await_tenant()
            if tenant_id is None:
                return
            self._busy.add(tenant_id)
        try:
            if not await self._runner.advance(tenant_id):
                # Another worker has just taken it, or somebody holds its row.
                await asyncio.sleep(_CONTENDED_SECONDS)
        except Exception:
            # The others' turns go on meanwhile.
            self._left_out[tenant_id] = time.monotonic() + LEFT_OUT_SECONDS
            self._metrics.timer_failures.labels("jobs").inc()
            raise
        finally:
            self._busy.discard(tenant_id)
            self._wake.set()

    async def _await_tenant(self) -> TenantId | None:
        """The tenant whose turn is next, waited for; None when stopping."""
        while not self._stopping:
            self._wake.clear()
            if (tenant_id := await self._find_tenant()) is not None:
                return tenant_id
            try:
                await asyncio.wait_for(self._wake.wait(), self._poll)
            except TimeoutError:
                pass
        return None

    async def _find_tenant(self) -> TenantId | None:
        now = time.monotonic()
        self._left_out = {id_: until for id_, until in self._left_out.items() if until > now}
        busy = [*self._busy, *self._left_out]
        for after in dict.fromkeys((self._last, _FIRST)):
            rows = await self._database.across_tenants(
                _NEXT_TENANT, kinds=self._runner.kinds, after=after, busy=busy
            )
            if rows:
                self._last = rows[0]["tenant_id"]
                return TenantId(self._last)
        return None

    async def _keep_house(self) -> None:
        while True:
            try:
                await self._count()
                await self.prune()
            except (Unavailable, *AWAY) as failure:
                log.warning("job_worker_waiting", reason=str(failure)[:200])
            await asyncio.sleep(HOUSEKEEPING_SECONDS)

    async def _count(self) -> None:
        counts = {
            (row["kind"], row["state"]): row["jobs"]
            for row in await self._database.across_tenants(_COUNT)
        }
        for kind in {*self._runner.kinds, *(kind for kind, _ in counts)}:
            for state in OPEN_STATES:
                self._metrics.jobs.labels(kind, state).set(counts.get((kind, state), 0))

    async def prune(self) -> None:
        """Deletes jobs that ended long ago, with their refusals."""
        before: Any = await self._database.clock() - KEPT
        await self._database.across_tenants(_PRUNE, before=before, limit=PRUNED_AT_ONCE)
