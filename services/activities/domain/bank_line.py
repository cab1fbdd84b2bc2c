"""A line of a bank statement, and what may be done with it: booked as payments of invoices, taken
back, put aside.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.activities.domain.activity import Activity
from services.activities.domain.bank_refusals import (
    BankLineIsBooked,
    BankLineIsIgnored,
    BankLineIsUntouched,
    BankLineNotIncoming,
    InvoiceHasMoney,
    NothingProposed,
)
from shared.errors import Invalid, NotFound
from shared.ids import ActivityId, CompanyId
from shared.money import Money, total
from shared.vocabulary import BankLineKind, BankLineState, MatchReason

MOST_PARTS = 50


@dataclass(frozen=True, slots=True)
class LinePart:
    """A part of a line's money for an invoice, or for an activity's order as a whole. `payment_id`
    is what it was booked as; `was_claimed` where its seller had entered that payment before.
    """

    activity_id: ActivityId
    invoice_id: UUID | None
    amount: Money
    payment_id: UUID | None = None
    was_claimed: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """What matching would book a line as, and why."""

    parts: tuple[LinePart, ...]
    reasons: tuple[MatchReason, ...]


@dataclass(frozen=True, slots=True)
class BankLine:
    """A payment that the bank reports. `proposals` is what matching would book it as, the likeliest
    first, `parts` what it is booked as; `identity` and `ordinal` tell it from all others of the
    tenant.
    """

    id: UUID
    identity: bytes
    ordinal: int
    company_id: CompanyId
    kind: BankLineKind
    state: BankLineState
    amount: Money
    operation_on: date
    proposals: tuple[Proposal, ...] = ()
    parts: tuple[LinePart, ...] = ()
    reason: str | None = None

    def external_id(self, place: int) -> str:
        """The sender's id of the payment of the part at `place`, counted from 1: the same in
        whatever file the line comes, so that it is recorded once in the tenant.
        """
        return f"bank-{self.identity.hex()[:40]}-{self.ordinal}-{place}"


def parts_to_book(line: BankLine, chosen: Sequence[LinePart]) -> tuple[LinePart, ...]:
    """The parts as which a line is booked: those `chosen`, or the likeliest proposal; in the order
    of their activities, in which those are locked.

    Raises:
        BankLineIsBooked, BankLineIsIgnored: it was dealt with before.
        BankLineNotIncoming: no money of a client came by it.
        NothingProposed: none chosen, and matching proposes none.
        Invalid: the parts don't add up to the line, or one is there twice.
    """
    require_bookable(line)
    if not chosen:
        if not line.proposals:
            raise NothingProposed
        chosen = line.proposals[0].parts
    _require_distinct(chosen)
    for place, part in enumerate(chosen):
        if part.amount.currency != line.amount.currency:
            raise Invalid(
                f"parts.{place}.amount.currency", "line_currency", currency=line.amount.currency
            )
    whole = total((part.amount for part in chosen), line.amount.currency)
    if whole != line.amount:
        raise Invalid(
            "parts",
            "adds_up",
            amount={"amount": f"{line.amount.amount:.2f}", "currency": line.amount.currency},
        )
    return tuple(sorted(chosen, key=lambda part: part.activity_id))


def require_bookable(line: BankLine) -> None:
    """Raises `BankLineIsBooked`, `BankLineIsIgnored`, `BankLineNotIncoming`."""
    if line.state == "booked":
        raise BankLineIsBooked
    if line.kind != "incoming":
        raise BankLineNotIncoming
    if line.state == "ignored":
        raise BankLineIsIgnored


def booked(line: BankLine, parts: Sequence[LinePart]) -> BankLine:
    """The line with the payments as which it was booked."""
    return replace(line, state="booked", parts=tuple(parts), reason=None)


def ignored(line: BankLine, reason: str) -> BankLine:
    """The line, put aside. Raises `BankLineIsBooked`: its payments are to be taken back first."""
    if line.state == "booked":
        raise BankLineIsBooked
    return replace(line, state="ignored", reason=reason)


def undone(line: BankLine, reason: str) -> BankLine:
    """The line as one that waits for a person again, never booked by itself: somebody knew better.

    Raises `BankLineIsUntouched` where nothing was done with it.
    """
    if line.state not in ("booked", "ignored"):
        raise BankLineIsUntouched
    waiting: BankLineState = "suggested" if line.proposals else "unmatched"
    return replace(line, state=waiting, parts=(), reason=reason)


def require_place(activity: Activity, line: BankLine, part: LinePart, place: int) -> None:
    """Raises `NotFound` for an activity of another company, or an invoice of another activity."""
    if activity.company_id != line.company_id:
        raise NotFound("activity", f"parts.{place}.activity_id")
    if part.invoice_id and not any(
        invoice.id == part.invoice_id for invoice in activity.trade.invoices
    ):
        raise NotFound("invoice", f"parts.{place}.invoice_id")


def require_lacking(activity: Activity, part: LinePart) -> None:
    """Raises `InvoiceHasMoney` where the invoice no longer lacks this much, or is cancelled: what a
    match was sure of has changed since.
    """
    for invoice in activity.trade.invoices:
        if invoice.id == part.invoice_id and not invoice.cancelled:
            covered = activity.covered_by_invoice[invoice.id]
            if invoice.amount.amount - covered >= part.amount.amount:
                return
    raise InvoiceHasMoney


def _require_distinct(parts: Sequence[LinePart]) -> None:
    seen: set[tuple[UUID, UUID | None]] = set()
    for place, part in enumerate(parts):
        key = (part.activity_id, part.invoice_id)
        if key in seen:
            raise Invalid(f"parts.{place}", "distinct")
        seen.add(key)
