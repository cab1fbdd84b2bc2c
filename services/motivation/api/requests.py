"""Request bodies, path parts and callers of the routes of pay."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.motivation.api.rule_requests import AnyRule
from services.motivation.handlers.periods import ClosePeriod
from services.motivation.handlers.plans import ChangePlan, DraftPlan
from shared.clock import Day
from shared.ids import CompanyId, PlanId, RoomId
from shared.tenancy import Caller
from shared.text import Line, Text
from shared.vocabulary import ClosingFinding
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


class ClosingBody(BaseModel):
    """How a month is closed: which warnings whoever closes it accepts, and why it is closed before
    it is over.
    """

    model_config = ConfigDict(extra="forbid")

    accept: Annotated[list[ClosingFinding], Field(max_length=50)] = []
    reason: Annotated[Text, StringConstraints(min_length=1)] | None = None

    def command(self, company_id: CompanyId, period: str) -> ClosePeriod:
        """The use case's command."""
        return ClosePeriod(company_id, period, frozenset(self.accept), self.reason)
