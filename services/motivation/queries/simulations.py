"""What a plan would have paid in past months, as the API and the job's report show it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from services.motivation.queries.plan_preview import NOTHING, plan_to_try, require_head
from services.motivation.storage import directory, simulations
from services.motivation.storage.simulations import (
    SimulatedLine,
    SimulatedMonth,
    Simulation,
    simulation_of,
)
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import EmployeeId, JobId, PlanId
from shared.jobs import Job, queries
from shared.money import MoneySum
from shared.tenancy import Caller

COLUMNS = (
    "period",
    "employee_id",
    "personnel_number",
    "earned",
    "posted",
    "difference",
    "currency",
)
_SHOWN = 20


async def list_simulations(tx: Tx, caller: Caller, plan_id: PlanId) -> dict[str, Any]:
    """The newest simulations of a plan, without their results. Raises `NotFound`."""
    await plan_to_try(tx, caller, plan_id)
    rows = await simulations.rows_of_plan(tx, plan_id, _SHOWN)
    return {
        "plan_id": plan_id,
        "items": [
            {**_heading(simulation_of(row)), "state": row["state"], "asked_by": row["owner_id"]}
            | {"created_at": row["created_at"]}
            for row in rows
        ],
    }


async def get_simulation(tx: Tx, caller: Caller, plan_id: PlanId, job_id: JobId) -> dict[str, Any]:
    """A simulation with the months that are done. Raises `NotFound`."""
    simulation = await _readable(tx, caller, job_id)
    job = await queries.get(tx, job_id)
    if simulation.plan_id != plan_id or job is None:
        raise NotFound("job")
    months = await simulations.months_of(tx, job_id)
    return {
        **_heading(simulation),
        "state": job.state,
        "asked_by": job.owner_id,
        "created_at": job.created_at,
        "employees": _totals(months, simulation.currency),
        **_sums([line for month in months for line in month.lines], simulation.currency),
        "months": [_month_view(month, simulation.currency) for month in months],
    }


async def report_rows(tx: Tx, caller: Caller, job: Job) -> Sequence[Sequence[str]]:
    """The job's report: a row for each month and employee. Raises `NotFound`."""
    simulation = await _readable(tx, caller, job.id)
    months = await simulations.months_of(tx, job.id)
    ids = {line.employee_id for month in months for line in month.lines}
    employees = await directory.employees(tx, ids)
    numbers = {id_: employee.personnel_number or "" for id_, employee in employees.items()}
    return [
        (
            month.period,
            str(line.employee_id),
            numbers.get(line.employee_id, ""),
            f"{line.earned:.2f}",
            f"{line.posted:.2f}",
            f"{line.earned - line.posted:.2f}",
            simulation.currency,
        )
        for month in months
        for line in month.lines
    ]


async def _readable(tx: Tx, caller: Caller, job_id: JobId) -> Simulation:
    """The simulation, if its room's pay is the caller's to see, whoever asked for it."""
    simulation = await simulations.find(tx, job_id)
    if simulation is None:
        raise NotFound("job")
    require_head(caller, simulation.room_id)
    return simulation


def _heading(simulation: Simulation) -> dict[str, Any]:
    return {
        "job_id": simulation.job_id,
        "plan_id": simulation.plan_id,
        "from": simulation.first_period,
        "to": simulation.last_period,
    }


def _totals(months: Sequence[SimulatedMonth], currency: str) -> list[dict[str, Any]]:
    by_employee: dict[EmployeeId, list[SimulatedLine]] = {}
    for month in months:
        for line in month.lines:
            by_employee.setdefault(line.employee_id, []).append(line)
    return [
        {"employee_id": id_, **_sums(lines, currency)} for id_, lines in sorted(by_employee.items())
    ]


def _month_view(month: SimulatedMonth, currency: str) -> dict[str, Any]:
    return {
        "period": month.period,
        **_sums(month.lines, currency),
        "employees": [
            {"employee_id": line.employee_id, **_sums([line], currency)} for line in month.lines
        ],
        "missing_targets": [
            {"employee_id": who, "measure": measure} for who, measure in month.missing_targets
        ],
    }


def _sums(lines: Sequence[SimulatedLine], currency: str) -> dict[str, MoneySum]:
    def money(amount: Decimal) -> MoneySum:
        return MoneySum.build(amount=amount, currency=currency)

    earned = sum((line.earned for line in lines), NOTHING)
    posted = sum((line.posted for line in lines), NOTHING)
    return {
        "earned": money(earned),
        "posted": money(posted),
        "difference": money(earned - posted),
    }
