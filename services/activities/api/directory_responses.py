"""Views of the directory: tenants, companies, rooms, employees, products, sources."""

from pydantic import BaseModel, Field

from shared.ids import CompanyId, EmployeeId, ProductId, RoomId, SourceId, TenantId
from shared.money import Money
from shared.vocabulary import PaymentConfirmation, Role, SourceKind, VatCategory


class TenantAdminView(BaseModel):
    employee_id: EmployeeId


class TenantView(BaseModel):
    id: TenantId
    admin: TenantAdminView


class OpenActivities(BaseModel):
    """The activities that go on although their company or room is archived, counted up to 10000."""

    free: int = Field(description="Those of the pool.")
    in_work: int = Field(description="Those that somebody works.")


_GOES_ON = Field(None, description="What goes on; only in the answer to archiving.")


class CompanyView(BaseModel):
    id: CompanyId
    version: int
    name: str
    inn: str | None
    time_zone: str
    currency: str
    payment_confirmation: PaymentConfirmation
    archived: bool
    open_activities: OpenActivities | None = _GOES_ON


class TimeZoneView(BaseModel):
    """A time zone by its IANA name, and its distance from UTC at present."""

    name: str = Field(description="The IANA name.", examples=["Europe/Moscow"])
    utc_offset: str = Field(description="Hours and minutes from UTC.", examples=["+03:00"])


class TimeZonesView(BaseModel):
    """Every zone that a tenant or company may have, by name."""

    items: list[TimeZoneView]


class RoomView(BaseModel):
    id: RoomId
    version: int
    name: str
    company_ids: list[CompanyId]
    archived: bool
    open_activities: OpenActivities | None = _GOES_ON


class EmployeeView(BaseModel):
    """An employee. `headed_room_ids` are the rooms in which the role of a head is held, null for
    all of `room_ids`.
    """

    id: EmployeeId
    version: int
    name: str
    email: str
    roles: list[Role]
    room_ids: list[RoomId]
    headed_room_ids: list[RoomId] | None
    personnel_number: str | None
    active: bool


class ProductView(BaseModel):
    id: ProductId
    version: int
    company_id: CompanyId
    name: str
    category: str
    price: Money
    delivered: bool
    term_months: int | None
    active: bool
    vat: VatCategory


class SourceView(BaseModel):
    id: SourceId
    version: int
    name: str
    channel: str
    campaign: str | None
    kind: SourceKind
    archived: bool
