"""Request bodies, path parts and callers of the routes of pay."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)

from services.motivation.domain.rules import Fixed, Limits, PercentOfReceipts, Rule
from services.motivation.handlers.adjustments import PostAdjustment
from services.motivation.handlers.plans import DraftPlan
from shared.clock import Day, Period
from shared.ids import CompanyId, EmployeeId, RoomId
from shared.money import Money, PositiveMoney, is_plain_decimal
from shared.rules import rule_broken
from shared.tenancy import Caller
from shared.text import Line, Text
from shared.vocabulary import Sale, SourceKind
from shared.web.callers import allowed

PlanReader = Annotated[Caller, allowed("admin", "head", "accountant", "seller")]


def _exact(value: Any) -> Any:
    if not is_plain_decimal(value):
        raise rule_broken("percentage")
    return value


Percent = Annotated[
    Decimal,
    BeforeValidator(_exact, json_schema_input_type=str),
    Field(gt=0, le=100, decimal_places=2, allow_inf_nan=False, examples=["5.00"]),
    PlainSerializer(lambda percent: f"{percent:.2f}", return_type=str, when_used="json"),
]


class RuleLimits(BaseModel):
    """The activities that a rule is for: those with a product of `product_category`, of a
    `source_kind`, of a kind of `sale`. Every rule that matches adds an entry of its own."""

    model_config = ConfigDict(extra="forbid")

    product_category: Line | None = None
    source_kind: SourceKind | None = None
    sale: Sale | None = None

    def limits(self) -> Limits:
        """The limits as the domain has them."""
        return Limits(
            product_category=self.product_category, source_kind=self.source_kind, sale=self.sale
        )


class PercentRule(RuleLimits):
    """A percentage of the receipts net of refunds; with `product_category`, of the part that falls
    on its products in proportion to their amounts. Each entry is rounded to the kopeck, halves
    up."""

    kind: Literal["percent_of_receipts"]
    percent: Percent

    def rule(self) -> Rule:
        """The rule as the domain has it."""
        return PercentOfReceipts(self.percent, self.limits())


class FixedRule(RuleLimits):
    """An amount, once for each won activity that matches; in the company's currency."""

    kind: Literal["fixed"]
    amount: PositiveMoney

    def rule(self) -> Rule:
        """The rule as the domain has it."""
        return Fixed(self.amount, self.limits())


AnyRule = Annotated[PercentRule | FixedRule, Field(discriminator="kind")]


class PlanBody(BaseModel):
    """A draft. Every rule that matches a won activity adds an entry of its own."""

    model_config = ConfigDict(extra="forbid")

    company_id: CompanyId
    room_id: RoomId
    name: Line
    effective_from: Day
    rules: Annotated[list[AnyRule], Field(min_length=1, max_length=50)]

    def command(self) -> DraftPlan:
        """The use case's command."""
        rules = tuple(rule.rule() for rule in self.rules)
        return DraftPlan(self.company_id, self.room_id, self.name, self.effective_from, rules)


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
