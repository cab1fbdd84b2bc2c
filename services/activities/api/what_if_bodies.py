"""Bodies of the routes of what-if."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.activities.api.requests import Body
from services.activities.api.settings_requests import RoomSettingsBody, RoomSettingsChange
from services.activities.handlers.what_if import AskWhatIf
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, JobId, RoomId, VipId
from shared.vocabulary import JobState, VipKind

Quarter = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-Q[1-4]$")]


class WhatIfBody(Body):
    """A past quarter of a room, to be judged by other numbers."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "room_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a02",
                    "company_id": "019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a01",
                    "quarter": "2026-Q3",
                    "settings": {"activity_reset_days": 10, "retake_cooldown_seconds": 600},
                }
            ]
        },
    )

    room_id: RoomId
    company_id: CompanyId
    quarter: Quarter = Field(description="A quarter that has ended in the company's days.")
    settings: RoomSettingsChange = Field(
        description="Some of the six numbers; those left out are as they are now."
    )

    def command(self) -> AskWhatIf:
        """The use case's command."""
        numbers = self.settings.model_dump(exclude_unset=True)
        return AskWhatIf(self.room_id, self.company_id, self.quarter, numbers)


class NamedClient(BaseModel):
    """A client by name."""

    id: ClientId
    name: str


class WhatIfFinding(BaseModel):
    """What would have been otherwise."""

    activity_id: ActivityId
    client: NamedClient
    employee_id: EmployeeId = Field(description="The seller whom it concerns.")
    at: datetime = Field(
        description="When it would have been lost or refused; of what was kept, when it was lost."
    )
    in_fact_at: datetime | None = Field(description="When the seller lost it in fact, if they did.")
    retry_after_seconds: int | None = Field(description="Of a refused take: what was left.")


class WhatIfKept(BaseModel):
    """Findings of a kind: how many, and the first of them."""

    count: int = Field(description="How many there are.")
    first: list[WhatIfFinding] = Field(description="The first of them, at most 200.")


class WhatIfLost(WhatIfKept):
    """What sellers would have lost: the first time of each that they worked an activity."""

    in_fact: int = Field(description="How many of them they lost in fact as well.")


class WhatIfRefused(WhatIfKept):
    """Takes from the pool that would have been refused."""

    takes: int = Field(description="How many takes there were.")


class WhatIfEmployee(BaseModel):
    """A seller's findings, counted."""

    employee_id: EmployeeId
    lost: int = Field(description="Activities that they would have lost.")
    kept: int = Field(description="Activities that they lost, and would have kept.")
    refused: int = Field(description="Takes that would have been refused.")


class VipBeyondLimit(BaseModel):
    """A VIP for whom its seller would have had no place."""

    vip_id: VipId
    client_id: ClientId
    employee_id: EmployeeId = Field(description="Who held it in fact.")
    kind: VipKind = Field(description="The place that it took.")
    at: datetime = Field(description="When it took that place.")
    held: int = Field(description="How many such places the seller had taken by then.")
    limit: int = Field(description="How many there would have been.")


class WhatIfView(BaseModel):
    """What other numbers would have done to a room in a past quarter. As long as the job runs, of
    what is done.
    """

    job_id: JobId
    room_id: RoomId
    company_id: CompanyId
    quarter: str = Field(description="The quarter, as `2026-Q3`.")
    since: datetime = Field(description="Its first moment in the company's days.")
    until: datetime = Field(description="The first moment after it.")
    settings: RoomSettingsBody = Field(description="The six numbers that it is judged by.")
    state: JobState
    asked_by: EmployeeId | None = Field(description="Who asked for it.")
    created_at: datetime
    employees: list[WhatIfEmployee] = Field(description="By seller.")
    lost: WhatIfLost = Field(description="What sellers would have lost.")
    kept: WhatIfKept = Field(description="What sellers lost in fact, and would have kept.")
    refused: WhatIfRefused = Field(description="Takes that would have been refused.")
    vips_without_place: list[VipBeyondLimit] | None = Field(
        description="VIPs for whom there would have been no place, the earliest first; null while"
        " they cannot be had."
    )
