"""What the API shows of plans, statements and lines; rules look the same in requests and answers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from shared.ids import ActivityId, CompanyId, EmployeeId, EntryId, PlanId, RoomId
from shared.money import Money, PositiveMoney
from shared.rules import rule_broken
from shared.text import Line
from shared.vocabulary import EntryKind, PlanStatus, Sale, SourceKind


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        raise rule_broken("percentage")
    return value


Percent = Annotated[
    Decimal,
    BeforeValidator(_exact, json_schema_input_type=str),
    Field(gt=0, le=100, decimal_places=2, allow_inf_nan=False, examples=["5.00"]),
    PlainSerializer(lambda percent: f"{percent:.2f}", return_type=str, when_used="json"),
]


class RuleLimits(BaseModel):
    """Which activities a rule is for: those with a line of `product_category`, of a `source_kind`,
    of a kind of `sale`. Every rule that matches adds a line of its own."""

    model_config = ConfigDict(extra="forbid")

    product_category: Line | None = None
    source_kind: SourceKind | None = None
    sale: Sale | None = None


class PercentRule(RuleLimits):
    """A percentage of the receipts net of refunds; with `product_category`, of the part that falls
    on its lines in proportion to the lines' amounts. Each line of pay is rounded to the kopeck,
    halves up."""

    kind: Literal["percent_of_receipts"]
    percent: Percent


class FixedRule(RuleLimits):
    """An amount, once for each won activity that matches; in the company's currency."""

    kind: Literal["fixed"]
    amount: PositiveMoney


RuleView = Annotated[PercentRule | FixedRule, Field(discriminator="kind")]


class PlanView(BaseModel):
    """A plan of a company in a room; `plan_version` counts its published versions from 1, null for
    a draft.
    """

    id: PlanId
    company_id: CompanyId
    room_id: RoomId
    name: str
    effective_from: date
    rules: list[RuleView]
    status: PlanStatus
    plan_version: int | None
    published_at: datetime | None
    created_at: datetime
    created_by: EmployeeId


class LineView(BaseModel):
    """A line of pay.

    `rule` is the position and kind of the rule in its plan version; `corrects` the accrual that a
    correction changes.
    """

    id: EntryId
    kind: EntryKind
    amount: Money
    company_id: CompanyId
    room_id: RoomId
    personnel_number: str | None
    activity_id: ActivityId | None
    rule: str
    plan_id: PlanId | None
    plan_version: int | None
    posted_at: datetime
    corrects: EntryId | None
    reason: str | None


class StatementView(BaseModel):
    """An employee's month over all companies, each in the month of its own time zone.

    `total` is in the currency of the lines; where they are of several, in the tenant's, and
    `totals` has each. `closed_at` is set once every company's statement is closed. `checksum` is
    the SHA-256 over `entry_id;personnel_number;period;kind;amount;corrects` of the lines, sorted
    bytewise, each ended by LF.
    """

    employee_id: EmployeeId
    period: str
    total: Money
    totals: list[Money]
    lines: list[LineView]
    closed_at: datetime | None
    checksum: str


class FactView(BaseModel):
    """A fact about the activity, as it was heard."""

    id: UUID
    type: str
    version: int
    at: datetime


class RuleTerms(BaseModel):
    """The rule of a line, with its terms as published; null for an adjustment."""

    name: str
    terms: RuleView | None


class Inputs(BaseModel):
    """What a line was computed from: the receipts, the `base` that counts of them, the rule's
    `line` before it is shared, the employee's `share`, what was `earned`, and what had been
    `posted_before`. Amounts in `currency`."""

    won_at: datetime | None
    receipts: str
    currency: str
    source_kind: SourceKind
    sale: Sale
    base: str
    line: str
    share: str | None
    earned: str
    posted_before: str


class AccrualView(BaseModel):
    """Why a line was posted: the rule, its inputs, the chain of facts from request to money, the
    lines that corrected it since.
    """

    id: EntryId
    kind: EntryKind
    employee_id: EmployeeId
    personnel_number: str | None
    company_id: CompanyId
    room_id: RoomId
    period: str
    amount: Money
    activity_id: ActivityId | None
    activity_version: int | None
    plan_id: PlanId | None
    plan_version: int | None
    plan_name: str | None
    rule: RuleTerms
    inputs: Inputs | None
    facts: list[FactView]
    corrects: EntryId | None
    corrections: list[LineView]
    reason: str | None
    posted_by: EmployeeId | None
    posted_at: datetime


class ClosedView(BaseModel):
    """A closed month of a company: final."""

    company_id: CompanyId
    period: str
    closed_at: datetime
    statements: int
    lines: int
    totals: list[Money]
