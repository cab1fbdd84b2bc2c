"""A plan tried on past months by a job, a month a step: what it would have paid, beside what was
posted. Posts nothing and locks nothing of the ledger's.
"""

from dataclasses import dataclass

from services.motivation.domain.plans import Plan
from services.motivation.domain.settlement import settle
from services.motivation.domain.simulations import months_between, require_past
from services.motivation.queries.months import RoomMonth, month_under
from services.motivation.queries.plan_preview import NOTHING, earned_by, plan_to_try, posted_to
from services.motivation.storage import directory, simulations
from services.motivation.storage.settlements import Debts
from services.motivation.storage.simulations import SimulatedLine, SimulatedMonth, Simulation
from shared.clock import period_of
from shared.db import Tx
from shared.ids import JobId, PlanId
from shared.jobs import Job, enqueue
from shared.tenancy import Caller

SIMULATE_PLAN = "simulate_plan"


@dataclass(frozen=True, slots=True)
class SimulatePlan:
    """Try a plan on the months from `first` to `last`, both included; by default on the last three
    that have ended.
    """

    plan_id: PlanId
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class SimulatedStep:
    """What a step has done: the month, and whether it was the last one."""

    period: str
    finished: bool


async def start_simulation(tx: Tx, command: SimulatePlan, caller: Caller) -> Job:
    """Starts the job that tries the plan with its present rules.

    Raises:
        NotFound: there is no such plan, or the caller does not head its room.
        Invalid: a month has not ended, they are in the wrong order or too many.
    """
    plan = await plan_to_try(tx, caller, command.plan_id)
    company = await directory.company(tx, plan.company_id)
    present = period_of(await tx.read_clock(), company.time_zone)
    first, last = require_past(command.first, command.last, present)
    job = await enqueue(
        tx,
        SIMULATE_PLAN,
        {"plan_id": str(plan.id), "from": first, "to": last},
        owner_id=caller.employee_id,
        total=len(months_between(first, last)),
    )
    new = Simulation(
        JobId(job.id), plan.id, company.id, plan.room_id, first, last, company.currency, plan.rules
    )
    await simulations.add(tx, new)
    return job


async def simulate_month(tx: Tx, job_id: JobId, before: str | None) -> SimulatedStep:
    """Settles the month after `before` under the plan, with what employees would owe by then, and
    stores who would have earned what.
    """
    simulation = await simulations.find(tx, job_id)
    assert simulation
    company = await directory.company(tx, simulation.company_id)
    months = months_between(simulation.first_period, simulation.last_period)
    period = months[months.index(before) + 1] if before else months[0]
    month = RoomMonth(company, simulation.room_id, period)
    debts = await simulations.debts_after(tx, job_id, before) if before else None
    await simulations.add_month(tx, job_id, await _simulated(tx, month, simulation, debts))
    return SimulatedStep(period, period == months[-1])


async def _simulated(
    tx: Tx, month: RoomMonth, simulation: Simulation, debts: Debts | None
) -> SimulatedMonth:
    plan = Plan(
        simulation.plan_id,
        simulation.company_id,
        simulation.room_id,
        month.first_on,
        None,
        simulation.rules,
    )
    settlement = settle(await month_under(tx, month, plan, debts))
    earned, posted = earned_by(settlement), await posted_to(tx, month)
    lines = [
        SimulatedLine(id_, earned.get(id_, NOTHING), posted.get(id_, NOTHING))
        for id_ in sorted(earned.keys() | posted.keys())
    ]
    missing = sorted(settlement.missing_targets, key=str)
    return SimulatedMonth(month.period, lines, missing, settlement.debts)
