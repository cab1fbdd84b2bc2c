"""Payments from outside on the activities whose invoices they pay: several activities under lock,
changed one after the other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from services.activities.domain import booking, payments, refunds
from services.activities.domain.activity import DomainEvent
from services.activities.domain.inbound_payments import InboundPayment
from services.activities.domain.matching import Share
from services.activities.domain.payments import find_repeated
from services.activities.domain.trade import Payment, Refund
from services.activities.handlers.locked import caught_up
from services.activities.handlers.saving import Write, save_events
from services.activities.storage import locking
from services.activities.storage.inbound_decisions import Booking
from services.activities.storage.locking import LockedActivity
from services.activities.storage.payments import (
    save_with_payment,
    save_with_refund,
    save_without_refund,
)
from shared.clock import local_day, start_of_day
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import ActivityId, EmployeeId, new_id
from shared.money import Money
from shared.vocabulary import PaymentState

Snapshot = dict[ActivityId, LockedActivity]


class LockedActivities:
    """Activities locked in the order of their ids, as what was booked so far has left them."""

    def __init__(self, tx: Tx, locked: Iterable[LockedActivity]) -> None:
        self._tx = tx
        self._by_id = {each.stored.id: caught_up(each, tx.now) for each in locked}

    @classmethod
    async def lock(cls, tx: Tx, ids: Iterable[ActivityId]) -> "LockedActivities":
        """Locks those that are there."""
        return cls(tx, await locking.lock_many_for_payments(tx, sorted(set(ids))))

    def __contains__(self, activity_id: ActivityId) -> bool:
        return activity_id in self._by_id

    def __iter__(self) -> Iterator[LockedActivity]:
        return iter(list(self._by_id.values()))

    def get(self, activity_id: ActivityId, field: str | None = None) -> LockedActivity:
        """Raises `NotFound`, naming the `field` that held the id."""
        if activity_id not in self._by_id:
            raise NotFound("activity", field)
        return self._by_id[activity_id]

    def snapshot(self) -> Snapshot:
        """As they are now, for `reset`."""
        return dict(self._by_id)

    def reset(self, snapshot: Snapshot) -> None:
        """Takes them back to what they were, as a savepoint does in the database."""
        self._by_id = snapshot

    async def book(
        self,
        payment: InboundPayment,
        share: Share,
        external_id: str | None,
        by: EmployeeId | None,
    ) -> Booking:
        """Books a share of a payment under the sender's id.

        Raises `Invalid` for a day of long ago, and what `booking.book_payment` raises, or
        `refunds.record_refund` for money that went back.
        """
        book = self._book_payment if payment.direction == "in" else self._book_refund
        payment_id, was = await book(payment, share, external_id, by)
        return Booking(share.activity_id, share.invoice_id, payment_id, share.amount, was)

    async def unbook(
        self, payment: InboundPayment, booked: Booking, reason: str, by: EmployeeId | None
    ) -> None:
        """Strikes out what a booking made, a payment or a refund, and enters the claim again that
        it had confirmed.

        Raises `NotFound`, `AlreadyRefunded`.
        """
        locked = self.get(booked.activity_id)
        if payment.direction == "out":
            events = refunds.strike_refund(
                locked.activity,
                booked.payment_id,
                reason,
                locked.room_settings,
                locked.won_before,
                self._tx.now,
            )
            await self._save(locked, events, by, save_without_refund)
            return
        before = payments.find_payment(locked.activity, booked.payment_id)
        events = payments.strike_payment(
            locked.activity, before.id, reason, locked.room_settings, self._tx.now
        )
        if not events:
            return
        await self._save(locked, events, by, save_with_payment)
        if booked.was == "claimed":
            locked = self.get(booked.activity_id)
            own_id = None if before.external_id == payment.external_id else before.external_id
            events = booking.claim_again(
                locked.activity, before.id, own_id, locked.room_settings, self._tx.now
            )
            await self._save(locked, events, by, save_with_payment)

    async def _book_payment(
        self,
        payment: InboundPayment,
        share: Share,
        external_id: str | None,
        by: EmployeeId | None,
    ) -> tuple[UUID, PaymentState | None]:
        locked = self.get(share.activity_id)
        today = local_day(self._tx.now, locked.time_zone)
        payments.require_sane_day(payment.received_on, today, "received_on")
        paid = Payment(
            new_id(),
            _amount(payment, share),
            share.invoice_id,
            start_of_day(payment.received_on, locked.time_zone),
            external_id,
            "confirmed",
            payment.received_on,
            by,
        )
        events = booking.book_payment(
            locked.activity, paid, locked.room_settings, locked.won_before, self._tx.now
        )
        states = {earlier.id: earlier.state for earlier in locked.activity.trade.payments}
        if events:
            payment_id: UUID = events[0].details["payment_id"]
            await self._save(locked, events, by, save_with_payment)
        else:
            repeated = find_repeated(locked.activity.trade.payments, paid)
            assert repeated
            payment_id = repeated.id
        return payment_id, states.get(payment_id)

    async def _book_refund(
        self,
        payment: InboundPayment,
        share: Share,
        external_id: str | None,
        by: EmployeeId | None,
    ) -> tuple[UUID, PaymentState | None]:
        locked = self.get(share.activity_id)
        day = start_of_day(payment.received_on, locked.time_zone)
        refund = Refund(new_id(), _amount(payment, share), None, day, external_id)
        refunded = booking.payment_to_refund(locked.activity, refund, share.invoice_id)
        refund = replace(refund, payment_id=refunded)
        events = refunds.record_refund(
            locked.activity, refund, payment.purpose, locked.room_settings, self._tx.now
        )
        if not events:
            repeated = find_repeated(locked.activity.trade.refunds, refund)
            assert repeated
            return repeated.id, "confirmed"
        await self._save(locked, events, by, save_with_refund)
        return refund.id, None

    async def _save(
        self,
        locked: LockedActivity,
        events: Sequence[DomainEvent],
        by: EmployeeId | None,
        write: Write,
    ) -> None:
        all_events = [*locked.pending_events, *events]
        await save_events(self._tx, locked.stored, all_events, by, write)
        after = all_events[-1].after
        self._by_id[after.id] = replace(locked, stored=after, activity=after, pending_events=())
        if after.status == "won" and locked.stored.status != "won":
            self._by_id = {id_: _bought_before(each, locked) for id_, each in self._by_id.items()}


def _amount(payment: InboundPayment, share: Share) -> Money:
    return Money.build(amount=share.amount, currency=payment.amount.currency)


def _bought_before(each: LockedActivity, won: LockedActivity) -> LockedActivity:
    """The win of one activity makes the client's next one with the company a repeated sale."""
    mine, other = each.stored, won.stored
    same = (mine.company_id, mine.client_id) == (other.company_id, other.client_id)
    return replace(each, won_before=True) if same and mine.id != other.id else each
