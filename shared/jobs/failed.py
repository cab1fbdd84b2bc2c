"""Failed jobs for the operator: listed, and tried again where they stopped."""

from sqlalchemy import BigInteger, Uuid, bindparam, select

from shared.db import Database, compiled
from shared.ids import JobId, TenantId
from shared.jobs import queries, queue
from shared.jobs.job import Job
from shared.jobs.tables import JOB

MOST = 1000
_j = JOB.c
_FAILED = compiled(
    select(_j.tenant_id, _j.id)
    .where(_j.finished_at.is_not(None), _j.state == "failed")
    .order_by(_j.finished_at)
    .limit(bindparam("limit", type_=BigInteger))
)
_TENANT_OF = compiled(select(_j.tenant_id).where(_j.id == bindparam("id", type_=Uuid)))


async def list_failed(worker: Database, database: Database) -> list[Job]:
    """The failed jobs of all tenants, oldest first, at most `MOST`.

    `worker` is the role that sees a few columns of every tenant.
    """
    jobs: list[Job | None] = []
    for row in await worker.across_tenants(_FAILED, limit=MOST):
        async with database.begin_for(TenantId(row["tenant_id"])) as tx:
            jobs.append(await queries.get(tx, JobId(row["id"])))
    return [job for job in jobs if job]


async def retry(job_id: JobId, worker: Database, database: Database) -> bool:
    """Lets a failed job go on where it stopped; whether there is one with this id."""
    for row in await worker.across_tenants(_TENANT_OF, id=job_id):
        async with database.begin_for(TenantId(row["tenant_id"])) as tx:
            return await queue.retry(tx, job_id)
    return False
