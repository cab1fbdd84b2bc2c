"""Responses about a company's months."""

from datetime import datetime

from pydantic import BaseModel, Field

from shared.ids import CompanyId, EmployeeId
from shared.money import MoneySum
from shared.vocabulary import ClosingFinding, FindingSeverity, PeriodState


class ClosedPeriodView(BaseModel):
    """A closed month of a company: final."""

    company_id: CompanyId
    period: str
    closed_at: datetime
    statements: int
    lines: int
    totals: list[MoneySum]


class FindingView(BaseModel):
    """Something to be known before a month is closed."""

    code: ClosingFinding = Field(description="What it is.")
    severity: FindingSeverity = Field(
        description="`blocks` the closing, or `warns`: then it has to be accepted."
    )
    count: int = Field(description="How many there are.")
    totals: list[MoneySum] = Field(description="The money that it concerns, by currency or person.")
    employee_ids: list[EmployeeId] = Field(description="Whom it concerns, where it is people.")


class PeriodView(BaseModel):
    """A company's month. A month before a closed one is closed as well."""

    company_id: CompanyId
    period: str
    state: PeriodState = Field(description="`open` as long as pay is posted into it.")
    closed_at: datetime | None
    closed_by: EmployeeId | None = Field(description="Who closed it.")
    early_reason: str | None = Field(
        description="Why it was closed before it was over; null where it was not."
    )
    accepted: list[ClosingFinding] = Field(description="The warnings that its closing accepted.")
    approved_at: datetime | None = Field(description="When a second person approved it.")
    approved_by: EmployeeId | None = Field(description="Who approved it.")
    paid_at: datetime | None = Field(
        description="When payroll had paid the last statement above nothing."
    )
    statements: int = Field(description="How many statements it has.")
    lines: int = Field(description="How many entries they have.")
    totals: list[MoneySum] = Field(description="Their sum, by currency.")


class PeriodStateView(PeriodView):
    """A month with what is to be known before it is closed: `findings`, what blocks first."""

    begins_at: datetime = Field(description="The month's first moment in the company's time zone.")
    ends_at: datetime = Field(description="The moment at which it is over there.")
    finished: bool = Field(description="Whether it is over.")
    earlier_open: str | None = Field(
        description="The first month before it with pay that is not closed; it closes first."
    )
    findings: list[FindingView] = Field(description="Empty once the month is closed.")
