"""Responses of the routes of pay; a rule looks the same in requests and responses."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.motivation.api.rule_requests import AnyRule
from services.motivation.domain.plan_checks import CheckCode
from services.motivation.domain.unpaid import Cause, EmptyCause
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, EntryId, PlanId, RoomId
from shared.money import MoneySum
from shared.vocabulary import AttainmentMeasure, EntryKind, Language, PlanStatus, Sale, SourceKind


class DealKindView(BaseModel):
    """A kind of deals; null is any."""

    product_category: str | None
    source_kind: SourceKind | None
    sale: Sale | None


class PlanCheckView(BaseModel):
    """What to know of a plan before it is published, about `rules` (positions from 1): `overlap`,
    several pay these deals, with the sum of the highest percentages; `gap`, none does;
    `below_first_tier`, `needs_target`; `cost_unknown`, no margin of `deals` until their products
    have a cost; `unknown_category` and `vat_unknown`, which publishing refuses.
    """

    code: CheckCode
    rules: list[int]
    deals: list[DealKindView]
    percent: str | None
    text: str


class PlanView(BaseModel):
    """A plan of a company in a room; `plan_version` counts its published versions from 1, null for
    a draft. `version` counts how often the draft was stored. `checks` are null in lists.
    """

    id: PlanId
    company_id: CompanyId
    room_id: RoomId
    name: str
    effective_from: date
    rules: list[AnyRule]
    status: PlanStatus
    plan_version: int | None
    published_at: datetime | None
    created_at: datetime
    created_by: EmployeeId
    version: int
    checks: list[PlanCheckView] | None


class PlanTextView(BaseModel):
    """A plan in words: the heading, a paragraph for each rule, and what holds for all."""

    plan_id: PlanId
    language: Language
    paragraphs: list[str]


class PlanConfirmationView(BaseModel):
    """When an employee has confirmed that they know the plan; null where they have not."""

    employee_id: EmployeeId
    confirmed_at: datetime | None


class PlanConfirmationsView(BaseModel):
    """Who has confirmed a plan version, and who of its room has not; sellers see themselves."""

    plan_id: PlanId
    plan_version: int | None
    items: list[PlanConfirmationView]


class EmployeePreviewView(BaseModel):
    """What an employee would have earned under a plan, beside what was posted for the month without
    adjustments.
    """

    employee_id: EmployeeId
    earned: MoneySum
    posted: MoneySum
    difference: MoneySum


class MissingTargetView(BaseModel):
    """A target that rules need and that is not set; `employee_id` is null for the room's."""

    employee_id: EmployeeId | None
    measure: AttainmentMeasure


class PlanPreviewView(BaseModel):
    """A plan on a month that has ended, as if it had been in force all along."""

    plan_id: PlanId
    period: str
    employees: list[EmployeePreviewView]
    earned: MoneySum
    posted: MoneySum
    missing_targets: list[MissingTargetView]


class PayEntryView(BaseModel):
    """An entry of pay.

    `rule` is the position and kind of the rule in its plan version; `corrects` the accrual that a
    correction changes; `corrected_period` the month that the entry belongs to by the business day
    of the win, where that was closed.
    """

    id: EntryId
    kind: EntryKind
    amount: MoneySum
    company_id: CompanyId
    room_id: RoomId
    personnel_number: str | None
    activity_id: ActivityId | None
    rule: str
    plan_id: PlanId | None
    plan_version: int | None
    posted_at: datetime
    corrects: EntryId | None
    corrected_period: str | None
    reason: str | None


class EmptyReasonView(BaseModel):
    """Why a month has no lines: `no_wins`; `in_another_month`, posted elsewhere since this one was
    closed; else as `cause` of wins without pay.
    """

    code: EmptyCause = Field(description="The reason; new ones may be added.")
    wins: int = Field(description="How many of the employee's wins it concerns.")
    text: str = Field(description="It in words, in the language of `Accept-Language`.")


class StatementView(BaseModel):
    """An employee's month over all companies, each in the month of its own time zone.

    `lines` are the entries, oldest first. `total` is in their currency, null where they are of
    several: `totals` has the sum of each. `closed_at` is set once every company's
    statement is closed. `checksum` is the SHA-256 over
    `entry_id;personnel_number;period;kind;amount;corrects` of the entries, sorted bytewise, each
    ended by LF. `room_ids` are the rooms whose entries are shown, null for all: a head sees what
    was earned in the rooms that they head, and the sums are then of that.
    """

    employee_id: EmployeeId
    period: str
    room_ids: list[RoomId] | None = None
    total: MoneySum | None
    totals: list[MoneySum]
    lines: list[PayEntryView]
    empty_because: list[EmptyReasonView] = Field(
        description="Why there are no lines; empty where there are."
    )
    closed_at: datetime | None
    checksum: str


class EventView(BaseModel):
    """An event of the activity, as it was published."""

    id: UUID
    type: str
    version: int
    at: datetime


class RuleTerms(BaseModel):
    """The rule of an entry, with its terms as published; null for an adjustment."""

    name: str
    terms: AnyRule | None


class ProductInputs(BaseModel):
    """A line of the order as net receipts and margin count it: what of the receipts falls on it,
    the rate of VAT in percent that they include (0 without), and what all of the line costs, net of
    VAT; null where they are not known. Amounts in the entry's currency.
    """

    category: str
    amount: str
    receipts: str
    vat: str | None
    cost: str | None


class Inputs(BaseModel):
    """The values that an entry was computed from: the receipts, the `base` that counts of them, the
    rule's amount before it is shared (`line`), the employee's `share`, the amount `earned`, and the
    amount `posted_before`. Amounts in `currency`. `won_on` is the business day of the win, `vip`
    whether the client was a VIP then; both are null in older entries. `caused_by` is the client's
    other activity whose win, or loss of a win, made this one the first sale or a repeated one, or
    moved the month's total. Of a rule that looks at the month: what was `attained` with this deal,
    the `rate` there (a fraction, or an amount for each deal), and the `month_total` of the employee
    under the rule. `products` are the order's lines with the tax and the cost of the win's day,
    where the plan looks at them; else null."""

    won_at: datetime | None
    won_on: date | None
    receipts: str
    currency: str
    source_kind: SourceKind
    sale: Sale
    vip: bool | None
    base: str
    line: str
    share: str | None
    earned: str
    posted_before: str
    caused_by: ActivityId | None
    attained: str | None
    rate: str | None
    month_total: str | None
    products: list[ProductInputs] | None


class MonthInputs(BaseModel):
    """The values that a line of the month as a whole was computed from. Of a cap, a floor or a
    draw: what the employee had earned before it (`base`) and the rule's amount (`line`). Of a pool:
    the room's money that counts, the pool and the employee's `share`. `earned` is what is due by
    it, `posted_before` what was posted so far; `debt` what the employee owes of recoverable draws
    after the month."""

    month: str
    currency: str
    base: str
    line: str
    share: str | None
    earned: str
    posted_before: str
    debt: str


class AccrualView(BaseModel):
    """Why an entry was posted: the rule, its inputs (`month` has those of a line that belongs to no
    deal), the events from request to money (`facts`), the entries that corrected it since.
    """

    id: EntryId
    kind: EntryKind
    employee_id: EmployeeId
    personnel_number: str | None
    company_id: CompanyId
    room_id: RoomId
    period: str
    corrected_period: str | None
    amount: MoneySum
    activity_id: ActivityId | None
    activity_version: int | None
    plan_id: PlanId | None
    plan_version: int | None
    plan_name: str | None
    rule: RuleTerms
    inputs: Inputs | None
    month: MonthInputs | None
    facts: list[EventView]
    corrects: EntryId | None
    corrections: list[PayEntryView]
    reason: str | None
    posted_by: EmployeeId | None
    posted_at: datetime


class WinWithoutPayView(BaseModel):
    """An activity that pay did not follow.

    `cause`: `refused` by a rule (`code` and `detail` say which), `failed` by an error of ours,
    `unknown_time_zone` of its company, `company_missing` as long as its directory has not come,
    `no_plan` covers it, `nobody_responsible` when it was won, `pays_nothing` under the plan in
    force, `not_yet_applied` where a job is still at it.
    """

    activity_id: ActivityId
    company_id: CompanyId
    room_id: RoomId
    client_id: ClientId
    responsible_id: EmployeeId | None
    won_at: datetime | None
    receipts: MoneySum
    cause: Cause
    code: str | None
    detail: str | None
