"""Payments that the outside world reports: a bank's statement, an ERP, a partner.

The money came to us (`in`), or left us (`out`).
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.ids import CompanyId
from shared.money import Money
from shared.vocabulary import BankLineKind, InboundPaymentState, PaymentDirection, PaymentOrigin

_WAITING: frozenset[BankLineKind] = frozenset({"incoming", "refund_candidate"})


@dataclass(frozen=True, slots=True)
class Payer:
    """Who paid; of money that left us, who got it. As the sender says, where it does."""

    inn: str | None = None
    kpp: str | None = None
    account: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class LineKey:
    """How statements know a payment: a digest of what they say of it, and its place among equal
    ones of its file.
    """

    identity: bytes
    ordinal: int

    @property
    def external_id(self) -> str:
        """The sender's id under which it is recorded: the same in whatever file it comes."""
        return f"bank-{self.identity.hex()[:40]}-{self.ordinal}-1"


@dataclass(frozen=True, slots=True)
class InboundPayment:
    """A payment as its sender reports it.

    `external_id` is the sender's id, once in the tenant; `received_on` is the bank's day;
    `invoice_id` and `invoice_number` are named in fields of their own; `line` is set where a
    statement has it.
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
    kind: BankLineKind = "incoming"
    line: LineKey | None = None


def reported_kind(direction: PaymentDirection) -> BankLineKind:
    """What a payment is to us whose sender says only whether it came or went back."""
    return "incoming" if direction == "in" else "refund_candidate"


def direction_of(kind: BankLineKind) -> PaymentDirection:
    """The way of the money. What moved between our own accounts has none, and counts as `out`."""
    return "in" if kind == "incoming" else "out"


def first_state(kind: BankLineKind) -> InboundPaymentState:
    """The state of a new payment: what may concern a client waits, the rest is set aside."""
    return "unmatched" if kind in _WAITING else "set_aside"
