"""How the API shows a job."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from shared.ids import EmployeeId, JobId
from shared.vocabulary import JobState


class JobView(BaseModel):
    """Background work: where it stands and how it ended."""

    id: JobId
    kind: str = Field(description="What is done", examples=["realign_deadlines"])
    arguments: dict[str, Any] = Field(description="What it is done to: ids and options")
    owner_id: EmployeeId | None = Field(description="Who asked for it; null for the system's own")
    state: JobState = Field(
        description="`queued` and `running` go on by themselves; `cancelling` ends after the step"
        " at hand; the others are final"
    )
    done: int = Field(description="Elements dealt with so far, the refused ones among them")
    total: int | None = Field(description="Elements in all; null while it is not known")
    refused: int = Field(description="Elements that a rule refused: see the report")
    error: str | None = Field(description="The code of what made it fail", examples=["unavailable"])
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
