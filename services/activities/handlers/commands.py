"""The commands of the activities service: what each use case is asked to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.activities.domain.chosen_shares import ChosenShare
from services.activities.domain.registering import RequestedProduct
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, LossReasonId, ProductId
from shared.money import Money
from shared.vocabulary import (
    AbsenceKind,
    ClientKind,
    ConsentKind,
    DocumentState,
    InteractionKind,
    StepEnd,
)

Changes = Mapping[str, Any]
"""The fields that change, with their new values."""


def values_of(command: Any) -> dict[str, Any]:
    """The fields of a command, by name."""
    return {field.name: getattr(command, field.name) for field in fields(command)}


@dataclass(frozen=True, slots=True)
class CreateClient:
    name: str
    kind: ClientKind
    inn: str | None
    kpp: str | None
    phones: Sequence[str]
    emails: Sequence[str]
    large: bool


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """What somebody says about being called: of a phone where one is named, else of the client."""

    client_id: ClientId | None
    kind: ConsentKind
    phone: str | None
    source: str
    text: str | None
    person: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class RecordAbsence:
    """Both days are included."""

    employee_id: EmployeeId
    kind: AbsenceKind
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class MergeClients:
    client_id: ClientId
    into_client_id: ClientId


@dataclass(frozen=True, slots=True)
class RegisterActivity:
    """Exactly one of `client_id` and `client` is set; `take` keeps the activity for the caller."""

    company_id: CompanyId
    room_id: UUID
    source_id: UUID
    products: Sequence[RequestedProduct]
    client_id: UUID | None
    client: CreateClient | None
    note: str | None
    take: bool


@dataclass(frozen=True, slots=True)
class TakeActivity:
    activity_id: ActivityId


@dataclass(frozen=True, slots=True)
class ReleaseActivity:
    activity_id: ActivityId
    reason: str


@dataclass(frozen=True, slots=True)
class AssignActivity:
    """To `employee_id`, or to nobody: back to the pool."""

    activity_id: ActivityId
    employee_id: EmployeeId | None


@dataclass(frozen=True, slots=True)
class RecordInteraction:
    """`next_step` is what the responsible promises to do, and when (UTC); `step` what became of
    the step before.
    """

    activity_id: ActivityId
    kind: InteractionKind
    note: str | None
    next_step: tuple[str, datetime] | None
    step: StepEnd | None = None


@dataclass(frozen=True, slots=True)
class ChangeOrder:
    """The lines that are agreed from now on; without a price, as agreed before or listed."""

    activity_id: ActivityId
    products: Sequence[RequestedProduct]


@dataclass(frozen=True, slots=True)
class IssueInvoice:
    activity_id: ActivityId
    amount: Money
    number: str | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class CancelInvoice:
    activity_id: ActivityId
    invoice_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class RecordPayment:
    """Counts once per `external_id`; `paid_at` is a moment (UTC), a day of the company, or None for
    now.
    """

    activity_id: ActivityId
    amount: Money
    invoice_id: UUID | None
    paid_at: datetime | date | None
    external_id: str | None


@dataclass(frozen=True, slots=True)
class ConfirmPayment:
    activity_id: ActivityId
    payment_id: UUID


@dataclass(frozen=True, slots=True)
class StrikePayment:
    activity_id: ActivityId
    payment_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class MatchInboundPayment:
    """What a payment from outside pays."""

    id: UUID
    chosen: tuple[ChosenShare, ...]


@dataclass(frozen=True, slots=True)
class RecordRefund:
    """Counts once per `external_id`."""

    activity_id: ActivityId
    amount: Money
    payment_id: UUID | None
    product_id: ProductId | None
    reason: str
    external_id: str | None


@dataclass(frozen=True, slots=True)
class RecordShipment:
    """Shipped today where `shipped_on` is None."""

    activity_id: ActivityId
    shipped_on: date | None
    note: str | None


@dataclass(frozen=True, slots=True)
class RecordDocument:
    """Of today where `on` is None."""

    activity_id: ActivityId
    state: DocumentState
    number: str | None
    on: date | None


@dataclass(frozen=True, slots=True)
class LoseActivity:
    """By a reason of the company's list, in words, or both."""

    activity_id: ActivityId
    reason: str | None
    reason_id: LossReasonId | None = None


@dataclass(frozen=True, slots=True)
class ReopenActivity:
    activity_id: ActivityId


@dataclass(frozen=True, slots=True)
class WinActivity:
    activity_id: ActivityId


@dataclass(frozen=True, slots=True)
class SplitActivity:
    activity_id: ActivityId
    shares: tuple[tuple[EmployeeId, Decimal], ...]


@dataclass(frozen=True, slots=True)
class AnswerSplit:
    """Accept or end the split that was proposed under this id."""

    activity_id: ActivityId
    proposal_id: UUID


@dataclass(frozen=True, slots=True)
class TakeRenewal:
    renewal_id: UUID


@dataclass(frozen=True, slots=True)
class PrepareRenewal:
    renewal_id: UUID
    note: str | None


@dataclass(frozen=True, slots=True)
class WithdrawRenewal:
    renewal_id: UUID
    reason: str
