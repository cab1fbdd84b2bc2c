"""Views of payments from outside."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.activities.api.money_responses import NamedThing
from shared.ids import ActivityId, CompanyId
from shared.money import Money, MoneySum
from shared.vocabulary import (
    InboundPaymentState,
    MatchCertainty,
    MatchReason,
    PaymentDirection,
    PaymentOrigin,
    PaymentState,
)


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
    what: str = Field(examples=["booked"])
    note: str | None


class InboundPaymentView(BaseModel):
    """A payment that a bank, an ERP or a partner reports. One that is unmatched has suggestions,
    the best first; one that is booked, what it was booked to.
    """

    id: UUID
    version: int
    origin: PaymentOrigin
    external_id: str
    state: InboundPaymentState
    certainty: MatchCertainty | None
    company_id: CompanyId
    direction: PaymentDirection
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


class InboundPaymentWithHistory(InboundPaymentView):
    """A payment from outside, with what was decided on it, the newest first."""

    history: list[DecisionView]
