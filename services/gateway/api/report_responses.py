"""Reports as the API shows them: every figure with the moment or day by which it is in a period."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from shared.ids import EmployeeId, SourceId
from shared.money import MoneySum
from shared.vocabulary import SourceKind, Stage

Ratio = Annotated[
    str | None,
    Field(pattern=r"^-?\d+\.\d{4}$", examples=["0.1250"]),
]
AXES = {
    "requests": "created_at",
    "outside_conversion": "created_at",
    "requests_won": "created_at",
    "conversion": "created_at",
    "taken": "first_taken_at",
    "won": "won_at",
    "lost": "lost_at",
    "receipts": "paid_on",
    "refunds": "paid_on",
    "cost": "cost_days",
    "motivation_cost": "entry_day",
}
"""By which moment or day a figure falls into a period, by the figure's name."""


class ReportPeriod(BaseModel):
    """Days, both included."""

    first_on: date = Field(description="The first day.", examples=["2026-11-01"])
    last_on: date = Field(description="The last day, included.", examples=["2026-11-30"])


class CurrencyRatio(BaseModel):
    """A ratio of sums in one currency; null where it would divide by nothing."""

    currency: str = Field(description="The currency of both sums.", examples=["RUB"])
    value: Ratio = Field(description="The ratio, with four places.")


class ReportedSource(BaseModel):
    """The source that a row of a report is about."""

    id: SourceId
    name: str
    channel: str
    campaign: str | None
    kind: SourceKind


class ReportedSeller(BaseModel):
    """The employee whom a row of a report is about."""

    id: EmployeeId
    name: str
    active: bool


class SourceFigures(BaseModel):
    """What sources brought and cost. Money is by currency; currencies are never added."""

    requests: int = Field(description="Activities registered in the period.")
    outside_conversion: int = Field(
        description="Of these requests, how many are lost for a reason outside conversion."
    )
    requests_won: int = Field(description="Of these requests, how many are won by now.")
    conversion: Ratio = Field(
        description="`requests_won` in parts of `requests` less `outside_conversion`."
    )
    taken: int = Field(
        description="Activities for which somebody became responsible for the first time."
    )
    won: int = Field(description="Activities won in the period, and still won.")
    lost: int = Field(description="Activities lost in the period, and still lost.")
    receipts: list[MoneySum] = Field(
        description="Confirmed payments less refunds, by the company's day of each."
    )
    refunds: list[MoneySum] = Field(description="What went back, by the company's day of it.")
    cost: list[MoneySum] = Field(
        description="What was entered as the sources' cost, spread evenly over its days."
    )
    motivation_cost: list[MoneySum] | None = Field(
        description="The ledger's entries, corrections and adjustments included; null where they"
        " are missing."
    )
    cpl: list[MoneySum] | None = Field(
        description="`cost` of one of the `requests`; null without requests."
    )
    cost_per_won: list[MoneySum] | None = Field(
        description="`cost` of one of the activities `won`; null without any."
    )
    romi: list[CurrencyRatio] = Field(
        description="Receipts less cost, in parts of the cost, by currency."
    )
    romi_after_pay: list[CurrencyRatio] | None = Field(
        description="Receipts less cost and motivation, in parts of the cost; null where motivation"
        " is missing."
    )


class SourceRow(SourceFigures):
    """A source in a period."""

    source: ReportedSource | None = Field(
        description="Null for pay that belongs to no activity, such as a bonus."
    )
    period: ReportPeriod


class ReportHead(BaseModel):
    """What a report is about."""

    period: ReportPeriod
    periods: list[ReportPeriod] = Field(description="The parts by `group`; else the whole alone.")
    axes: dict[str, str] = Field(
        description="By which moment or day a figure falls into a period, by the figure's name;"
        " days are those of the activity's company.",
        examples=[{"requests": "created_at", "receipts": "paid_on"}],
    )
    as_of: datetime
    missing: list[str]


class SourcesReport(ReportHead):
    """What sources brought and cost, by source and period; and together."""

    rows: list[SourceRow] = Field(description="Where there is something to tell.")
    total: SourceFigures = Field(description="Of all rows together.")


class FunnelFigures(BaseModel):
    """What became of the activities that were registered in a period, as it is now."""

    requests: int = Field(description="How many were registered.")
    outside_conversion: int = Field(
        description="How many of them are lost for a reason outside conversion."
    )
    taken: int = Field(description="For how many somebody has ever been responsible.")
    won: int = Field(description="How many are won.")
    lost: int = Field(description="How many are lost, also outside conversion.")
    open: dict[Stage, int] = Field(description="How many are in each stage of those still open.")
    taken_share: Ratio = Field(description="`taken` in parts of the requests.")
    conversion: Ratio = Field(description="`won` in parts of `requests` less `outside_conversion`.")


class FunnelRow(FunnelFigures):
    """The funnel of a period."""

    period: ReportPeriod


class FunnelReport(ReportHead):
    """What became of the activities that were registered in each period; and together."""

    rows: list[FunnelRow] = Field(description="One for each of the periods.")
    total: FunnelFigures = Field(description="Of all periods together.")


class SellerFigures(BaseModel):
    """What sellers did, by who is responsible now; pay is by whose it is."""

    taken: int = Field(
        description="Activities for which somebody became responsible for the first time."
    )
    won: int = Field(description="Activities won in the period, and still won.")
    lost: int = Field(description="Activities lost in the period, and still lost.")
    lost_outside_conversion: int = Field(
        description="Of those lost, how many for a reason outside conversion."
    )
    conversion: Ratio = Field(
        description="`won` in parts of what was won, or lost for a reason that counts."
    )
    receipts: list[MoneySum] = Field(
        description="Confirmed payments less refunds, by the company's day of each."
    )
    refunds: list[MoneySum] = Field(description="What went back, by the company's day of it.")
    motivation_cost: list[MoneySum] | None = Field(
        description="The ledger's entries, corrections and adjustments included; null where they"
        " are missing."
    )


class SellerRow(SellerFigures):
    """A seller in a period."""

    seller: ReportedSeller | None = Field(description="Null for what has no responsible.")
    period: ReportPeriod


class SellersReport(ReportHead):
    """What sellers did, by seller and period; and together."""

    rows: list[SellerRow] = Field(description="Where there is something to tell.")
    total: SellerFigures = Field(description="Of all rows together.")
