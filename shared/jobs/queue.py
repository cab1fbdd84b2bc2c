"""The queue of jobs: created, leased, saved after a step, cancelled."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.context import correlation
from shared.db import BulkRows, Tx, compiled, writing
from shared.db.tables import Moment
from shared.errors import NotFound
from shared.events.jobs import JobFinished, JobProgressed
from shared.ids import EmployeeId, JobId, new_id
from shared.jobs import progress
from shared.jobs.job import Job, RefusedElement, StepResult
from shared.jobs.tables import JOB, JOB_REFUSAL

_j = JOB.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_id = bindparam("id", type_=Uuid)
_of_job = (_j.tenant_id == _tenant_id, _j.id == _id)
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
_due = (
    select(JOB, func.clock_timestamp().label("now"))
    .where(
        _j.tenant_id == _tenant_id,
        _j.finished_at.is_(None),
        _j.next_run_at <= func.now(),
        _j.kind == func.any(bindparam("kinds", type_=ARRAY(Text))),
    )
    .with_for_update(skip_locked=True)
)
_LEASE_FIRST = compiled(_due.order_by(_j.next_run_at, _j.id).limit(1))
_LEASE_ONE = compiled(_due.where(_j.id == _id))
_LOCK = compiled(select(JOB, func.clock_timestamp().label("now")).where(*_of_job).with_for_update())
_AT_WORK = compiled(
    select(_j.id).where(
        *_of_job,
        _j.finished_at.is_(None),
        or_(_j.lease.is_not(None), _j.next_run_at <= func.now()),
    )
)
_COLUMNS = tuple(_j.keys())
_CHANGING = (
    "version",
    "state",
    "done",
    "total",
    "refused",
    "cursor",
    "error",
    "attempts",
    "next_run_at",
    "lease",
    "worker",
    "started_at",
    "finished_at",
    "announced_at",
)
_SAVE = writing(
    update(JOB)
    .where(*_of_job)
    .values({name: bindparam(name, type_=_j[name].type) for name in _CHANGING})
)
_refusals = BulkRows(
    "refusal",
    {
        "position": Integer(),
        "element": Text(),
        "field": Text(),
        "rule": Text(),
        "parameters": JSONB(),
    },
)
_REFUSE = compiled(
    insert(JOB_REFUSAL).from_select(
        ["tenant_id", "job_id", *_refusals.c.keys()],
        select(_tenant_id, _id, *_refusals.c),
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
    return await _save(tx, before, after)


async def is_at_work(tx: Tx, job_id: JobId) -> bool:
    """Whether a step of the job runs at this moment, or may run."""
    return await tx.row(_AT_WORK, id=job_id) is not None


async def advance(tx: Tx, job: Job, result: StepResult) -> Job:
    """Writes what a step did, in the step's own transaction. Raises `LeaseLost`."""
    before = await _lock_leased(tx, job)
    if result.refusals:
        await _add_refusals(tx, before, result.refusals)
    return await _save(tx, before, progress.advance(before, result, tx.now))


async def put_back(tx: Tx, job: Job, delay: timedelta) -> Job:
    """Leaves the job to be tried again after `delay`. Raises `LeaseLost`."""
    before = await _lock_leased(tx, job)
    return await _save(tx, before, progress.put_back(before, delay, tx.now))


async def fail(tx: Tx, job: Job, error: str) -> Job:
    """Ends the job with the code of an error. Raises `LeaseLost`."""
    before = await _lock_leased(tx, job)
    return await _save(tx, before, progress.fail(before, error, tx.now))


async def cancel(tx: Tx, job_id: JobId) -> Job:
    """Cancels the job: at once if no step is at hand, else after it.

    Raises `NotFound`, `JobAlreadyFinished`.
    """
    before = await _lock(tx, job_id)
    if before is None:
        raise NotFound("job")
    return await _save(tx, before, progress.cancel(before, tx.now))


async def _lock(tx: Tx, job_id: JobId) -> Job | None:
    row = await tx.row(_LOCK, id=job_id)
    if row is None:
        return None
    tx.at(row["now"])
    return job_of(row)


async def _lock_leased(tx: Tx, job: Job) -> Job:
    locked = await _lock(tx, job.id)
    if locked is None or locked.lease != job.lease:
        raise LeaseLost
    return locked


async def _save(tx: Tx, before: Job, after: Job) -> Job:
    if progress.is_announced(before, after, tx.now):
        after = replace(after, version=after.version + 1, announced_at=tx.now)
        tx.publish(event_of(after), after.id, after.version)
    await tx.save(_SAVE, id=after.id, **{name: getattr(after, name) for name in _CHANGING})
    return after


async def _add_refusals(tx: Tx, job: Job, refusals: Sequence[RefusedElement]) -> None:
    rows = [
        {
            "position": position,
            "element": refusal.element,
            "field": refusal.field,
            "rule": refusal.rule,
            "parameters": dict(refusal.parameters),
        }
        for position, refusal in enumerate(refusals, job.refused + 1)
    ]
    await tx.rows(_REFUSE, id=job.id, **_refusals.of(rows))


def event_of(job: Job) -> JobProgressed | JobFinished:
    """What others learn of the job."""
    values = {
        "job_id": job.id,
        "kind": job.kind,
        "owner_id": job.owner_id,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "refused": job.refused,
    }
    if job.is_open:
        return JobProgressed(**values)
    return JobFinished(**values, error=job.error)


def job_of(row: Mapping[str, Any]) -> Job:
    """A row as a job."""
    return Job(**{name: row[name] for name in _COLUMNS})
