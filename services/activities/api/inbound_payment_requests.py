"""Bodies of requests about payments from outside."""

import re
from typing import Annotated, LiteralString
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from services.activities.api.money_requests import ExternalId
from services.activities.api.requests import Body
from services.activities.domain.inbound_payments import InboundPayment, Payer
from services.activities.domain.matching import Share
from shared.clock import Day
from shared.ids import ActivityId, CompanyId
from shared.money import PositiveMoney
from shared.paper_numbers import PaperNumber
from shared.rules import rule_broken
from shared.text import Line, Name, Purpose
from shared.vocabulary import PaymentDirection, PaymentOrigin

MOST_SHARES = 50
PURPOSE = "Оплата по счету № 2026-17 от 20.11.2026. НДС не облагается"


def _checked(pattern: str, rule: LiteralString) -> AfterValidator:
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise rule_broken(rule)
        return text

    return AfterValidator(check)


_Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
Account = Annotated[
    _Code,
    _checked("[0-9]{20}|[A-Z]{2}[0-9A-Z]{13,32}", "account_or_iban"),
    Field(examples=["40702810900000000017"]),
]
"""The number of a bank account: 20 digits, or an IBAN."""
PayerInn = Annotated[_Code, _checked("[0-9]{5,12}", "payer_inn"), Field(examples=["7701234567"])]
"""As the bank has it: it may be none by our rules, and money is recorded all the same."""
PayerKpp = Annotated[_Code, _checked("[0-9A-Z]{9}", "kpp"), Field(examples=["770101001"])]
DocumentNumber = Annotated[Line, StringConstraints(max_length=50)]


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
            **fields,
        )


class ShareBody(Body):
    """A part of a payment, and what it pays."""

    activity_id: UUID
    invoice_id: UUID | None = None
    amount: PositiveMoney

    def share(self) -> Share:
        return Share(ActivityId(self.activity_id), self.invoice_id, self.amount.amount)


class InboundPaymentMatch(Body):
    """What a payment pays: shares that make up its sum, in its currency."""

    shares: Annotated[list[ShareBody], Field(min_length=1, max_length=MOST_SHARES)]
