"""Plans tried on past months, and each of those months."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, and_, bindparam, insert, select

from services.motivation.domain.rules import Rule
from services.motivation.domain.settlement import Who
from services.motivation.storage.plan_tables import simulation, simulation_month
from services.motivation.storage.rules import rule_from_json, rule_to_json
from services.motivation.storage.settlements import Debts, debts_from_json, debts_to_json
from shared.db import Tx, compiled, writing
from shared.ids import CompanyId, EmployeeId, JobId, PlanId, RoomId
from shared.jobs.tables import JOB
from shared.vocabulary import AttainmentMeasure


@dataclass(frozen=True, slots=True)
class Simulation:
    """A plan's `rules` as they were when somebody asked for the months from `first_period` to
    `last_period`, both included.
    """

    job_id: JobId
    plan_id: PlanId
    company_id: CompanyId
    room_id: RoomId
    first_period: str
    last_period: str
    currency: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class SimulatedLine:
    """What an employee would have earned in a month, beside what was posted for it."""

    employee_id: EmployeeId
    earned: Decimal
    posted: Decimal


@dataclass(frozen=True, slots=True)
class SimulatedMonth:
    """A month of a simulation: `debts` are those after it."""

    period: str
    lines: Sequence[SimulatedLine]
    missing_targets: Sequence[tuple[Who, AttainmentMeasure]]
    debts: Debts


_s, _m = simulation.c, simulation_month.c
_TENANT, _JOB = bindparam("tenant_id", type_=Uuid), bindparam("job_id", type_=Uuid)
_of_job = (_m.tenant_id == _TENANT, _m.job_id == _JOB)
_COLUMNS = tuple(column.key for column in _s if column.key != "tenant_id")
_MONTH_COLUMNS = tuple(column.key for column in _m if column.key != "tenant_id")
_ADD = writing(
    insert(simulation).values(
        tenant_id=_TENANT, **{name: bindparam(name, type_=_s[name].type) for name in _COLUMNS}
    )
)
_ADD_MONTH = writing(
    insert(simulation_month).values(
        tenant_id=_TENANT,
        **{name: bindparam(name, type_=_m[name].type) for name in _MONTH_COLUMNS},
    )
)
_FIND = compiled(select(simulation).where(_s.tenant_id == _TENANT, _s.job_id == _JOB))
_MONTHS = compiled(select(simulation_month).where(*_of_job).order_by(_m.period))
_DEBTS = compiled(select(_m.debts).where(*_of_job, _m.period == bindparam("period", type_=Text)))
_OF_PLAN = compiled(
    select(simulation, JOB.c.state, JOB.c.owner_id, JOB.c.created_at)
    .join(JOB, and_(JOB.c.tenant_id == _s.tenant_id, JOB.c.id == _s.job_id))
    .where(_s.tenant_id == _TENANT, _s.plan_id == bindparam("plan_id", type_=Uuid))
    .order_by(_s.job_id.desc())
    .limit(bindparam("count", type_=Integer))
)


async def add(tx: Tx, new: Simulation) -> None:
    """Stores what a simulation is to try."""
    values = {name: getattr(new, name) for name in _COLUMNS}
    await tx.save(_ADD, **values | {"rules": [rule_to_json(rule) for rule in new.rules]})


async def add_month(tx: Tx, job_id: JobId, month: SimulatedMonth) -> None:
    """Stores a month of a simulation."""
    await tx.save(
        _ADD_MONTH,
        job_id=job_id,
        period=month.period,
        lines=[
            [str(line.employee_id), f"{line.earned:.2f}", f"{line.posted:.2f}"]
            for line in month.lines
        ],
        missing_targets=[
            [str(who) if who else None, measure] for who, measure in month.missing_targets
        ],
        debts=debts_to_json(month.debts),
    )


async def find(tx: Tx, job_id: JobId) -> Simulation | None:
    """The simulation that the job makes."""
    row = await tx.row(_FIND, job_id=job_id)
    return simulation_of(row) if row else None


async def months_of(tx: Tx, job_id: JobId) -> list[SimulatedMonth]:
    """The months that are done, the earliest first."""
    return [_month_of(row) for row in await tx.rows(_MONTHS, job_id=job_id)]


async def debts_after(tx: Tx, job_id: JobId, period: str) -> Debts:
    """What employees would owe after a month that is done."""
    row = await tx.row(_DEBTS, job_id=job_id, period=period)
    assert row
    return debts_from_json(row["debts"])


async def rows_of_plan(tx: Tx, plan_id: PlanId, count: int) -> list[Any]:
    """The newest simulations of a plan, each with its job's state, owner and moment."""
    return await tx.rows(_OF_PLAN, plan_id=plan_id, count=count)


def simulation_of(row: Mapping[str, Any]) -> Simulation:
    """A row as a simulation."""
    values = {name: row[name] for name in _COLUMNS}
    return Simulation(**values | {"rules": tuple(rule_from_json(each) for each in row["rules"])})


def _month_of(row: Mapping[str, Any]) -> SimulatedMonth:
    return SimulatedMonth(
        row["period"],
        [
            SimulatedLine(EmployeeId(UUID(id_)), Decimal(earned), Decimal(posted))
            for id_, earned, posted in row["lines"]
        ],
        [(EmployeeId(UUID(who)) if who else None, name) for who, name in row["missing_targets"]],
        debts_from_json(row["debts"]),
    )
