"""Payments from outside entered, whoever tells of them: statements, senders by HTTP or on the bus.

One payment is one row, in whatever order it is told, also at the same moment: who enters holds its
company.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.activities.domain.inbound_payments import InboundPayment, first_state
from services.activities.domain.payment_identity import (
    KnownPayment,
    KnownPayments,
    fingerprint_of,
    told_by,
)
from services.activities.domain.payments import require_sane_day
from services.activities.domain.refusals import DuplicatePayment
from services.activities.storage import entered_payments, inbound_payments
from shared.clock import local_day
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid, NotFound
from shared.ids import EmployeeId, new_id
from shared.vocabulary import InboundPaymentState, MatchCertainty

Outcome = Literal["new", "known", "repeated"]
_NOTHING: Mapping[str, MatchCertainty] = {}


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a report: its payment is new, known from others, or was reported before by
    the same sender or the same line.
    """

    id: UUID
    outcome: Outcome
    state: InboundPaymentState


async def enter_payments(
    tx: Tx,
    payments: Sequence[InboundPayment],
    by: EmployeeId | None,
    certainties: Mapping[str, MatchCertainty] = _NOTHING,
) -> list[Entered]:
    """Enters payments that nobody has matched yet, each once in the tenant, in a few trips for all
    of them. `certainties` says how sure new ones are, by their senders' ids.

    Raises `NotFound` for a company, `Invalid` for another currency than the company's or a mistaken
    day, `DuplicatePayment` where the id came with another payment.
    """
    companies = await inbound_payments.lock_companies(
        tx, {payment.company_id for payment in payments}
    )
    for payment in payments:
        _check(tx, payment, companies)
    sender = f"{payments[0].origin}:{by}" if by else payments[0].origin
    reports = [payment.external_id for payment in payments if not payment.line]
    entry = _Entry(
        sender,
        await inbound_payments.find_known(tx, payments),
        await inbound_payments.find_reported(tx, reports),
    )
    entered = [entry.take(payment) for payment in payments]
    await entry.save(tx, certainties, by)
    return entered


class _Entry:
    """A batch of reports of one sender as it is entered."""

    def __init__(self, sender: str, known: KnownPayments, reported: Mapping[str, Row]) -> None:
        self._sender, self._known = sender, known
        self._reported = {id_: _Reported.of(row) for id_, row in reported.items()}
        self._new: list[tuple[KnownPayment, InboundPayment]] = []
        self._joined: list[tuple[UUID, InboundPayment]] = []
        self._reports: list[tuple[UUID, InboundPayment]] = []

    def take(self, payment: InboundPayment) -> Entered:
        """Raises `DuplicatePayment` where the sender's id came with another payment."""
        if not payment.line and payment.external_id in self._reported:
            return self._reported[payment.external_id].again(payment)
        known = self._known.find(payment, self._sender)
        if known and payment.line and known.line == payment.line:
            return Entered(known.id, "repeated", known.state)
        if known:
            self._joined.append((known.id, payment))
            return self._tell(known, payment, "known")
        fingerprint = fingerprint_of(payment)
        place = self._known.next_ordinal(fingerprint)
        new = KnownPayment(new_id(), first_state(payment.kind), fingerprint, place)
        self._new.append((new, payment))
        return self._tell(new, payment, "new")

    def _tell(self, known: KnownPayment, payment: InboundPayment, outcome: Outcome) -> Entered:
        self._known.put(told_by(known, payment, self._sender))
        if not payment.line:
            self._reports.append((known.id, payment))
            self._reported[payment.external_id] = _Reported(known.id, known.state, payment)
        return Entered(known.id, outcome, known.state)

    async def save(
        self, tx: Tx, certainties: Mapping[str, MatchCertainty], by: EmployeeId | None
    ) -> None:
        await entered_payments.add(tx, self._new, certainties, by)
        new = {known.id for known, _ in self._new}
        # Whoever decides on several payments locks them in this order too.
        await inbound_payments.lock(tx, sorted({id_ for id_, _ in self._joined} - new))
        await entered_payments.join(tx, self._joined)
        await entered_payments.add_reports(tx, self._reports, self._sender, by)


@dataclass(frozen=True, slots=True)
class _Reported:
    """What came under a sender's id before."""

    id: UUID
    state: InboundPaymentState
    payment: InboundPayment

    @classmethod
    def of(cls, row: Row) -> "_Reported":
        return cls(row["id"], row["state"], inbound_payments.payment_of(row))

    def again(self, payment: InboundPayment) -> Entered:
        """The same once more; its words may differ. Raises `DuplicatePayment`."""
        if any(
            getattr(payment, name) != getattr(self.payment, name)
            for name in ("company_id", "direction", "amount")
        ):
            raise DuplicatePayment
        return Entered(self.id, "repeated", self.state)


def _check(tx: Tx, payment: InboundPayment, companies: Mapping[UUID, Row]) -> None:
    company = companies.get(payment.company_id)
    if company is None:
        raise NotFound("company", "company_id")
    if payment.line:
        # The bank says so; a person is asked before it is booked.
        return
    if payment.amount.currency != company["currency"]:
        raise Invalid("amount.currency", "company_currency", currency=company["currency"])
    today = local_day(tx.now, company["time_zone"])
    require_sane_day(payment.received_on, today, "received_on")
