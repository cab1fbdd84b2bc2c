"""Views of a room's results by seller."""

from pydantic import BaseModel, Field

from shared.ids import EmployeeId, RoomId
from shared.room_results import SellersResults


class SellerOfRoomView(SellersResults):
    """The results of whoever is responsible for the activities now."""

    employee_id: EmployeeId
    name: str
    active: bool


class RoomResultsView(BaseModel):
    """A room's results of a month of the tenant's time zone."""

    room_id: RoomId
    period: str
    sellers: list[SellerOfRoomView] = Field(
        description="Who works in the room, and who else is responsible for some of the results."
    )
    nobody: SellersResults = Field(description="Of activities without a responsible.")
