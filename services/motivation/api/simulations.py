"""Plans tried on past months, by a job."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path

from services.motivation.api.requests import PreviewReader
from services.motivation.api.simulation_bodies import (
    SimulationBody,
    SimulationsView,
    SimulationView,
)
from services.motivation.handlers import simulations as handlers
from services.motivation.queries import simulations as queries
from shared.db import Tx
from shared.ids import JobId, PlanId
from shared.jobs import Job
from shared.jobs import queries as jobs
from shared.jobs.responses import JobView
from shared.jobs.runner import JobRunner
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

SimulationPath = Annotated[JobId, Path(description="The simulation: the id of its job.")]
STEPS_BEFORE_RESPONSE = 3
"""Months that are done in the response's time, where others do not keep the worker busy."""

router = APIRouter(prefix="/motivation/plans/{plan_id}", tags=["motivation"])


@router.post("/simulate", status_code=202, responses=responses(JobView, status=202))
async def simulate_plan(
    plan_id: PlanId, caller: PreviewReader, commands: Commands, body: SimulationBody | None = None
) -> JsonBytes:
    """Try a plan, a draft too, on past months: who would have earned what, beside what was posted.
    A job does it and posts nothing; its id is that of the simulation, and its report
    (`GET /jobs/{job_id}/report`) the same as CSV.

    For who heads the plan's room, accountants and admins. 422 `ended` for a month that has not
    ended, `not_after` and `not_before` for months in the wrong order and for more than twelve.
    """
    command = (body or SimulationBody()).command(plan_id)

    started: Job | None = None

    async def use_case(tx: Tx) -> Mapping[str, Any]:
        nonlocal started
        started = await handlers.start_simulation(tx, command, caller)
        return jobs.view(started)

    response = await commands.run(caller, use_case, 202)
    if started:
        runner = JobRunner(commands.service)
        await runner.advance_often(caller.tenant_id, started.id, STEPS_BEFORE_RESPONSE)
    return response


@router.get("/simulations", responses=responses(SimulationsView))
async def list_simulations(plan_id: PlanId, caller: PreviewReader, commands: Commands) -> JsonBytes:
    """List the newest simulations of a plan. They are kept as long as their jobs, thirty days."""
    return await commands.read(caller, lambda tx: queries.list_simulations(tx, caller, plan_id))


@router.get("/simulations/{simulation_id}", responses=responses(SimulationView))
async def get_simulation(
    plan_id: PlanId, simulation_id: SimulationPath, caller: PreviewReader, commands: Commands
) -> JsonBytes:
    """A simulation with the months that are done, by employee and in total."""
    return await commands.read(
        caller, lambda tx: queries.get_simulation(tx, caller, plan_id, simulation_id)
    )
