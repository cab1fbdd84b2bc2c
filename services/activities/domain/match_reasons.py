"""What speaks for an invoice as the one that a payment pays, and what is to be known of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.activities.domain.inbound_payments import InboundPayment
from services.activities.domain.invoice_mentions import Mention
from shared.ids import ActivityId, CompanyId
from shared.vocabulary import MatchReason

_SCORES: dict[MatchReason, int] = {
    "invoice_id": 10,
    "number": 8,
    "number_end": 6,
    "payer_inn": 5,
    "sum": 4,
    "issue_day": 1,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An invoice: `form` is its number as `search_number` has it, `issued_on` the company's day,
    `due` what it lacks, `paid` what covers it.
    """

    invoice_id: UUID
    activity_id: ActivityId
    company_id: CompanyId
    form: str
    issued_on: date
    client_inn: str | None
    currency: str
    due: Decimal
    paid: Decimal
    cancelled: bool = False


def score_of(reasons: Iterable[MatchReason]) -> int:
    """How much the reasons say together."""
    return sum(_SCORES.get(reason, 0) for reason in reasons)


def reasons_for(
    payment: InboundPayment, mentions: Sequence[Mention], candidate: Candidate
) -> tuple[MatchReason, ...]:
    """The reasons, empty where the candidate is not meant: an invoice is meant by two of number,
    payer and sum, or by the payer alone while it lacks money.
    """
    is_ours = candidate.company_id == payment.company_id
    if not is_ours or candidate.currency != payment.amount.currency:
        return ()
    reasons = [
        *_number(payment, mentions, candidate),
        _payer(payment, candidate),
        _sum(payment, candidate),
    ]
    if candidate.cancelled:
        reasons.append("cancelled")
    return tuple(reasons) if _is_meant(payment, reasons) else ()


def names(mention: Mention, form: str) -> bool:
    """Whether a mention is of that number, with or without its prefix."""
    return mention.form == form or _is_end(mention.form, form)


def _is_meant(payment: InboundPayment, reasons: Sequence[MatchReason]) -> bool:
    if payment.direction == "out" and "overpaid" in reasons:
        return False
    if "invoice_id" in reasons:
        return True
    if "payer_inn" in reasons:
        is_named = "number" in reasons or "number_end" in reasons
        return is_named or not {"paid", "cancelled"}.intersection(reasons)
    return "number" in reasons and "sum" in reasons


def _number(
    payment: InboundPayment, mentions: Sequence[Mention], candidate: Candidate
) -> list[MatchReason]:
    reasons: list[MatchReason] = []
    if payment.invoice_id == candidate.invoice_id:
        reasons.append("invoice_id")
    meant = [mention for mention in mentions if names(mention, candidate.form)]
    if any(mention.form == candidate.form for mention in meant):
        reasons.append("number")
    elif meant:
        reasons.append("number_end")
    if any(mention.issued_on == candidate.issued_on for mention in meant):
        reasons.append("issue_day")
    return reasons


def _is_end(form: str, other: str) -> bool:
    """Whether one number is the other without its prefix."""
    shorter, longer = sorted((form, other), key=len)
    return bool(shorter) and longer.endswith(f"-{shorter}")


def _payer(payment: InboundPayment, candidate: Candidate) -> MatchReason:
    if not payment.payer.inn or not candidate.client_inn:
        return "payer_unknown"
    return "payer_inn" if payment.payer.inn == candidate.client_inn else "other_payer"


def _sum(payment: InboundPayment, candidate: Candidate) -> MatchReason:
    """The payment beside what the invoice lacks; of money that went back, beside what was paid."""
    amount = payment.amount.amount
    if payment.direction == "in" and candidate.due == 0:
        return "paid"
    return relation(amount, candidate.due if payment.direction == "in" else candidate.paid)


def relation(amount: Decimal, whole: Decimal) -> MatchReason:
    """How an amount stands to the whole that it should be."""
    if amount == whole:
        return "sum"
    return "part" if amount < whole else "overpaid"
