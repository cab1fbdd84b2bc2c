"""Responses about adjustments and the settings that they are judged by."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from shared.ids import CompanyId, EmployeeId, EntryId, RoomId
from shared.money import MoneySum
from shared.vocabulary import AdjustmentState


class AdjustmentView(BaseModel):
    """An adjustment by hand; once posted, its entry has the same id."""

    id: EntryId
    company_id: CompanyId
    room_id: RoomId
    employee_id: EmployeeId = Field(description="Whose pay it changes.")
    period: str = Field(description="The month that it lands in.")
    amount: MoneySum
    reason: str
    state: AdjustmentState = Field(
        description="`proposed` as long as it waits for a second person, then `posted` or"
        " `rejected`."
    )
    dispute_id: UUID | None = Field(description="The dispute that it resolves.")
    proposed_by: EmployeeId = Field(description="Who made it.")
    proposed_at: datetime = Field(description="When it was made.")
    decided_by: EmployeeId | None = Field(description="The second person.")
    decided_at: datetime | None = Field(description="When they decided.")
    decision_reason: str | None = Field(description="Why it was rejected.")


class PaySettingsView(BaseModel):
    """What a company asks for in pay."""

    company_id: CompanyId
    version: int
    adjustment_limit: MoneySum | None = Field(
        description="An adjustment above it, added or deducted, waits for a second person; null for"
        " never."
    )
    dispute_days: int = Field(
        description="In how many days of the company a dispute is to be answered."
    )
    changed_by: EmployeeId | None = Field(description="Who changed them last.")
    changed_at: datetime | None = Field(description="When they were changed last.")
