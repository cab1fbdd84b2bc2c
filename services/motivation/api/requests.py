"""Request bodies, path parts and callers of the routes of pay."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.motivation.api.rule_requests import AnyRule
from services.motivation.handlers.adjustments import PostAdjustment
from services.motivation.handlers.plans import ChangePlan, DraftPlan
from shared.clock import Day, Period
from shared.ids import CompanyId, EmployeeId, PlanId, RoomId
from shared.money import Money
from shared.tenancy import Caller
from shared.text import Line, Text
from shared.web.callers import allowed

PlanReader = Annotated[Caller, allowed("admin", "head", "accountant", "seller")]
PreviewReader = Annotated[Caller, allowed("admin", "head", "accountant")]


Rules = Annotated[list[AnyRule], Field(min_length=1, max_length=50)]


class PlanBody(BaseModel):
    """A draft. Every rule that matches a won activity adds an entry of its own."""

    model_config = ConfigDict(extra="forbid")

    company_id: CompanyId
    room_id: RoomId
    name: Line
    effective_from: Day
    rules: Rules

    def command(self) -> DraftPlan:
        """The use case's command."""
        rules = tuple(rule.rule() for rule in self.rules)
        return DraftPlan(self.company_id, self.room_id, self.name, self.effective_from, rules)


class PlanChange(BaseModel):
    """A change of a draft: what is left out stays; `rules` are the whole list."""

    model_config = ConfigDict(extra="forbid")

    name: Line | None = None
    effective_from: Day | None = None
    rules: Rules | None = None

    def command(self, plan_id: PlanId) -> ChangePlan:
        """The use case's command."""
        rules = None if self.rules is None else tuple(rule.rule() for rule in self.rules)
        return ChangePlan(plan_id, self.name, self.effective_from, rules)


class AdjustmentBody(BaseModel):
    """An accountant's entry. A negative `amount` deducts.

    Without `period` it lands in the open one.
    """

    model_config = ConfigDict(extra="forbid")

    employee_id: EmployeeId
    company_id: CompanyId
    room_id: RoomId
    amount: Money
    reason: Annotated[Text, StringConstraints(min_length=1)]
    period: Period | None = None

    def command(self) -> PostAdjustment:
        """The use case's command."""
        return PostAdjustment(
            self.employee_id, self.company_id, self.room_id, self.amount, self.reason, self.period
        )
