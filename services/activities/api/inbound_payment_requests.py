"""Bodies of requests about payments from outside."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.activities.api.requests import Body
from services.activities.domain.chosen_shares import ChosenShare
from services.activities.domain.inbound_payments import InboundPayment, Payer, reported_kind
from shared.clock import Day
from shared.ids import ActivityId, CompanyId
from shared.money import PositiveMoney
from shared.paper_numbers import PaperNumber
from shared.payment_details import Account, DocumentNumber, ExternalId, PayerInn, PayerKpp
from shared.text import Name, Purpose
from shared.vocabulary import PaymentDirection, PaymentOrigin

MOST_SHARES = 50
PURPOSE = "Оплата по счету № 2026-17 от 20.11.2026. НДС не облагается"


class PayerBody(Body):
    """Who paid, as the sender knows them; of money that went back, who got it."""

    inn: PayerInn | None = None
    kpp: PayerKpp | None = None
    account: Account | None = None
    name: Name | None = None


class NewInboundPayment(Body):
    """A payment that a bank, an ERP or a partner reports."""

    external_id: ExternalId
    company_id: UUID
    amount: PositiveMoney
    received_on: Day
    direction: PaymentDirection = "in"
    payer: PayerBody = PayerBody()
    purpose: Annotated[Purpose, Field(examples=[PURPOSE])] = ""
    document_number: DocumentNumber | None = None
    document_on: Day | None = None
    own_account: Account | None = None
    invoice_id: UUID | None = None
    invoice_number: PaperNumber | None = None

    def payment(self, origin: PaymentOrigin) -> InboundPayment:
        """The payment as its sender reports it."""
        fields = self.model_dump(exclude={"amount", "payer", "company_id", "purpose"})
        return InboundPayment(
            origin=origin,
            company_id=CompanyId(self.company_id),
            amount=self.amount,
            payer=Payer(**self.payer.model_dump()),
            purpose=self.purpose,
            kind=reported_kind(self.direction),
            **fields,
        )


class ShareBody(Body):
    """A part of a payment, and what it pays."""

    activity_id: UUID
    invoice_id: UUID | None = None
    amount: PositiveMoney

    @property
    def chosen(self) -> ChosenShare:
        return ChosenShare(ActivityId(self.activity_id), self.invoice_id, self.amount)


class InboundPaymentMatch(Body):
    """What a payment pays: shares that make up its sum, in its currency."""

    shares: Annotated[list[ShareBody], Field(min_length=1, max_length=MOST_SHARES)]
