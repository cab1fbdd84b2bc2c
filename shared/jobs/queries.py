"""Reads of jobs: whose they are decides who sees them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Text, Uuid, bindparam, or_, select

from shared.db import Tx, compiled
from shared.errors import NotFound
from shared.ids import JobId
from shared.jobs.job import Job, RefusedElement
from shared.jobs.storage import job_of
from shared.jobs.tables import JOB, JOB_REFUSAL
from shared.paging import cursor_of, page, read_cursor
from shared.tenancy import Caller

_j, _r = JOB.c, JOB_REFUSAL.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_owner_id = bindparam("owner_id", type_=Uuid)
_before, _limit = bindparam("before", type_=Uuid), bindparam("limit", type_=BigInteger)
_state, _kind = bindparam("state", type_=Text), bindparam("kind", type_=Text)
_FIND = compiled(
    select(JOB).where(_j.tenant_id == _tenant_id, _j.id == bindparam("id", type_=Uuid))
)
_page = (
    select(JOB)
    .where(
        _j.tenant_id == _tenant_id,
        _j.id < _before,
        or_(_state.is_(None), _j.state == _state),
        or_(_kind.is_(None), _j.kind == _kind),
    )
    .order_by(_j.id.desc())
    .limit(_limit)
)
_ALL, _OWN = compiled(_page), compiled(_page.where(_j.owner_id == _owner_id))
_REFUSALS = compiled(
    select(_r.element, _r.field, _r.rule, _r.parameters)
    .where(
        _r.tenant_id == _tenant_id,
        _r.job_id == bindparam("job_id", type_=Uuid),
        _r.position > bindparam("position", type_=Integer),
    )
    .order_by(_r.position)
    .limit(_limit)
)
_LAST = UUID(int=2**128 - 1)
_REPORT_PAGE = 5000


async def get(tx: Tx, job_id: JobId) -> Job | None:
    """The job, whoever asks."""
    row = await tx.row(_FIND, id=job_id)
    return job_of(row) if row else None


async def find(tx: Tx, job_id: JobId, caller: Caller) -> Job:
    """The job, if it is the caller's or the caller is an admin. Raises `NotFound`."""
    job = await get(tx, job_id)
    if job is None:
        raise NotFound("job")
    if job.owner_id != caller.employee_id and not caller.has_any({"admin"}):
        raise NotFound("job")
    return job


async def listing(
    tx: Tx, caller: Caller, state: str | None, kind: str | None, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of the caller's jobs, of an admin all of the tenant's, the newest first.

    The cursor is a job's id and means the same in every service.
    """
    after = read_cursor(cursor, UUID)
    rows = await tx.rows(
        _ALL if caller.has_any({"admin"}) else _OWN,
        owner_id=caller.employee_id,
        before=after[0] if after else _LAST,
        state=state,
        kind=kind,
        limit=limit + 1,
    )
    views = [view(job_of(row)) for row in rows]
    return page(views, limit, cursor_of(views[limit - 1]["id"]) if len(views) > limit else None)


async def refusals(tx: Tx, job_id: JobId, after: int) -> list[RefusedElement]:
    """The refused elements after a position, in order."""
    rows = await tx.rows(_REFUSALS, job_id=job_id, position=after, limit=_REPORT_PAGE)
    return [RefusedElement(**row) for row in rows]


_SHOWN = (
    "id",
    "kind",
    "arguments",
    "owner_id",
    "state",
    "done",
    "total",
    "refused",
    "error",
    "created_at",
    "started_at",
    "finished_at",
)


def view(job: Job) -> Mapping[str, Any]:
    """The job as a `JobView`."""
    return {name: getattr(job, name) for name in _SHOWN}
