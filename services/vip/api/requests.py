"""Bodies of requests."""

from pydantic import BaseModel, ConfigDict

from shared.ids import ClientId, CompanyId, EmployeeId, RoomId


class ClaimRequest(BaseModel):
    """The client to hold, for which company, working from which room."""

    model_config = ConfigDict(extra="forbid")

    company_id: CompanyId
    room_id: RoomId
    client_id: ClientId


class VipAssignment(BaseModel):
    """The employee who is to hold the client; null: nobody."""

    model_config = ConfigDict(extra="forbid")

    employee_id: EmployeeId | None
