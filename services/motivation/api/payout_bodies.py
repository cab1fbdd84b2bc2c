"""Bodies and responses about payroll's answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.motivation.domain.payouts import PayoutLine
from services.motivation.handlers.payouts import RecordPayout
from shared.clock import Period
from shared.ids import CompanyId, EmployeeId
from shared.money import MoneySum
from shared.text import Line
from shared.vocabulary import PayoutOutcome, StatementState


class PayoutLineBody(BaseModel):
    """Payroll's answer for one statement."""

    model_config = ConfigDict(extra="forbid")

    statement_id: UUID
    outcome: PayoutOutcome = Field(description="Taken over, sent back, or paid.")
    amount: MoneySum = Field(description="The statement's total, as payroll has it.")
    reference: Line | None = Field(default=None, description="Payroll's own number of it.")
    reason: Line | None = Field(default=None, description="Why it was sent back; then required.")


class PayoutBody(BaseModel):
    """What payroll answers for statements of a company's month."""

    model_config = ConfigDict(extra="forbid")

    payroll_id: Line = Field(
        description="Payroll's own id of the answer, once in the tenant.", examples=["ZP-2026-11-1"]
    )
    company_id: CompanyId
    period: Period
    lines: Annotated[list[PayoutLineBody], Field(min_length=1, max_length=2000)] = Field(
        description="One for each statement that it answers for."
    )

    def command(self) -> RecordPayout:
        """The use case's command."""
        lines = tuple(
            PayoutLine(line.statement_id, line.outcome, line.amount, line.reference, line.reason)
            for line in self.lines
        )
        return RecordPayout(self.payroll_id, self.company_id, self.period, lines)


class PayoutView(BaseModel):
    """Payroll's answer as it was taken."""

    payroll_id: str = Field(description="Payroll's own id of it.")
    company_id: CompanyId
    period: str
    lines: int = Field(description="How many statements it answers for.")


class MonthStatementView(BaseModel):
    """An employee's statement of a company's month."""

    id: UUID
    company_id: CompanyId
    employee_id: EmployeeId
    personnel_number: str | None = Field(description="The employee's number now.")
    period: str
    state: StatementState = Field(
        description="`open` until the month is closed, `closed` until it is `approved`; then"
        " what payroll answered last: `accepted`, `rejected` or `paid`."
    )
    total: MoneySum
    lines: int = Field(description="How many entries it has.")
    closed_at: datetime | None
    checksum: str | None = Field(description="Of its entries, once it is closed.")
    payroll_id: str | None = Field(description="Payroll's id of its last answer.")
    payout_at: datetime | None = Field(description="When payroll answered last.")
    reference: str | None = Field(description="Payroll's own number of it.")
    payout_reason: str | None = Field(description="Why payroll sent it back.")
