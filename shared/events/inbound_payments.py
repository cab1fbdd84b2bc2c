"""Payments that a bank or an ERP of the installation reports. Kept for 30 days: activities keeps
what it has taken in.

The records name payers, so the topic is no place for whoever else: see ADR 52.
"""

from uuid import UUID

from shared.clock import Day
from shared.events.base import INBOUND_PAYMENTS, Event, State
from shared.ids import CompanyId
from shared.money import PositiveMoney
from shared.paper_numbers import PaperNumber
from shared.payment_details import Account, DocumentNumber, ExternalId, PayerInn, PayerKpp
from shared.text import Name, Purpose
from shared.vocabulary import PaymentDirection


class ReportedPayer(State):
    """Who paid, as the bank has them; of money that went back, who got it."""

    inn: PayerInn | None = None
    kpp: PayerKpp | None = None
    account: Account | None = None
    name: Name | None = None


class PaymentReported(
    Event,
    type="inbound_payment.reported",
    topic=INBOUND_PAYMENTS,
    noun="inbound_payment",
):
    """A bank or an ERP saw a payment. It is taken in once per `external_id` in the tenant."""

    external_id: ExternalId
    company_id: CompanyId
    amount: PositiveMoney
    received_on: Day
    direction: PaymentDirection = "in"
    payer: ReportedPayer = ReportedPayer()
    purpose: Purpose = ""
    document_number: DocumentNumber | None = None
    document_on: Day | None = None
    own_account: Account | None = None
    invoice_id: UUID | None = None
    invoice_number: PaperNumber | None = None
