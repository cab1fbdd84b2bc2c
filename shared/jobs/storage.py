"""The rows of jobs: locked, saved with the events of their progress, refusals added."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Integer, Text, Uuid, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import BulkRows, Tx, compiled, writing
from shared.events.jobs import JobFinished, JobProgressed
from shared.ids import JobId
from shared.jobs import progress
from shared.jobs.job import Job, RefusedElement
from shared.jobs.tables import JOB, JOB_REFUSAL

_j = JOB.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_id = bindparam("id", type_=Uuid)
_of_job = (_j.tenant_id == _tenant_id, _j.id == _id)
_LOCK = compiled(select(JOB, func.clock_timestamp().label("now")).where(*_of_job).with_for_update())
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


async def lock(tx: Tx, job_id: JobId) -> Job | None:
    """The job, locked; the transaction's moment is that of the lock."""
    row = await tx.row(_LOCK, id=job_id)
    if row is None:
        return None
    tx.at(row["now"])
    return job_of(row)


async def save(tx: Tx, before: Job, after: Job) -> Job:
    """Writes a locked job, and publishes what is worth an event."""
    if progress.is_announced(before, after, tx.now):
        after = replace(after, version=after.version + 1, announced_at=tx.now)
        tx.publish(event_of(after), after.id, after.version)
    await tx.save(_SAVE, id=after.id, **{name: getattr(after, name) for name in _CHANGING})
    return after


async def add_refusals(tx: Tx, job: Job, refusals: Sequence[RefusedElement]) -> None:
    """Adds refused elements to the report of a locked job."""
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
