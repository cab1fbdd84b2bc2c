"""The routes of jobs, the same in every service that has jobs. The gateway merges them.

A job is seen by who asked for it and by admins; for everybody else it does not exist.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from shared.db import Tx
from shared.ids import JobId
from shared.jobs import queries, queue
from shared.jobs.job import RefusedElement
from shared.jobs.progress import JobNotCancellable
from shared.jobs.report import BYTE_ORDER_MARK, csv_rows, report
from shared.jobs.responses import JobView
from shared.paging import Cursor, Limit
from shared.vocabulary import JobState
from shared.web.callers import AnyCaller
from shared.web.commands import Commands
from shared.web.messages import messages
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["jobs"])
CSV = "text/csv; charset=utf-8"
KindFilter = Annotated[str | None, Query(max_length=60, pattern="^[a-z_]+$")]


@router.get("/jobs", responses=responses(Page[JobView]))
async def list_jobs(
    caller: AnyCaller,
    commands: Commands,
    state: JobState | None = None,
    kind: KindFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """Your jobs, the newest first; an admin sees those of all, the system's own among them."""
    return await commands.read(
        caller, lambda tx: queries.listing(tx, caller, state, kind, limit, cursor)
    )


@router.get("/jobs/{job_id}", responses=responses(JobView))
async def get_job(job_id: JobId, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """A job: where it stands, and how it ended."""

    async def find(tx: Tx) -> object:
        return queries.view(await queries.find(tx, job_id, caller))

    return await commands.read(caller, find)


@router.get(
    "/jobs/{job_id}/report",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def get_job_report(job_id: JobId, caller: AnyCaller, commands: Commands) -> StreamingResponse:
    """The elements that a job refused, with the reasons: CSV with semicolons, UTF-8 with a byte
    order mark. Columns: `element`, `field`, `rule`, `message`. A simulation reports its results
    instead, in columns of its own.
    """
    service = commands.service
    job = await service.read(caller, lambda tx: queries.find(tx, job_id, caller))
    disposition = {"Content-Disposition": f'attachment; filename="job-{job_id}.csv"'}
    own = next((kind.report for kind in service.jobs if kind.name == job.kind), None)
    if own:
        rows = await service.read(caller, lambda tx: own.read_rows(tx, caller, job))
        table = [BYTE_ORDER_MARK.encode(), csv_rows([own.columns]), csv_rows(rows)]
        return StreamingResponse(iter(table), media_type=CSV, headers=disposition)

    async def read_page(position: int) -> Sequence[RefusedElement]:
        return await service.read(caller, lambda tx: queries.refusals(tx, job_id, position))

    return StreamingResponse(report(read_page, messages()), media_type=CSV, headers=disposition)


@router.post("/jobs/{job_id}/cancel", responses=responses(JobView, 409))
async def cancel_job(job_id: JobId, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """Cancel a job: at once, or after the step at hand. What took effect stays.

    409 `job_already_finished` if it has succeeded or failed, `job_not_cancellable` if its effects
    must be whole.
    """
    kinds = {kind.name: kind for kind in commands.service.jobs}

    async def cancel(tx: Tx) -> object:
        job = await queries.find(tx, job_id, caller)
        if job.kind in kinds and not kinds[job.kind].cancellable:
            raise JobNotCancellable
        return queries.view(await queue.cancel(tx, job_id))

    return await commands.run(caller, cancel)
