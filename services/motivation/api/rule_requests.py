"""Rules of plans in bodies of requests; a rule looks the same in responses."""

from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from services.motivation.domain.rules import Rule
from services.motivation.storage.rules import plain, rule_from_json
from shared.money import PositiveMoney, is_plain_decimal
from shared.rules import rule_broken
from shared.text import Line
from shared.vocabulary import (
    AttainmentMeasure,
    AttainmentScope,
    BoundUnit,
    CreditedDeals,
    PayBase,
    Sale,
    SourceKind,
    TierMode,
)

PLACES = 4
MOST_TIERS = 20


def _exact_percent(value: Any) -> Any:
    if not is_plain_decimal(value, PLACES):
        raise rule_broken("percentage")
    return value


def _exact(value: Any) -> Any:
    if not is_plain_decimal(value, PLACES):
        raise rule_broken("plain_number")
    return value


_AS_TEXT = (
    PlainSerializer(plain, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,16}(\.\d{1,4})?$", "examples": ["5.00"]}),
)
Percent = Annotated[
    Decimal,
    BeforeValidator(_exact_percent, json_schema_input_type=str),
    Field(gt=0, le=100, decimal_places=PLACES, allow_inf_nan=False, examples=["5.00"]),
    PlainSerializer(plain, return_type=str, when_used="json"),
]
Bound = Annotated[
    Decimal,
    Field(ge=0, le=10**15, decimal_places=PLACES, allow_inf_nan=False),
    BeforeValidator(_exact, json_schema_input_type=str),
    *_AS_TEXT,
]
Coefficient = Annotated[
    Decimal,
    Field(gt=0, le=100, decimal_places=PLACES, allow_inf_nan=False),
    BeforeValidator(_exact, json_schema_input_type=str),
    *_AS_TEXT,
]
Share = Annotated[
    Decimal,
    Field(gt=0, le=1, decimal_places=PLACES, allow_inf_nan=False),
    BeforeValidator(_exact, json_schema_input_type=str),
    *_AS_TEXT,
]


def _distinct(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) != len(ids):
        raise rule_broken("distinct")
    return ids


EmployeeIds = Annotated[list[UUID], Field(max_length=50), AfterValidator(_distinct)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    def rule(self) -> Rule:
        """The rule as the domain has it."""
        return rule_from_json(self.model_dump(mode="json", by_alias=True))


class RuleLimits(_Body):
    """The activities that a rule is for: those with a product of `product_category`, of a
    `source_kind`, of a kind of `sale`. Every rule that matches adds an entry of its own."""

    product_category: Line | None = None
    source_kind: SourceKind | None = None
    sale: Sale | None = None


class DealRule(RuleLimits):
    """A rule for deals: pay is multiplied by `vip_coefficient` for clients held as VIPs; `cap` is
    the most that an employee gets under the rule in a month; `recipients` get the pay instead of
    the sellers, each the whole of it: a team's head, say."""

    vip_coefficient: Coefficient = Decimal(1)
    cap: PositiveMoney | None = None
    recipients: EmployeeIds = []


class PercentRule(DealRule):
    """A percentage of the receipts net of refunds, or of another `base`; with `product_category`,
    of the part that falls on its products in proportion to their amounts. Each entry is rounded to
    the kopeck, halves up."""

    kind: Literal["percent_of_receipts"]
    percent: Percent
    base: PayBase = "receipts"


class FixedRule(DealRule):
    """An amount, once for each won activity that matches and has brought `minimum_receipts`; in the
    company's currency."""

    kind: Literal["fixed"]
    amount: PositiveMoney
    minimum_receipts: PositiveMoney | None = None


class AttainmentBody(BaseModel):
    """What is attained in a month: the `measure` of the deals of each seller or of the whole room,
    of those that match the rule or of all. Bounds are amounts of the measure, or percent of its
    target."""

    model_config = ConfigDict(extra="forbid")

    measure: AttainmentMeasure = "receipts"
    scope: AttainmentScope = "seller"
    unit: BoundUnit = "amount"
    deals: CreditedDeals = "matching"


class PercentTier(BaseModel):
    """A percentage from an attainment on, that included."""

    model_config = ConfigDict(extra="forbid")

    start: Annotated[Bound, Field(alias="from")]
    percent: Percent


class AmountTier(BaseModel):
    """An amount for each deal from an attainment on, that included."""

    model_config = ConfigDict(extra="forbid")

    start: Annotated[Bound, Field(alias="from")]
    amount: PositiveMoney


class TieredRule(DealRule):
    """A rate by tiers of the month's attainment: `marginal`, each part at the rate of its own tier,
    or `retroactive`, all at the rate of the tier that was reached. Below `threshold` nothing is
    paid, once it is reached all. Below the first tier nothing is paid."""

    mode: TierMode = "marginal"
    attainment: AttainmentBody = AttainmentBody()
    threshold: Bound | None = None

    @model_validator(mode="after")
    def check(self) -> Self:
        """Tiers ascend; who is no seller of a deal has attained what the room has."""
        starts = [tier.start for tier in self.tiers]  # type: ignore[attr-defined]
        if any(low >= high for low, high in pairwise(starts)):
            raise rule_broken("ascending", field="tiers")
        if self.recipients and self.attainment.scope != "room":
            raise rule_broken("scope_of_recipients", field="attainment.scope")
        return self


class TieredPercentRule(TieredRule):
    """A percentage by tiers. Each employee's month is rounded to the kopeck, halves up; an entry is
    what its deal adds to that."""

    kind: Literal["tiered_percent"]
    tiers: Annotated[list[PercentTier], Field(min_length=1, max_length=MOST_TIERS)]
    base: PayBase = "receipts"


class TieredFixedRule(TieredRule):
    """An amount for each deal by tiers, in the company's currency."""

    kind: Literal["tiered_fixed"]
    tiers: Annotated[list[AmountTier], Field(min_length=1, max_length=MOST_TIERS)]


class PoolShare(BaseModel):
    """An employee's part of a pool."""

    model_config = ConfigDict(extra="forbid")

    employee_id: UUID
    share: Share


class PoolRule(RuleLimits):
    """Money of the whole room, shared out: an `amount`, or a `percent` of
    the `base` of its deals. By `shares`, which add up to 1; without them by each seller's credited
    receipts. With a `threshold` only once the room has attained it."""

    kind: Literal["pool"]
    percent: Percent | None = None
    amount: PositiveMoney | None = None
    base: PayBase = "receipts"
    attainment: AttainmentBody = AttainmentBody(scope="room")
    threshold: Bound | None = None
    shares: Annotated[list[PoolShare], Field(max_length=50)] = []

    @model_validator(mode="after")
    def check(self) -> Self:
        """One of percent and amount; shares of distinct employees that make 1; the room attains."""
        if (self.percent is None) == (self.amount is None):
            raise rule_broken("exactly_one", field="percent", fields="percent, amount")
        if self.attainment.scope != "room":
            raise rule_broken("scope_of_pool", field="attainment.scope")
        if len({part.employee_id for part in self.shares}) != len(self.shares):
            raise rule_broken("distinct", field="shares")
        if self.shares and sum(part.share for part in self.shares) != 1:
            raise rule_broken("sum", field="shares")
        return self


class MonthlyRule(_Body):
    """A rule of each employee's month as a whole: of `employee_ids`, else of each who earns."""

    amount: PositiveMoney
    employee_ids: EmployeeIds = []


class CapRule(MonthlyRule):
    """The most that an employee earns in a month."""

    kind: Literal["cap"]


class FloorRule(MonthlyRule):
    """The least that an employee gets for a month; what is missing is added after its end."""

    kind: Literal["floor"]


class DrawRule(MonthlyRule):
    """An advance: at least `amount` is paid for a month. What was paid beyond the earnings is a
    debt, taken off what later months earn beyond the draw, or forgiven where not `recoverable`."""

    kind: Literal["draw"]
    recoverable: Annotated[bool, Field(strict=True)] = True


AnyRule = Annotated[
    PercentRule
    | FixedRule
    | TieredPercentRule
    | TieredFixedRule
    | PoolRule
    | CapRule
    | FloorRule
    | DrawRule,
    Field(discriminator="kind"),
]
