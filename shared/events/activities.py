"""Events of activities: from first interest to money and signed documents. Sent by the activities
service.

Each carries `state`, the activity after the event."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import PlainSerializer, WithJsonSchema

from shared.events.base import ACTIVITIES, Event, State
from shared.ids import (
    ActivityId,
    ClientId,
    CompanyId,
    EmployeeId,
    LossReasonId,
    ProductId,
    RoomId,
    SourceId,
)
from shared.money import Money, MoneySum
from shared.vocabulary import (
    CallDirection,
    CallOutcome,
    How,
    InteractionKind,
    Sale,
    SourceKind,
    Stage,
    Status,
    StepEnd,
)

Share = Annotated[
    Decimal,
    PlainSerializer(lambda share: f"{share:.4f}", return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": r"^[01]\.\d{4}$", "examples": ["0.7000"]},
        mode="serialization",
    ),
]


class ProductLine(State):
    """A line of the order: `amount` is its total at the agreed price."""

    product_id: ProductId
    category: str
    quantity: int
    price: Money
    amount: MoneySum
    delivered: bool
    term_months: int | None


class EmployeeShare(State):
    """A seller's part of the pay; the shares of an activity add up to 1."""

    employee_id: EmployeeId
    share: Share


class ProposedSplit(State):
    """A split of the pay that waits for those who are asked: `by` the responsible, at a moment,
    UTC.
    """

    id: UUID
    by: EmployeeId
    at: datetime
    shares: list[EmployeeShare]
    asked: list[EmployeeId]


class ReturnedProduct(State):
    """What went back to the client for a product by name, of all its lines together."""

    product_id: ProductId
    amount: MoneySum


class Checklist(State):
    """The manual's questions at a glance; `deadlines` become overdue when their moment passes."""

    invoiced: bool
    paid: bool
    shipped: bool
    documents_signed: bool
    fully_paid: bool


class DueInvoice(State):
    """An invoice with a due date that lacks money; overdue from `overdue_at` on, when its day is
    over for the company.
    """

    invoice_id: UUID
    number: str | None
    due_on: date
    overdue_at: datetime


class ActivityState(State):
    """An activity after an event.

    `paid` is what counts: confirmed and net of refunds; `claimed` waits for confirmation, null in
    events from before it was known. `progress_at` is what the reset counts from, and
    `reset_warning_at` is when the responsible is warned of it; `agreed`, `to_invoice` and `to_pay`
    are null in older events, and follow from `products`, `invoiced` and `paid`; `due_invoices` lack
    money, the oldest due first, null in older events. `first_source_id` is the source of the
    registration, where it was corrected since. `won_on` is the business day of the win in the
    company's days: the latest of paid-on and, where the product is delivered, shipped-on and
    signed-on; `returned` are refunds that named their product. Both are null in older events.
    `vip` says that the client was a VIP of the company as it was won; null unless it is won, and in
    older events. `split_proposal` is a split of the pay that waits for consent, null where there is
    none.
    """

    company_id: CompanyId
    room_id: RoomId
    client_id: ClientId
    source_id: SourceId
    source_kind: SourceKind
    sale: Sale
    products: list[ProductLine]
    status: Status
    stage: Stage
    responsible_id: EmployeeId | None
    responsible_since: datetime | None
    how: How | None
    shares: list[EmployeeShare]
    reset_due_at: datetime | None
    reset_warning_at: datetime | None = None
    next_step_due_at: datetime | None
    invoice_due_on: date | None
    invoiced: MoneySum
    paid: MoneySum
    checklist: Checklist
    progress_at: datetime
    won_at: datetime | None
    created_at: datetime
    created_by: EmployeeId | None
    claimed: MoneySum | None = None
    agreed: MoneySum | None = None
    to_invoice: MoneySum | None = None
    to_pay: MoneySum | None = None
    due_invoices: list[DueInvoice] | None = None
    lost_at: datetime | None = None
    lost_reason_id: LossReasonId | None = None
    first_source_id: SourceId | None = None
    won_on: date | None = None
    returned: list[ReturnedProduct] | None = None
    vip: bool | None = None
    split_proposal: ProposedSplit | None = None


class ActivityEvent(Event, topic=ACTIVITIES, noun="activity"):
    """Any event of an activity: `by` is who did it (nobody, where the system did), `state` the
    activity as it is now.
    """

    activity_id: ActivityId
    by: EmployeeId | None
    state: ActivityState


class ActivityRegistered(ActivityEvent, type="activity.registered"):
    """A client's interest was registered, with its acquisition source.

    One that a renewal became names it and the activity that it continues; `dropped_products` are
    no longer sold.
    """

    renewal_id: UUID | None = None
    contract_id: ActivityId | None = None
    dropped_products: list[ProductId] = []


class ActivityTaken(ActivityEvent, type="activity.taken"):
    """A seller became responsible: taken from the pool, assigned by a head, routed to a VIP's
    seller, kept by who registered it, or handed over by who left the room.
    """

    responsible: EmployeeId
    how: How


class ActivityReleased(ActivityEvent, type="activity.released"):
    """The responsible gave the activity back to the pool, or a head took it away (`by` is then the
    head).
    """

    former: EmployeeId
    has_reason: bool
    step: StepEnd | None = None
    step_due_at: datetime | None = None


class ActivityReset(ActivityEvent, type="activity.reset"):
    """No progress for `activity_reset_days`: back to the pool by the deadline's own moment."""

    former: EmployeeId
    due_at: datetime
    step: StepEnd | None = None
    step_due_at: datetime | None = None


class ActivityResetWarned(ActivityEvent, type="activity.reset_warned"):
    """The responsible was warned that the activity returns to the pool at `due_at` unless there is
    progress: once for each deadline.
    """

    responsible: EmployeeId
    due_at: datetime


class ActivityUntouched(ActivityEvent, type="activity.untouched"):
    """Nobody has worked a free or just taken activity since `since`, longer than the room allows:
    once, and once more, `escalated`, for the head.
    """

    responsible: EmployeeId | None
    since: datetime
    escalated: bool


class DeadlineMoved(ActivityEvent, type="activity.deadline_moved"):
    """The room settings changed, and with them the moment of reset or of its warning."""


class ActivityClientMerged(ActivityEvent, type="activity.client_merged"):
    """The client was merged into another, whose the activity is now."""

    former_client_id: ClientId


class ActivitySourceCorrected(ActivityEvent, type="activity.source_corrected"):
    """The request came from another source than was registered. The first one stays in the state,
    as `first_source_id`; why it was corrected stays with the activity.
    """

    from_source: SourceId
    to_source: SourceId


class InteractionRecorded(ActivityEvent, type="interaction.recorded"):
    """A call, meeting, letter or message took place. Notes stay with the activity.

    `step` is what became of the step that was promised, due at `step_due_at`; null where it stays,
    or none was. Of a phone call that telephony reported: who called whom, how it ended, how long
    they talked, and by whom of our people it was led, where that is known. One that took place
    before it was known here, as an import's do, has `happened_at` and is no progress.
    """

    kind: InteractionKind
    has_note: bool
    step: StepEnd | None = None
    step_due_at: datetime | None = None
    direction: CallDirection | None = None
    outcome: CallOutcome | None = None
    duration_seconds: int | None = None
    employee_id: EmployeeId | None = None
    call_id: UUID | None = None
    happened_at: datetime | None = None


class ActivityLost(ActivityEvent, type="activity.lost"):
    """Closed without a sale: by a reason of the company's list, where it has one. What was written
    stays with the activity. One that does not `counts` (spam, a test) is outside conversion.
    """

    former: EmployeeId | None
    reason_id: LossReasonId | None = None
    counts: bool = True
    step: StepEnd | None = None
    step_due_at: datetime | None = None


class ActivityReopened(ActivityEvent, type="activity.reopened"):
    """A lost activity is open again: in work if someone is responsible, free otherwise."""

    responsible: EmployeeId | None = None


class ActivitySplit(ActivityEvent, type="activity.split"):
    """The pay of the activity is shared between sellers in new parts."""

    shares: list[EmployeeShare]


class ActivitySplitProposed(ActivityEvent, type="activity.split_proposed"):
    """The responsible proposes to share the pay in new parts; who is `asked` has to agree."""

    proposal_id: UUID
    shares: list[EmployeeShare]
    asked: list[EmployeeId]


class ActivitySplitAccepted(ActivityEvent, type="activity.split_accepted"):
    """One of those who were asked agrees to a split. Once all have, `activity.split` follows."""

    proposal_id: UUID
    employee_id: EmployeeId


class ActivitySplitDeclined(ActivityEvent, type="activity.split_declined"):
    """A proposed split is no more: declined by who was asked, withdrawn by who `proposed_by` it, or
    ended by who oversees the room.
    """

    proposal_id: UUID
    employee_id: EmployeeId
    proposed_by: EmployeeId


class ActivityHandedOver(ActivityEvent, type="activity.handed_over"):
    """Somebody else answers for a closed activity: for what comes after a sale, or for reopening a
    lost one. The pay of a win stays shared as at the win.
    """

    former: EmployeeId | None
    responsible: EmployeeId


class ActivityMoved(ActivityEvent, type="activity.moved"):
    """The activity is worked by another room from now on; its chain and money came along.

    `former` and `responsible` are null where the same seller, who sells in both rooms, goes on.
    """

    from_room: RoomId
    to_room: RoomId
    former: EmployeeId | None
    responsible: EmployeeId | None
    step: StepEnd | None = None
    step_due_at: datetime | None = None
