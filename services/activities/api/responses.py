"""Views: the directory, clients, and an activity in detail, as OpenAPI describes them."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.activity_view import ActivityView, ClientSummary
from shared.ids import (
    ActivityId,
    ClientId,
    CompanyId,
    EmployeeId,
    ProductId,
    RoomId,
    SourceId,
    TenantId,
)
from shared.money import Money, MoneySum
from shared.vocabulary import (
    ClientKind,
    DocumentState,
    PaymentConfirmation,
    PaymentState,
    RenewalStatus,
    RenewalWithdrawal,
    Role,
    SourceKind,
    Status,
)
from shared.web.responses import Page


class Names(BaseModel):
    """Names by id of what the items mention."""

    companies: dict[CompanyId, str]
    rooms: dict[RoomId, str]
    employees: dict[EmployeeId, str]
    sources: dict[SourceId, str]
    products: dict[ProductId, str]


class ActivityPage(Page[ActivityView]):
    """One page of activities, with the names that its items mention."""

    names: Names


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


class SourceView(BaseModel):
    id: SourceId
    version: int
    name: str
    channel: str
    campaign: str | None
    kind: SourceKind
    archived: bool


class RoomSettingsView(BaseModel):
    """The room settings; version 0 means the defaults, nobody has set them yet."""

    version: int
    activity_reset_days: int
    retake_cooldown_seconds: int
    vip_in_development_limit: int
    vip_by_receipts_limit: int
    vip_reset_days: int
    renewal_horizon_days: int


class RoomOptionsView(BaseModel):
    """What a company chose for a room beside the six numbers; `version` is that of both."""

    version: int
    warn_before_hours: int
    work_limit: int | None
    first_touch_minutes: int
    escalate_after_minutes: int
    working_days: bool
    days_off: list[date]
    extra_working_days: list[date]


class ChosenOptionsView(BaseModel):
    """The options of a room before or after a change."""

    warn_before_hours: int
    work_limit: int | None
    first_touch_minutes: int
    escalate_after_minutes: int
    working_days: bool
    days_off: list[date]
    extra_working_days: list[date]


class RoomOptionsChangeView(BaseModel):
    """A change of a room's options."""

    before: ChosenOptionsView
    after: ChosenOptionsView


class RoomSettingsChangeView(BaseModel):
    """A change of the room settings: by whom, when, from what (null the first time), to what.
    `options` is there where the change was one of the options.
    """

    version: int
    changed_at: datetime
    changed_by: EmployeeId | None
    before: dict[str, int] | None
    after: dict[str, int]
    options: RoomOptionsChangeView | None


class ClientView(BaseModel):
    """A client. `merged_into` is its own id where it was asked for by the id of a client that was
    merged into it.
    """

    id: ClientId
    version: int
    kind: ClientKind
    name: str
    inn: str | None
    kpp: str | None
    phones: list[str]
    emails: list[str]
    large: bool
    registered_by: EmployeeId | None
    merged_into: ClientId | None = None


class InvoiceView(BaseModel):
    """An invoice. `paid` is the money that covers it: payments that name it first, the rest the
    oldest due.
    """

    id: UUID
    amount: Money
    number: str | None
    due_on: date | None
    issued_at: datetime
    cancelled: bool
    paid: MoneySum
    overdue_at: datetime | None
    overdue_since: date | None


class PaymentView(BaseModel):
    id: UUID
    amount: Money
    invoice_id: UUID | None
    paid_at: datetime
    external_id: str | None
    state: PaymentState
    paid_on: date | None
    recorded_by: EmployeeId | None


class RefundView(BaseModel):
    id: UUID
    amount: Money
    payment_id: UUID | None
    refunded_at: datetime
    external_id: str | None
    product_id: ProductId | None


class NamedThing(BaseModel):
    """A thing of the directory or a client, by id and name."""

    id: UUID
    name: str


class Recorder(BaseModel):
    """Who entered a payment; an API key has no name."""

    id: UUID
    name: str | None


class ListedPayment(BaseModel):
    """A payment in a list, with the names that belong to it."""

    id: UUID
    activity_id: ActivityId
    activity_status: Status
    state: PaymentState
    amount: Money
    invoice_id: UUID | None
    paid_at: datetime
    paid_on: date | None
    recorded_at: datetime
    external_id: str | None
    client: NamedThing
    company: NamedThing
    room: NamedThing
    responsible: NamedThing | None
    recorded_by: Recorder | None


class ShipmentView(BaseModel):
    id: UUID
    shipped_on: date


class DocumentView(BaseModel):
    state: DocumentState
    on: date
    number: str | None


class ReferenceView(BaseModel):
    """A thing of the directory, or a person, by id and name."""

    id: UUID = Field(description="Its id.")
    name: str = Field(description="Its name.")


class RenewalLineView(BaseModel):
    """A line of a renewal at the directory's price of now; `sold` is false for a product that is
    no longer sold, whose line stays as the contract had it.
    """

    product_id: ProductId
    name: str
    category: str
    quantity: int
    price: Money
    amount: MoneySum
    delivered: bool
    term_months: int | None
    sold: bool = Field(description="Whether the product is sold now.")


class RenewalView(BaseModel):
    """The next sale of what was won with a term.

    It continues the activity `contract_id`, whose client, source and responsible it shows, and is
    due on a day of the company's. What is no longer sold is among `dropped_products`. On its day
    it becomes the activity `activity_id`.
    """

    id: UUID
    version: int
    contract_id: ActivityId
    company_id: CompanyId
    room_id: RoomId
    term_months: int
    number: int
    due_on: date
    overdue: bool = Field(description="Whether its day has passed.")
    visible: bool = Field(description="Whether it is scheduled within the room's horizon.")
    status: RenewalStatus
    company: ReferenceView
    room: ReferenceView
    client: ClientSummary
    source: ReferenceView = Field(description="Where the contract came from.")
    responsible: ReferenceView | None = Field(description="Who is responsible for the contract.")
    products: list[RenewalLineView]
    amount: MoneySum
    dropped_products: list[ProductId]
    note: str | None
    activity_id: ActivityId | None
    withdrawal: RenewalWithdrawal | None
    withdrawn_by: EmployeeId | None
    withdrawn_reason: str | None
    created_at: datetime


class ClientParts(BaseModel):
    """Parts of a client; those that are left out did not change."""

    name: str | None = None
    inn: str | None = None
    kpp: str | None = None
    phones: list[str] = []
    emails: list[str] = []
    large: bool | None = None


class RegisteredActivityView(ActivityView):
    """An activity as it was registered.

    `added_to_client` is what a known client has now that it did not have before; `as_registered`
    is what was typed otherwise, such as another name, and is kept in the timeline. Both are left
    out where there is nothing.
    """

    added_to_client: ClientParts | None = None
    as_registered: ClientParts | None = None


class DocumentStateView(BaseModel):
    """Where a document stands, by its number; null is the unnamed one."""

    number: str | None
    state: DocumentState


class TimelineEntry(BaseModel):
    """One event of the timeline; further fields depend on `what`."""

    model_config = ConfigDict(extra="allow")

    id: UUID
    version: int = Field(description="The activity's version after it.", examples=[12])
    at: datetime
    who: EmployeeId | None
    what: str
    note: str | None


class ResponsibleView(BaseModel):
    """Who was responsible, from when to when: how and by whom it began, why and by whom it
    ended.
    """

    employee_id: EmployeeId
    since: datetime
    how: str = Field(
        description="`taken`, `assigned`, `vip_routed`, `registered`, `reopened`; more are added.",
        examples=["taken"],
    )
    by: EmployeeId | None = Field(description="Who made them responsible; null for the system.")
    until: datetime | None = Field(description="When it ended; null while it lasts.")
    why: str | None = Field(
        description=(
            "Why it ended: `released`, `taken_away`, `reset`, `reassigned`, `vip_moved`, `lost`,"
            " `won`; more are added."
        ),
        examples=["reset"],
    )
    ended_by: EmployeeId | None = Field(description="Who ended it; null for the system.")


class RecordedView(ActivityView):
    """An activity after something was recorded with it.

    `created` has the id of what was made (`invoice_id`, `payment_id`, `refund_id`, `shipment_id`,
    `document_id`, `interaction_id`) and of its entry in the timeline (`entry_id`).
    """

    created: dict[str, UUID]


class MovedActivityView(ActivityView):
    """An activity that was moved to another room."""

    from_room_id: RoomId = Field(description="The room that it was in before.")


class ActivityDetail(ActivityView):
    """An activity with its timeline, newest first, its responsibles, and its chain."""

    timeline: list[TimelineEntry]
    timeline_cursor: str | None = Field(
        description="`cursor` of `GET …/timeline` for the older entries; null without any."
    )
    responsibles: list[ResponsibleView]
    invoices: list[InvoiceView]
    payments: list[PaymentView]
    refunds: list[RefundView]
    shipments: list[ShipmentView]
    documents: list[DocumentView]
    document_states: list[DocumentStateView]
