"""Who asked for a job, judged by what they may do now."""

from services.activities.storage import directory
from services.activities.storage.directory import EMPLOYEE
from shared.db import Tx
from shared.jobs import Job
from shared.tenancy import Caller


async def caller_of(tx: Tx, job: Job) -> Caller:
    """Who asked for the job, with the roles and rooms that they have now; none if they are gone."""
    assert job.owner_id
    row = await directory.find(tx, EMPLOYEE, job.owner_id)
    if row is None or not row["active"]:
        return Caller(job.tenant_id, job.owner_id)
    headed = row["headed_room_ids"]
    return Caller(
        job.tenant_id,
        job.owner_id,
        frozenset(row["roles"]),
        frozenset(row["room_ids"]),
        headed_room_ids=None if headed is None else frozenset(headed),
    )
