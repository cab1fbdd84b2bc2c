"""Bodies of requests."""

from pydantic import BaseModel, ConfigDict, Field

from shared.ids import ClientId, CompanyId, EmployeeId, RoomId
from shared.text import Line

_REASON = "Why, in a line; it stays in the history of the VIP."


class ClaimRequest(BaseModel):
    """The client to hold, for which company, working from which room; a head may name who."""

    model_config = ConfigDict(extra="forbid")

    company_id: CompanyId
    room_id: RoomId
    client_id: ClientId
    employee_id: EmployeeId | None = Field(
        default=None,
        description="The seller of the room who is to hold the client; null: the caller. Only for "
        "who heads the room.",
    )
    reason: Line | None = Field(default=None, description=_REASON)


class VipAssignment(BaseModel):
    """The employee who is to hold the client; null: nobody."""

    model_config = ConfigDict(extra="forbid")

    employee_id: EmployeeId | None
    reason: Line | None = Field(default=None, description=_REASON)


class GroupMember(BaseModel):
    """The client that leads the group."""

    model_config = ConfigDict(extra="forbid")

    head_client_id: ClientId = Field(description="The client that leads the group.")
