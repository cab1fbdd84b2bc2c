"""Events of the directory: who works where, what is sold, by which room settings. Sent by
activities; others keep replicas.

One type per noun: the first version is the creation, each later one a change.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from shared.events.base import ACTIVITIES, Event, State
from shared.ids import (
    AbsenceId,
    ClientId,
    CompanyId,
    EmployeeId,
    LossReasonId,
    ProductId,
    RoomId,
    SourceId,
    TenantId,
)
from shared.money import Money
from shared.vocabulary import (
    ClientKind,
    PaymentConfirmation,
    Role,
    RoomSetting,
    SourceKind,
    VatCategory,
    VatMode,
)

ChangedBy = EmployeeId | Literal["operator"] | None
"""Who changed it: an employee or an API key by id, or the operator. Null for the system, in a
replica's snapshot, and in events from before it was recorded.
"""


class TenantChanged(Event, type="tenant.changed", topic=ACTIVITIES, noun="tenant"):
    """A tenant was provisioned or its settings changed."""

    tenant_id: TenantId
    time_zone: str
    currency: str
    by: ChangedBy = None


class CompanyChanged(Event, type="company.changed", topic=ACTIVITIES, noun="company"):
    """A beneficiary company was created, changed or archived: it takes no new activities. Its name
    is a company's, not a person's.

    `payment_confirmation` says whether money that a seller enters waits for an accountant.
    """

    company_id: CompanyId
    name: str
    time_zone: str
    currency: str
    by: ChangedBy = None
    payment_confirmation: PaymentConfirmation = "required"
    archived: bool = False


class VatFrom(State):
    """How a company pays value added tax from a day on."""

    effective_from: date
    mode: VatMode


class CompanyVatChanged(Event, type="company_vat.changed", topic=ACTIVITIES, noun="company_vat"):
    """A company's requisites were changed: how it pays value added tax by day, the oldest first;
    empty where it has not said. The subject is an id of its own.
    """

    company_id: CompanyId
    periods: list[VatFrom]
    by: ChangedBy = None


class RoomChanged(Event, type="room.changed", topic=ACTIVITIES, noun="room"):
    """A sales room was created or changed: which companies it sells for; or archived: it takes no
    new activities.
    """

    room_id: RoomId
    name: str
    company_ids: list[CompanyId]
    by: ChangedBy = None
    archived: bool = False


class EmployeeChanged(Event, type="employee.changed", topic=ACTIVITIES, noun="employee"):
    """An employee was created or changed: roles, rooms, whether they still work.

    `headed_room_ids` are the rooms in which the role of a head is held, null for all of
    `room_ids`. Name and e-mail travel on sales.people.v1.
    """

    employee_id: EmployeeId
    roles: list[Role]
    room_ids: list[RoomId]
    personnel_number: str | None
    active: bool
    by: ChangedBy = None
    headed_room_ids: list[RoomId] | None = None


class LeftRoom(State):
    """A room that an employee left, and who goes on with the work there: nobody where it is null,
    the pool then.
    """

    room_id: RoomId
    successor_id: EmployeeId | None


class EmployeeLeft(Event, type="employee.left", topic=ACTIVITIES, noun="departure"):
    """An employee sells in `rooms` no more: was dismissed, moved, or lost the role. What they held
    there goes to the successors, or back to the pool.

    Each departure is a thing of its own, sent once.
    """

    departure_id: UUID
    employee_id: EmployeeId
    dismissed: bool
    rooms: list[LeftRoom]
    left_at: datetime
    by: ChangedBy = None


class ProductCost(State):
    """What a piece of a product costs the company from a day on, net of VAT."""

    effective_from: date
    cost: Money


class ProductChanged(Event, type="product.changed", topic=ACTIVITIES, noun="product"):
    """A product was created or changed. Activities keep the price at which they were registered.

    `vat` is what its value added tax follows, `costs` what a piece costs by day, the oldest first;
    both are null in events from before they were published.
    """

    product_id: ProductId
    company_id: CompanyId
    name: str
    category: str
    price: Money
    delivered: bool
    term_months: int | None
    active: bool
    by: ChangedBy = None
    vat: VatCategory | None = None
    costs: list[ProductCost] | None = None


class SourceChanged(Event, type="source.changed", topic=ACTIVITIES, noun="source"):
    """An acquisition source was created or changed; or archived: it takes no
    new activities.
    """

    source_id: SourceId
    name: str
    channel: str
    campaign: str | None
    kind: SourceKind
    by: ChangedBy = None
    archived: bool = False


class LossReasonChanged(Event, type="loss_reason.changed", topic=ACTIVITIES, noun="loss_reason"):
    """A reason of a company's list of losses was created or changed. One that does not `counts`
    (spam, a test) is outside conversion; one that is not active is chosen no more.
    """

    loss_reason_id: LossReasonId
    company_id: CompanyId
    name: str
    counts: bool
    active: bool
    by: ChangedBy = None


class AbsenceChanged(Event, type="absence.changed", topic=ACTIVITIES, noun="absence"):
    """On which days, both included, an employee does not work was recorded, changed or cancelled:
    the time of a reset of what they work does not run then. Why they are absent is told to nobody.
    """

    absence_id: AbsenceId
    employee_id: EmployeeId
    first_on: date
    last_on: date
    cancelled: bool
    by: ChangedBy = None


class ResetNotice(State):
    """The periods of reset before a change, in days: what had time left by them keeps it until
    `until`, or to the end of the former period where that is sooner.
    """

    activity_reset_days: int
    vip_reset_days: int
    until: datetime


class RoomOptions(State):
    """What a company chose for a room beside the six numbers; `work_limit` null: no limit."""

    warn_before_hours: int = 24
    work_limit: int | None = None
    first_touch_minutes: int = 0
    escalate_after_minutes: int = 0
    working_days: bool = False
    days_off: list[date] = []
    extra_working_days: list[date] = []
    pause_for_invoices: bool = False
    vip_receipts_days: int = 365


class RoomSettingsChanged(
    Event, type="room_settings.changed", topic=ACTIVITIES, noun="room_settings"
):
    """The six numbers of a company in a room or its options were set; they govern everything open
    from that moment on. `reset_notices` are the latest changes of a period, the earliest first.
    """

    room_id: RoomId
    company_id: CompanyId
    changed_by: EmployeeId | None
    activity_reset_days: int
    retake_cooldown_seconds: int
    vip_in_development_limit: int
    vip_by_receipts_limit: int
    vip_reset_days: int
    renewal_horizon_days: int
    reset_notices: list[ResetNotice] = []
    options: RoomOptions = RoomOptions()


class RoomDefaultsChanged(
    Event, type="room_defaults.changed", topic=ACTIVITIES, noun="room_defaults"
):
    """A company set what rooms begin with that are to sell for it; rooms that there are keep
    theirs. `heads_may_change` are the numbers that heads may change in their own rooms.
    """

    company_id: CompanyId
    changed_by: EmployeeId | None
    activity_reset_days: int
    retake_cooldown_seconds: int
    vip_in_development_limit: int
    vip_by_receipts_limit: int
    vip_reset_days: int
    renewal_horizon_days: int
    heads_may_change: list[RoomSetting]


class ClientChanged(Event, type="client.changed", topic=ACTIVITIES, noun="client"):
    """A client was registered or changed. What identifies them travels on sales.people.v1.

    `room_ids` are the rooms whose people have entered the client, and so see it: all rooms where
    it is empty. Events of before it was known have null.
    """

    client_id: ClientId
    kind: ClientKind
    large: bool
    registered_by: EmployeeId | None
    by: ChangedBy = None
    room_ids: list[RoomId] | None = None
    do_not_call: bool = False


class ContactPersonChanged(
    Event, type="contact_person.changed", topic=ACTIVITIES, noun="contact_person"
):
    """A contact person of a client was entered, changed or archived, or came with a merge or a
    moved activity. Who it is travels on sales.people.v1, as `contact_person.described`.

    `room_ids` are the rooms that see the person: those that see the client where it is empty.
    """

    contact_person_id: UUID
    client_id: ClientId
    archived: bool
    room_ids: list[RoomId]
    by: ChangedBy = None


class ClientMerged(Event, type="client.merged", topic=ACTIVITIES, noun="client"):
    """Two clients were one: this one ended, and all that was its is now of `into_client_id`.

    Its activities tell so themselves, by `activity.client_merged`. `room_ids` are the rooms that
    saw it.
    """

    client_id: ClientId
    into_client_id: ClientId
    room_ids: list[RoomId]
    by: ChangedBy = None
