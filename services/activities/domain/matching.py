"""Which invoices a payment from outside pays: surely, probably, or none.

Sure is what may be booked without a person: the number in the purpose, the payer's INN and the sum
agree, and nothing else is meant.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.activities.domain.inbound_payments import InboundPayment
from services.activities.domain.invoice_mentions import Mention, find_mentions
from services.activities.domain.match_reasons import (
    Candidate,
    names,
    reasons_for,
    relation,
    score_of,
)
from shared.ids import ActivityId
from shared.paper_numbers import search_number
from shared.vocabulary import MatchCertainty, MatchReason

MOST = 10
"""Suggestions of a payment."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a payment, and the invoice that it pays; None where it names none."""

    activity_id: ActivityId
    invoice_id: UUID | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may be paid, and why; the shares are the whole payment."""

    shares: tuple[Share, ...]
    reasons: tuple[MatchReason, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The suggestions, the best first; a sure one is the only one."""

    certainty: MatchCertainty
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class _Meant:
    candidate: Candidate
    reasons: tuple[MatchReason, ...]

    @property
    def lacks_money_of_payer(self) -> bool:
        reasons = set(self.reasons)
        return "payer_inn" in reasons and reasons.isdisjoint({"paid", "cancelled"})


def mentions_of(payment: InboundPayment) -> tuple[Mention, ...]:
    """The numbers that a payment names, in a field of its own and in its purpose."""
    form = search_number(payment.invoice_number or "")
    mentions = find_mentions(payment.purpose)
    return (Mention(form), *mentions) if form else mentions


def match(payment: InboundPayment, candidates: Iterable[Candidate]) -> Match:
    """What `payment` pays among `candidates`, whatever their order.

    Money that went back is suggested only: whether a sale is reduced is for a person to say.
    """
    mentions = mentions_of(payment)
    meant = [
        _Meant(candidate, reasons)
        for candidate in sorted(candidates, key=_oldest)
        if (reasons := reasons_for(payment, mentions, candidate))
    ]
    if sure := _sure(payment, mentions, meant):
        return Match("sure", (_whole(payment, sure),))
    suggestions = [_whole(payment, each) for each in meant]
    if payment.direction == "in":
        suggestions += _splits(payment, mentions, meant)
    suggestions.sort(key=lambda suggestion: -score_of(suggestion.reasons))
    return Match("suggested" if suggestions else "none", tuple(suggestions[:MOST]))


def _oldest(candidate: Candidate) -> tuple[date, UUID]:
    return candidate.issued_on, candidate.invoice_id


def _whole(payment: InboundPayment, meant: _Meant) -> Suggestion:
    candidate = meant.candidate
    share = Share(candidate.activity_id, candidate.invoice_id, payment.amount.amount)
    return Suggestion((share,), meant.reasons)


def _sure(
    payment: InboundPayment, mentions: Sequence[Mention], meant: Sequence[_Meant]
) -> _Meant | None:
    if payment.direction == "out":
        return None
    if payment.invoice_id:
        by_id = [each for each in meant if "invoice_id" in each.reasons]
        return next((each for each in by_id if _is_surely_by_id(each)), None)
    named = _named(mentions, [each for each in meant if "payer_inn" in each.reasons])
    if len(named) == 1 and "sum" in named[0].reasons and "cancelled" not in named[0].reasons:
        return named[0]
    return None


def _is_surely_by_id(meant: _Meant) -> bool:
    """Who names the invoice by its id may pay a part of it; not for another payer."""
    reasons = set(meant.reasons)
    return reasons.isdisjoint({"other_payer", "cancelled"}) and not reasons.isdisjoint(
        {"sum", "part"}
    )


def _named(mentions: Sequence[Mention], meant: Sequence[_Meant]) -> list[_Meant]:
    """The invoices that the mentions name, in their order: of those with such an end the one with
    the very number, of those the one whose day stands with it.
    """
    named: dict[UUID, _Meant] = {}
    for mention in mentions:
        fitting = [each for each in meant if names(mention, each.candidate.form)]
        exact = [each for each in fitting if each.candidate.form == mention.form]
        fitting = exact or fitting
        of_day = [each for each in fitting if each.candidate.issued_on == mention.issued_on]
        named |= {each.candidate.invoice_id: each for each in of_day or fitting}
    return list(named.values())


def _splits(
    payment: InboundPayment, mentions: Sequence[Mention], meant: Sequence[_Meant]
) -> list[Suggestion]:
    """One payment for several invoices of its payer: those that it names, or without a number all
    that lack money, where they make up the sum.
    """
    lacking = [each for each in meant if each.lacks_money_of_payer]
    named = _named(mentions, lacking)
    parts = named or lacking
    dues = sum((each.candidate.due for each in parts), Decimal(0))
    amount = payment.amount.amount
    if len(parts) == 1 or (not named and dues != amount):
        return []
    shares = _filled([each.candidate for each in parts], amount)
    if len(shares) == 1:
        return []
    number: tuple[MatchReason, ...] = ("number",) if named else ()
    return [Suggestion(shares, (*number, "payer_inn", relation(amount, dues), "split"))]


def _filled(candidates: Sequence[Candidate], amount: Decimal) -> tuple[Share, ...]:
    """The amount over the invoices in their order, each up to what it lacks, the rest on the last
    that gets some.
    """
    shares: list[Share] = []
    left = amount
    for candidate in candidates:
        part = left if candidate is candidates[-1] else min(left, candidate.due)
        if part > 0:
            shares.append(Share(candidate.activity_id, candidate.invoice_id, part))
        left -= part
    return tuple(shares)
