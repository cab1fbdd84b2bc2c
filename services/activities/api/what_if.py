"""What other numbers would have done to a room in a past quarter, by a job."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path

from services.activities.api.what_if_bodies import WhatIfBody, WhatIfView
from services.activities.handlers import what_if as handlers
from services.activities.queries import what_if as queries
from shared.db import Tx
from shared.ids import JobId
from shared.jobs import Job
from shared.jobs import queries as jobs
from shared.jobs.responses import JobView
from shared.jobs.runner import JobRunner
from shared.web.callers import Head
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

STEPS_BEFORE_RESPONSE = 5
"""Batches of a usual room; the rest follows by the worker."""
WhatIfPath = Annotated[JobId, Path(description="The what-if: the id of its job.")]

# Asked where pay is planned, answered here, where the timelines are.
router = APIRouter(prefix="/motivation/what-if", tags=["directory"])


@router.post("", status_code=202, responses=responses(JobView, status=202))
async def ask_what_if(body: WhatIfBody, caller: Head, commands: Commands) -> JsonBytes:
    """Judge a past quarter of a room by other numbers: who would have lost which client and when,
    who would have kept one, which takes would have been refused. A job does it and changes nothing;
    its id is that of the what-if, its report (`GET /jobs/{job_id}/report`) the same as CSV.

    For heads of the room and admins. 422 `quarter_ended` for a quarter that has not ended.
    """
    caller.require_known_room(body.room_id, "room_id")
    caller.require_overseer(body.room_id)
    started: Job | None = None

    async def use_case(tx: Tx) -> Mapping[str, Any]:
        nonlocal started
        started = await handlers.ask_what_if(tx, body.command(), caller)
        return jobs.view(started)

    response = await commands.run(caller, use_case, 202)
    if started:
        runner = JobRunner(commands.service)
        await runner.advance_often(caller.tenant_id, started.id, STEPS_BEFORE_RESPONSE)
    return response


@router.get("/{what_if_id}", responses=responses(WhatIfView))
async def get_what_if(what_if_id: WhatIfPath, caller: Head, commands: Commands) -> JsonBytes:
    """What a what-if has found so far, by seller and with the first of each kind; the VIPs for whom
    there would have been no place.
    """
    return await commands.read(caller, lambda tx: queries.get_what_if(tx, caller, what_if_id))
