"""Bodies of requests about adjustments and the settings that they are judged by."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.motivation.handlers.adjustments import PostAdjustment
from services.motivation.handlers.pay_settings import SetPaySettings
from shared.clock import Period
from shared.ids import CompanyId, EmployeeId, RoomId
from shared.money import Money
from shared.text import Text


class AdjustmentBody(BaseModel):
    """An entry by hand. A negative `amount` deducts.

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


class RejectionBody(BaseModel):
    """Why an adjustment is not posted."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Text, StringConstraints(min_length=1)]


class PaySettingsBody(BaseModel):
    """What a company asks for in pay."""

    model_config = ConfigDict(extra="forbid")

    adjustment_limit: Money | None = Field(
        description="An adjustment above it, added or deducted, waits for a second person; null for"
        " never."
    )
    dispute_days: int = Field(
        strict=True,
        ge=1,
        le=60,
        description="In how many days of the company a dispute is to be answered.",
    )

    def command(self, company_id: CompanyId) -> SetPaySettings:
        """The use case's command."""
        return SetPaySettings(company_id, self.adjustment_limit, self.dispute_days)
