"""The queue of jobs: created, leased, advanced by a step, put back, ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Integer, Text, Uuid, bindparam, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.context import correlation
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.errors import NotFound
from shared.ids import EmployeeId, JobId, new_id
from shared.jobs import progress
from shared.jobs.job import Job, StepResult
from shared.jobs.storage import add_refusals, job_of, lock, save
from shared.jobs.tables import JOB

NOT_LEASED = UUID(int=0)
_j = JOB.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_id = bindparam("id", type_=Uuid)
_new = upsert(JOB).values(
    tenant_id=_tenant_id,
    id=_id,
    version=literal(0, BigInteger),
    kind=bindparam("kind", type_=Text),
    arguments=bindparam("arguments", type_=JSONB),
    owner_id=bindparam("owner_id", type_=Uuid),
    dedupe_key=bindparam("dedupe_key", type_=Text),
    correlation_id=bindparam("correlation_id", type_=Text),
    state=literal("queued", Text),
    done=literal(0, Integer),
    total=bindparam("total", type_=Integer),
    refused=literal(0, Integer),
    attempts=literal(0, Integer),
    next_run_at=bindparam("run_at", type_=Moment),
    created_at=bindparam("now", type_=Moment),
)
# The conflicting row is locked, so that its first step begins after this transaction's commit.
_ENQUEUE = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "kind", "dedupe_key"],
        index_where=_j.state == "queued",
        set_={"next_run_at": func.greatest(_j.next_run_at, _new.excluded.next_run_at)},
    ).returning(JOB)
)
# A transaction's `now()` may lie before a step that it sees done, and what is due from then on.
_is_due = _j.next_run_at <= func.clock_timestamp()
_open = (
    select(JOB, func.clock_timestamp().label("now"))
    .where(
        _j.tenant_id == _tenant_id,
        _j.finished_at.is_(None),
        _j.kind == func.any(bindparam("kinds", type_=ARRAY(Text))),
    )
    .with_for_update(skip_locked=True)
)
_LEASE_FIRST = compiled(_open.where(_j.next_run_at <= func.now()).order_by(_j.next_run_at).limit(1))
_LEASE_ONE = compiled(_open.where(_j.id == _id, _is_due))
_AT_WORK = compiled(
    select(_j.lease).where(
        _j.tenant_id == _tenant_id,
        _j.id == _id,
        _j.finished_at.is_(None),
        or_(_j.lease.is_not(None), _is_due),
    )
)


class LeaseLost(Exception):
    """Another worker has the job: the lease ran out before the step was through."""


async def enqueue(
    tx: Tx,
    kind: str,
    arguments: Mapping[str, Any],
    *,
    owner_id: EmployeeId | None = None,
    dedupe_key: str | None = None,
    total: int | None = None,
    run_at: datetime | None = None,
) -> Job:
    """Creates a job that begins once this transaction has committed, not before `run_at` (UTC).

    With a `dedupe_key` there is one queued job of its kind and key: if one waits already, that one
    is returned, its arguments as they are, and it begins at the later of both moments. One that
    has begun may have passed what this transaction changes, so it does not count.
    """
    now = await tx.read_clock()
    row = await tx.row(
        _ENQUEUE,
        id=new_id(),
        kind=kind,
        arguments=dict(arguments),
        owner_id=owner_id,
        dedupe_key=dedupe_key,
        correlation_id=correlation.get(),
        total=total,
        run_at=run_at or now,
        now=now,
    )
    assert row
    tx.has_jobs = True
    return job_of(row)


async def lease_due(
    tx: Tx, kinds: Sequence[str], worker: str, seconds: float, job_id: JobId | None = None
) -> Job | None:
    """Leases the tenant's job that is due longest, or the one with `job_id` if it is due."""
    statement = _LEASE_ONE if job_id else _LEASE_FIRST
    row = await tx.row(statement, kinds=list(kinds), id=job_id)
    if row is None:
        return None
    tx.at(row["now"])
    before = job_of(row)
    until = tx.now + timedelta(seconds=seconds)
    after = progress.lease(before, new_id(), worker, until, tx.now)
    return await save(tx, before, after)


async def step_at_hand(tx: Tx, job_id: JobId) -> UUID | None:
    """The lease under which a step of the job runs at this moment, `NOT_LEASED` if it is due; None
    if there is nothing to wait for.
    """
    row = await tx.row(_AT_WORK, id=job_id)
    return (row["lease"] or NOT_LEASED) if row else None


async def advance(tx: Tx, job: Job, result: StepResult) -> Job:
    """Writes what a step did, in the step's own transaction. Raises `LeaseLost`."""
    before = await _lock_leased(tx, job)
    if result.refusals:
        await add_refusals(tx, before, result.refusals)
    return await save(tx, before, progress.advance(before, result, tx.now))


async def put_back(tx: Tx, job: Job, delay: timedelta) -> Job:
    """Leaves the job to be tried again after `delay`. Raises `LeaseLost`."""
    before = await _lock_leased(tx, job)
    return await save(tx, before, progress.put_back(before, delay, tx.now))


async def fail(tx: Tx, job: Job, error: str) -> Job:
    """Ends the job with the code of an error. Raises `LeaseLost`."""
    before = await _lock_leased(tx, job)
    return await save(tx, before, progress.fail(before, error, tx.now))


async def cancel(tx: Tx, job_id: JobId) -> Job:
    """Cancels the job: at once if no step is at hand, else after it.

    Raises `NotFound`, `JobAlreadyFinished`.
    """
    before = await lock(tx, job_id)
    if before is None:
        raise NotFound("job")
    return await save(tx, before, progress.cancel(before, tx.now))


async def retry(tx: Tx, job_id: JobId) -> bool:
    """Lets a failed job go on where it stopped; whether it had failed."""
    before = await lock(tx, job_id)
    if before is None or before.state != "failed":
        return False
    await save(tx, before, progress.retry(before, tx.now))
    tx.has_jobs = True
    return True


async def _lock_leased(tx: Tx, job: Job) -> Job:
    locked = await lock(tx, job.id)
    if locked is None or locked.lease != job.lease:
        raise LeaseLost
    return locked
