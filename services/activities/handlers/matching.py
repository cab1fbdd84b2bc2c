"""Payments from outside matched with the invoices that they pay, and the sure ones booked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.activities.domain.inbound_payments import InboundPayment
from services.activities.domain.matching import Match, Share, Suggestion, match
from services.activities.handlers.booking import LockedActivities
from services.activities.queries.match_candidates import Candidates, find_candidates
from services.activities.storage import inbound_payments as storage
from services.activities.storage.inbound_decisions import Decision, save_decisions
from services.activities.storage.payments import find_by_external_ids
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Refusal
from shared.ids import ActivityId, EmployeeId
from shared.vocabulary import InboundPaymentState, MatchCertainty

BOOKED = "booked"
"""The name of a booking in a payment's history."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What became of a payment that was matched."""

    id: UUID
    state: InboundPaymentState
    certainty: MatchCertainty


async def match_payments(tx: Tx, ids: Sequence[UUID], by: EmployeeId | None) -> list[Matched]:
    """Matches those of the payments that are unmatched, and books the sure ones; each by itself, so
    that one which is refused leaves the others.

    The invoices are looked at again once their activities are locked: of two payments of one
    invoice the second finds it paid.
    """
    rows = [row for row in await storage.lock(tx, ids) if row["state"] == "unmatched"]
    if not rows:
        return []
    await tx.read_clock()
    payments = [storage.payment_of(row) for row in rows]
    recorded = await find_by_external_ids(tx, [payment.external_id for payment in payments])
    books = _Books(tx, await find_candidates(tx, payments), recorded, by)
    await books.lock_for(payments)
    decisions = [
        await books.decide(row, payment) for row, payment in zip(rows, payments, strict=True)
    ]
    await save_decisions(tx, decisions, by)
    return [Matched(each.row["id"], each.state, each.certainty or "none") for each in decisions]


class _Books:
    """The invoices that a batch of payments may pay, and the payments that are recorded under their
    senders' ids.
    """

    def __init__(
        self, tx: Tx, candidates: Candidates, recorded: Iterable[Row], by: EmployeeId | None
    ) -> None:
        self._tx, self._candidates, self._by = tx, candidates, by
        self._recorded: Mapping[str, Row] = {row["external_id"]: row for row in recorded}
        self._locked = LockedActivities(tx, ())

    async def lock_for(self, payments: Iterable[InboundPayment]) -> None:
        """Locks the activities of what is sure by now, and takes them as they are then."""
        sure: list[ActivityId] = []
        for payment in payments:
            result = self._match(payment)
            if result.certainty == "sure":
                sure += [share.activity_id for share in result.suggestions[0].shares]
        self._locked = await LockedActivities.lock(self._tx, sure)
        for locked in self._locked:
            if locked.stored.id in self._candidates.clients:
                self._candidates.refresh(locked.activity, locked.time_zone)

    async def decide(self, row: Row, payment: InboundPayment) -> Decision:
        """Books a payment that is sure; of the others it is kept how sure they are."""
        result = self._match(payment)
        if result.certainty != "sure":
            return Decision(row, "unmatched", result.certainty)
        (suggestion,) = result.suggestions
        snapshot = self._locked.snapshot()
        try:
            async with self._tx.savepoint():
                return await self._book(row, payment, suggestion)
        except (Refusal, asyncpg.UniqueViolationError):
            self._locked.reset(snapshot)
            return Decision(row, "unmatched", "suggested")

    async def _book(self, row: Row, payment: InboundPayment, suggestion: Suggestion) -> Decision:
        (share,) = suggestion.shares
        booked = await self._locked.book(payment, share, payment.external_id, self._by)
        locked = self._locked.get(share.activity_id)
        if locked.stored.id in self._candidates.clients:
            self._candidates.refresh(locked.activity, locked.time_zone)
        details = {"reasons": list(suggestion.reasons)}
        return Decision(row, "booked", "sure", BOOKED, details=details, bookings=[booked])

    def _match(self, payment: InboundPayment) -> Match:
        """What is recorded under the sender's id is that payment, or else no other is booked under
        it.
        """
        result = match(payment, self._candidates.of(payment))
        recorded = self._recorded.get(payment.external_id)
        if recorded is None:
            return result
        if _is_recorded(payment, recorded):
            share = Share(recorded["activity_id"], recorded["invoice_id"], payment.amount.amount)
            return Match("sure", (Suggestion((share,), ("external_id",)),))
        if result.certainty == "sure":
            return Match("suggested", result.suggestions)
        return result


def _is_recorded(payment: InboundPayment, recorded: Row) -> bool:
    return payment.direction == "in" and (
        recorded["company_id"],
        recorded["amount"],
        recorded["currency"],
    ) == (payment.company_id, payment.amount.amount, payment.amount.currency)
