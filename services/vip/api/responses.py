"""What the API shows of VIPs and places."""

from datetime import datetime

from pydantic import BaseModel

from shared.activity_view import ClientSummary
from shared.ids import CompanyId, EmployeeId, RoomId, VipId
from shared.money import MoneySum
from shared.names import Names
from shared.vocabulary import VipKind
from shared.web.responses import Page


class VipView(BaseModel):
    """A client as a seller holds it for a company. `receipts` are those of the last 365 days that
    came while the holder was responsible; `responsible_id` and `kind` are null once nobody holds
    it; `reset_due_at` is when it becomes free without progress, null for never.
    """

    id: VipId
    version: int
    client: ClientSummary
    company_id: CompanyId
    room_id: RoomId
    responsible_id: EmployeeId | None
    kind: VipKind | None
    receipts: MoneySum
    reset_due_at: datetime | None


class VipPage(Page[VipView]):
    """One page of VIPs, with the names that its items mention if they were asked for."""

    names: Names | None = None


class PlaceCount(BaseModel):
    """How many places a seller has taken, of how many."""

    held: int
    limit: int


class SellerPlaces(BaseModel):
    """A seller's places in a room for a company."""

    employee_id: EmployeeId
    in_development: PlaceCount
    by_receipts: PlaceCount
