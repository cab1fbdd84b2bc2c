"""Views of a room's results by seller."""

from pydantic import BaseModel, Field

from shared.ids import EmployeeId, RoomId
from shared.money import MoneySum


class SellersResults(BaseModel):
    """Won and lost by the moment of it, receipts by the moment of payment: confirmed, before
    refunds.
    """

    won: int = Field(description="How many activities were won.")
    lost: int = Field(description="How many activities were lost.")
    receipts: list[MoneySum] = Field(description="What was received, by currency.")


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
