"""Bodies and responses about disputes."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.motivation.handlers.disputes import OpenDispute
from shared.ids import CompanyId, EmployeeId, EntryId, RoomId
from shared.money import Money
from shared.text import Text
from shared.vocabulary import DisputeOutcome, DisputeState, DisputeStep

Words = Annotated[Text, StringConstraints(min_length=1)]


class DisputeBody(BaseModel):
    """An objection to a line of one's own pay."""

    model_config = ConfigDict(extra="forbid")

    entry_id: EntryId = Field(description="The line.")
    reason: Words = Field(description="What is wrong with it.")

    def command(self) -> OpenDispute:
        """The use case's command."""
        return OpenDispute(self.entry_id, self.reason)


class DisputeAnswerBody(BaseModel):
    """What is said to a dispute."""

    model_config = ConfigDict(extra="forbid")

    text: Words = Field(description="The answer, or why it is taken back.")


class ResolutionBody(BaseModel):
    """How a dispute ends."""

    model_config = ConfigDict(extra="forbid")

    text: Words = Field(description="Why it ends so; the reason of the adjustment too.")
    amount: Money | None = Field(
        default=None, description="What the adjustment adds, or deducts where negative."
    )


class DisputeView(BaseModel):
    """A dispute over a line of pay."""

    id: UUID
    version: int = Field(description="Counts its steps, from 1.")
    entry_id: EntryId = Field(description="The line.")
    employee_id: EmployeeId = Field(description="Whose line it is.")
    company_id: CompanyId
    room_id: RoomId = Field(description="The room whose head answers.")
    period: str = Field(description="The line's month.")
    state: DisputeState = Field(description="`open` until somebody answers or resolves it.")
    due_on: date = Field(description="The last day of the company on which an answer is in time.")
    overdue: bool = Field(description="Whether it is open and that day is over.")
    opened_at: datetime = Field(description="When it was opened.")
    outcome: DisputeOutcome | None = Field(description="How it ended; null while it has not.")
    adjustment_id: EntryId | None = Field(
        description="The adjustment that resolved it; its entry has the same id once posted."
    )


class DisputeStepView(BaseModel):
    """Something that was said."""

    at: datetime = Field(description="When.")
    who: EmployeeId = Field(description="By whom.")
    what: DisputeStep = Field(description="What it did with the dispute.")
    text: str = Field(description="The words.")


class DisputeWithHistory(DisputeView):
    """A dispute with everything that was said, the first first."""

    history: list[DisputeStepView] = Field(description="Its steps, oldest first.")
