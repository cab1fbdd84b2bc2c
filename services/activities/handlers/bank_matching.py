"""Matches documents of bank statements with invoices: a batch is one look at the database."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.activities.domain.bank_document import BankDocument, currency_of
from services.activities.domain.bank_line import LinePart, Proposal
from services.activities.domain.inbound_payments import InboundPayment, Payer
from services.activities.domain.matching import Match, Suggestion, match
from services.activities.queries.match_candidates import find_candidates
from services.activities.storage.inbound_payments import find_reported
from shared.db import Tx
from shared.ids import CompanyId
from shared.money import Money
from shared.vocabulary import BankLineKind, BankLineState, MatchCertainty

_STATES: dict[MatchCertainty, BankLineState] = {
    "sure": "sure",
    "suggested": "suggested",
    "none": "unmatched",
}


REPORTED = "Платёж уже сообщён другой системой: {}"
"""Why a line is put aside, as accountants read it; the sender's id of the report."""


@dataclass(frozen=True, slots=True)
class OwnDocument:
    """A document of a statement as one of a company's: what it is to it, and which account of the
    company's it moved.
    """

    document: BankDocument
    company_id: CompanyId
    account: str
    kind: BankLineKind

    @property
    def amount(self) -> Money:
        return Money.build(amount=self.document.amount, currency=currency_of(self.account))


@dataclass(frozen=True, slots=True)
class Matched:
    """What is to be done with a line, and as what it would be booked."""

    state: BankLineState
    proposals: tuple[Proposal, ...] = ()
    reason: str | None = None


async def match_documents(tx: Tx, documents: Sequence[OwnDocument]) -> list[Matched]:
    """A match for each document, in their order. Money that came is matched with invoices; what may
    have gone back to a client waits for a person; the rest is put aside, and so is what an ERP or a
    partner has reported before (`POST /inbound/payments`).
    """
    payments = {
        place: _payment_of(own) for place, own in enumerate(documents) if own.kind == "incoming"
    }
    candidates = await find_candidates(tx, payments.values())
    reported = dict(zip(payments, await find_reported(tx, list(payments.values())), strict=True))
    matched = []
    for place, own in enumerate(documents):
        if payment := payments.get(place):
            result = _matched(own, match(payment, candidates.of(payment)))
            if external_id := reported[place]:
                result = Matched("ignored", result.proposals, REPORTED.format(external_id))
            matched.append(result)
        else:
            is_waiting = own.kind == "refund_candidate"
            matched.append(Matched("unmatched" if is_waiting else "ignored"))
    return matched


def _payment_of(own: OwnDocument) -> InboundPayment:
    document = own.document
    payer = document.payer
    return InboundPayment(
        origin="statement",
        external_id=document.identity.hex(),
        company_id=own.company_id,
        direction="in",
        amount=own.amount,
        received_on=document.operation_on,
        payer=Payer(payer.inn, payer.kpp, payer.account, payer.name),
        purpose=document.purpose,
        document_number=document.number,
        document_on=document.document_on,
        own_account=own.account,
    )


def _matched(own: OwnDocument, outcome: Match) -> Matched:
    proposals = tuple(_proposal(own, suggestion) for suggestion in outcome.suggestions)
    return Matched(_STATES[outcome.certainty], proposals)


def _proposal(own: OwnDocument, suggestion: Suggestion) -> Proposal:
    currency = own.amount.currency
    parts = tuple(
        LinePart(
            share.activity_id,
            share.invoice_id,
            Money.build(amount=share.amount, currency=currency),
        )
        for share in suggestion.shares
    )
    return Proposal(parts, suggestion.reasons)
