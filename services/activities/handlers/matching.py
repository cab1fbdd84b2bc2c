"""Payments from outside matched with the invoices that they pay, and the sure ones booked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from shared.db.transaction import Row, VersionConflict
from shared.errors import Refusal, Unavailable
from shared.ids import ActivityId, EmployeeId
from shared.vocabulary import InboundPaymentState, MatchCertainty

BOOKED = "booked"
"""The name of a booking in a payment's history."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What became of a payment that was matched; `was_sure` before, and the `refusal` that kept it
    from being booked, where a rule did.
    """

    id: UUID
    state: InboundPaymentState
    certainty: MatchCertainty
    was_sure: bool
    refusal: Refusal | None = None


def _always(_: Row) -> bool:
    return True


async def match_payments(
    tx: Tx,
    ids: Sequence[UUID],
    by: EmployeeId | None,
    books: Callable[[Row], bool] = _always,
) -> list[Matched]:
    """Matches those of the payments that wait and on which nothing was decided yet, and books the
    sure ones that `books` lets; each by itself, so that one which is refused leaves the others.

    The invoices are looked at again once their activities are locked: of two payments of one
    invoice the second finds it paid.
    """
    rows = [row for row in await storage.lock(tx, ids) if _is_undecided(row)]
    if not rows:
        return []
    await tx.read_clock()
    payments = [storage.payment_of(row) for row in rows]
    recorded = await find_by_external_ids(tx, [payment.external_id for payment in payments])
    matcher = Matcher(tx, await find_candidates(tx, payments), recorded, by)
    placed = list(zip(rows, payments, strict=True))
    await matcher.lock_for([payment for row, payment in placed if books(row)])
    decisions = [await matcher.decide(row, payment, books(row)) for row, payment in placed]
    await save_decisions(tx, decisions, by)
    return [
        Matched(
            decision.row["id"],
            decision.state,
            decision.certainty or "none",
            decision.row["certainty"] == "sure",
            matcher.refusals.get(decision.row["id"]),
        )
        for decision in decisions
    ]


async def judge(tx: Tx, payment: InboundPayment) -> Match:
    """What a payment may pay, as the invoices are now; nothing is locked."""
    candidates = await find_candidates(tx, [payment])
    return match(payment, candidates.of(payment))


def _is_undecided(row: Row) -> bool:
    """Whoever undid or restored it knew better: it is for a person from then on."""
    return bool(row["state"] == "unmatched" and row["version"] == 1)


class Matcher:
    """The invoices that a batch of payments may pay, and the payments that are recorded under their
    senders' ids. `refusals` are those of rules that kept sure ones from being booked.
    """

    def __init__(
        self, tx: Tx, candidates: Candidates, recorded: Iterable[Row], by: EmployeeId | None
    ) -> None:
        self._tx, self._candidates, self._by = tx, candidates, by
        self._recorded: Mapping[str, Row] = {row["external_id"]: row for row in recorded}
        self._locked = LockedActivities(tx, ())
        self.refusals: dict[UUID, Refusal] = {}

    async def lock_for(self, payments: Iterable[InboundPayment]) -> None:
        """Locks the activities of what is sure by now, and takes them as they are then."""
        sure: list[ActivityId] = []
        for payment in payments:
            result = self.match(payment)
            if result.certainty == "sure":
                sure += [share.activity_id for share in result.suggestions[0].shares]
        self._locked = await LockedActivities.lock(self._tx, sure)
        for locked in self._locked:
            if locked.stored.id in self._candidates.clients:
                self._candidates.refresh(locked.activity, locked.time_zone)

    async def decide(self, row: Row, payment: InboundPayment, books: bool) -> Decision:
        """Books a payment that is sure, if it is to be; of the others it is kept how sure they are.

        Raises `Unavailable`, `VersionConflict`: the whole may be tried again.
        """
        result = self.match(payment)
        if result.certainty != "sure" or not books:
            return Decision(row, "unmatched", result.certainty)
        (suggestion,) = result.suggestions
        snapshot = self._locked.snapshot()
        try:
            async with self._tx.savepoint():
                return await self._book(row, payment, suggestion)
        except (Unavailable, VersionConflict):
            raise
        except Refusal as refusal:
            self.refusals[row["id"]] = refusal
        except asyncpg.UniqueViolationError:
            pass
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

    def match(self, payment: InboundPayment) -> Match:
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
