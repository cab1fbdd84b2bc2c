"""Views of activities: pages, details, timeline, what a command recorded."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from services.activities.api.client_responses import ClientParts
from services.activities.api.money_responses import InvoiceView, PaymentView, RefundView
from shared.activity_view import ActivityView
from shared.ids import EmployeeId, RoomId
from shared.names import Names
from shared.vocabulary import DocumentState
from shared.web.responses import Page


class ActivityPage(Page[ActivityView]):
    """One page of activities, with the names that its items mention."""

    names: Names


class PoolPage(Page[ActivityView]):
    """One page of free activities, with the names that its items mention if they were asked for."""

    names: Names | SkipJsonSchema[None] = None


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
