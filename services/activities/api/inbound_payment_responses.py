"""Views of payments from outside."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.activities.api.money_responses import ListedPayment, NamedThing, Recorder
from shared.ids import ActivityId, CompanyId
from shared.money import Money, MoneySum
from shared.vocabulary import (
    BankLineKind,
    InboundPaymentState,
    MatchCertainty,
    MatchReason,
    PaymentDirection,
    PaymentOrigin,
    PaymentState,
)
from shared.web.responses import Page


class PayerView(BaseModel):
    """Who paid, as the sender knows them; of money that went back, who got it."""

    inn: str | None
    kpp: str | None
    account: str | None
    name: str | None


class ShareView(BaseModel):
    """A part of a payment, and the invoice that it may pay."""

    activity_id: ActivityId
    client: NamedThing
    invoice_id: UUID | None
    invoice_number: str | None
    amount: MoneySum


class SuggestionView(BaseModel):
    """What a payment may pay, and why; the shares make up the payment."""

    shares: list[ShareView]
    reasons: list[MatchReason]


class BookingView(ShareView):
    """A part of a payment as it is booked. `was` is the state of a payment that was recorded
    before: a claim that was confirmed by it.
    """

    payment_id: UUID
    was: PaymentState | None


class DecisionView(BaseModel):
    """What was decided on a payment, by whom and why; nobody where it was booked by itself."""

    version: int
    at: datetime
    who: UUID | None
    who_name: str | None
    what: str = Field(examples=["booked"])
    note: str | None


class InboundPaymentView(BaseModel):
    """A payment that a bank statement, an ERP or a partner reports, once however many do. One that
    is unmatched has suggestions, the best first; one that is booked, what it was booked to.
    """

    id: UUID
    version: int
    origin: PaymentOrigin
    external_id: str
    state: InboundPaymentState
    certainty: MatchCertainty | None
    company_id: CompanyId
    direction: PaymentDirection
    kind: BankLineKind
    amount: Money
    received_on: date
    document_number: str | None
    document_on: date | None
    own_account: str | None
    payer: PayerView
    purpose: str
    invoice_id: UUID | None
    invoice_number: str | None
    duplicate_of: UUID | None
    entered_at: datetime
    entered_by: UUID | None
    bookings: list[BookingView]
    suggestions: list[SuggestionView]


class PaymentReport(BaseModel):
    """That a sender told of a payment, under an id of its own."""

    origin: PaymentOrigin
    external_id: str
    entered_at: datetime
    entered_by: Recorder | None


class PaymentStatement(BaseModel):
    """A bank statement that has a payment, on a line of its file."""

    statement_id: UUID
    position: int
    file_name: str


class InboundPaymentWithHistory(InboundPaymentView):
    """A payment from outside, with who told of it and what was decided on it, the newest first."""

    reports: list[PaymentReport]
    statements: list[PaymentStatement]
    history: list[DecisionView]


class WaitingPayment(InboundPaymentView):
    """A payment from outside that waits for its invoice, in the list of payments."""

    company: NamedThing


class PaymentsPage(Page[ListedPayment | WaitingPayment]):
    """One page of the list of payments: of activities, or of those from outside that wait."""
