"""Payments that the outside world reports: a bank's statement, an ERP, a partner.

Inbound is the report. The money came to us (`in`), or went back (`out`).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.ids import CompanyId
from shared.money import Money
from shared.vocabulary import PaymentDirection, PaymentOrigin


@dataclass(frozen=True, slots=True)
class Payer:
    """Who paid; of money that went back, who got it. As the sender says, where it does."""

    inn: str | None = None
    kpp: str | None = None
    account: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class InboundPayment:
    """A payment as its sender reports it.

    `external_id` is the sender's id, once in the tenant; `received_on` is the bank's day;
    `invoice_id` and `invoice_number` are named in fields of their own.
    """

    origin: PaymentOrigin
    external_id: str
    company_id: CompanyId
    direction: PaymentDirection
    amount: Money
    received_on: date
    payer: Payer = Payer()
    purpose: str = ""
    document_number: str | None = None
    document_on: date | None = None
    own_account: str | None = None
    invoice_id: UUID | None = None
    invoice_number: str | None = None


def fingerprint_of(payment: InboundPayment) -> str | None:
    """What two reports of one payment have in common, whoever sends them: a payment order is known
    by its payer, number, day and sum. None without a number or a payer: then nothing tells.

    One sender's day of receipt may be another's next day, and not all name the payer's account.
    """
    payer = payment.payer.inn or payment.payer.account
    number = (payment.document_number or "").strip().lstrip("0")
    if not number or not payer:
        return None
    parts = (
        str(payment.company_id),
        payment.direction,
        number.casefold(),
        (payment.document_on or payment.received_on).isoformat(),
        f"{payment.amount.amount:.2f}",
        payment.amount.currency,
        payer,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class EarlierReport:
    """A report that is stored with the same fingerprint; `ordinal` is its place among those of its
    origin. `counts` unless it repeats another's.
    """

    id: UUID
    origin: PaymentOrigin
    ordinal: int
    counts: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report stands: its ordinal among those of its origin, and the other origin's report
    of the same payment, where that came before.
    """

    ordinal: int
    duplicate_of: UUID | None = None


def place_of(payment: InboundPayment, earlier: Iterable[EarlierReport]) -> Place:
    """Where `payment` stands among reports with its fingerprint.

    One sender's reports are never one payment: of two payment orders that are equal in everything
    the first is the first of another sender, and the second the second.
    """
    reports = list(earlier)
    ordinal = sum(report.origin == payment.origin for report in reports)
    for report in reports:
        if report.counts and report.ordinal == ordinal and report.origin != payment.origin:
            return Place(ordinal, report.id)
    return Place(ordinal)
