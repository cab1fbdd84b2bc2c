"""Bodies of the routes of simulations."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from services.motivation.api.responses import EmployeePreviewView, MissingTargetView
from services.motivation.handlers.simulations import SimulatePlan
from shared.clock import Period
from shared.ids import EmployeeId, JobId, PlanId
from shared.money import MoneySum
from shared.vocabulary import JobState


class SimulationBody(BaseModel):
    """The months on which a plan is tried, both included: at most twelve that have ended, by
    default the last three.
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"from": "2026-08", "to": "2026-10"}]}
    )

    first: Period | None = Field(
        None, alias="from", description="The first month; two before the last one by default."
    )
    last: Period | None = Field(
        None, alias="to", description="The last month; by default the last that has ended."
    )

    def command(self, plan_id: PlanId) -> SimulatePlan:
        """The use case's command."""
        return SimulatePlan(plan_id, self.first, self.last)


class SimulationHeading(BaseModel):
    """A plan tried on past months; `job_id` is that of the job that does it."""

    job_id: JobId
    plan_id: PlanId
    first: str = Field(alias="from", description="The first month.")
    last: str = Field(alias="to", description="The last month.")
    state: JobState
    asked_by: EmployeeId | None = Field(description="Who asked for it.")
    created_at: datetime


class SimulationsView(BaseModel):
    """The newest simulations of a plan, at most twenty."""

    plan_id: PlanId
    items: list[SimulationHeading]


class SimulatedMonthView(BaseModel):
    """A month under the plan, beside what was posted for it without adjustments."""

    period: str
    earned: MoneySum
    posted: MoneySum
    difference: MoneySum
    employees: list[EmployeePreviewView] = Field(description="By employee.")
    missing_targets: list[MissingTargetView]


class SimulationView(SimulationHeading):
    """A plan on past months, as if it had been in force all along: in total, by employee over all
    months, and by month. As long as the job runs, of the months that are done.
    """

    earned: MoneySum
    posted: MoneySum
    difference: MoneySum
    employees: list[EmployeePreviewView] = Field(description="By employee, over all months.")
    months: list[SimulatedMonthView] = Field(description="The earliest first.")
