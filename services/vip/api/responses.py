"""What the API shows of VIPs and places."""

from datetime import datetime

from pydantic import BaseModel, Field

from shared.activity_view import ClientSummary
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, VipId
from shared.money import MoneySum
from shared.names import Names
from shared.vocabulary import VipChangeKind, VipKind, VipReleaseReason
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


class VipChange(BaseModel):
    """What became of a VIP: claimed, its kind changed, or released."""

    version: int = Field(description="The version of the VIP since then.")
    at: datetime
    what: VipChangeKind = Field(description="What became of it.")
    by: EmployeeId | None = Field(description="Who did it; null: a rule, or money.")
    employee_id: EmployeeId | None = Field(
        description="Who holds it since then; of a release, who held it."
    )
    room_id: RoomId = Field(description="The room from which it is held.")
    kind: VipKind | None = Field(description="Its kind since then; null once nobody holds it.")
    why: VipReleaseReason | None = Field(description="Why it was released.")
    reason: str | None = Field(description="What who did it gave as the reason.")


class VipHistoryPage(Page[VipChange]):
    """One page of what became of a VIP."""


class PlaceCount(BaseModel):
    """How many places a seller has taken, of how many."""

    held: int
    limit: int


class WaitingVip(BaseModel):
    """A VIP in development that has receipts, and waits for a place by receipts."""

    vip_id: VipId
    client_id: ClientId = Field(description="The client.")
    receipts: MoneySum
    rank: int = Field(
        description="Its place among all of the seller's VIPs with receipts, 1 for the largest."
    )


class SellerPlaces(BaseModel):
    """A seller's places in a room for a company, and who waits for one, the next first."""

    employee_id: EmployeeId
    in_development: PlaceCount
    by_receipts: PlaceCount
    waiting: list[WaitingVip] = Field(
        default_factory=list, description="Who waits for a place by receipts, the next first."
    )


class ClientGroupView(BaseModel):
    """The group of a client: legal entities that are one, as far as the caller sees them."""

    client_id: ClientId = Field(description="The client.")
    head_client_id: ClientId | None = Field(
        description="The client that leads the group; null: in no group, or not to be seen."
    )
    member_ids: list[ClientId] = Field(description="The other clients of the group.")


class VipWithoutPlace(BaseModel):
    """A VIP for whom its seller would have had no place by other limits."""

    vip_id: VipId
    client_id: ClientId
    employee_id: EmployeeId = Field(description="Who held it in fact.")
    kind: VipKind = Field(description="The place that it took.")
    at: datetime = Field(description="When it took that place.")
    held: int = Field(description="How many such places the seller had taken by then.")
    limit: int = Field(description="How many there would have been.")
