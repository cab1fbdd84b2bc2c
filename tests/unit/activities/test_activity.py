"""Invariants of an activity, whatever is done to it and in whatever order."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.activities.domain import (
    closing,
    delivery,
    invoicing,
    ordering,
    payments,
    progress,
    refunds,
    releasing,
    splitting,
    taking,
)
from services.activities.domain.activity import STAGES, Activity, DomainEvent
from services.activities.domain.refusals import AlreadyTaken
from services.activities.domain.registering import register
from services.activities.domain.room_options import RoomOptions
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.trade import Document, Invoice, Payment, Refund, Shipment
from services.activities.domain.vip_hold import VipHold
from services.activities.events import event_of, state_of
from shared.errors import Refusal
from shared.events import REGISTRY
from shared.ids import EmployeeId, new_id
from shared.vocabulary import DocumentState, PaymentState
from tests.support.activity_model import MAY_WIN, TradeModel
from tests.support.money import roubles
from tests.unit.activities.builders import ANNA, BORIS, NOW, a_line, a_registration
from tests.unit.activities.folded_events import FoldedEvents

sellers = st.sampled_from([ANNA, BORIS])
kopecks = st.integers(1, 30_000).map(
    lambda number: roubles(Decimal(number) / 100)
) | st.sampled_from([roubles(100), roubles(200)])
states: st.SearchStrategy[DocumentState] = st.sampled_from(["sent", "signed", "returned"])


class AnyActivity(RuleBasedStateMachine):
    """Folds the events beside the rules and compares what they add up to with the activity."""

    activity: Activity

    @initialize(
        delivered=st.booleans(),
        taker=st.none() | sellers,
        holder=st.none() | sellers,
        days=st.integers(0, 3),
    )
    def registered(
        self, delivered: bool, taker: EmployeeId | None, holder: EmployeeId | None, days: int
    ) -> None:
        options = RoomOptions(pause_for_invoices=days % 2 == 1)
        self.now, self.room_settings = NOW, RoomSettings(activity_reset_days=days, options=options)
        self.vip_hold = VipHold(holder, None) if holder else None
        registration = a_registration(a_line(delivered=delivered))
        self.version = 0
        self.folded = FoldedEvents(TradeModel(Decimal(1000), delivered))
        self.reopened_by_hand = False
        self.apply(register(registration, False, holder, taker, self.room_settings, self.now))

    def apply(self, events: list[DomainEvent]) -> None:
        for event in events:
            self.version += 1
            assert event.after.version == self.version, "one version an event, no holes"
            self.folded.add(event)
            self.assert_readable(event)
            self.activity = event.after
            if event.type in MAY_WIN:
                self.reopened_by_hand = False

    def assert_readable(self, event: DomainEvent) -> None:
        published = event_of(event, ANNA).to_json()
        assert REGISTRY[event.type].from_json(published).to_json() == published

    def attempt(self, function: Any, *arguments: Any) -> None:
        before = self.activity
        try:
            events = function(before, *arguments)
        except Refusal:
            assert self.activity is before
            return
        self.apply(events if isinstance(events, list) else [events])

    @rule(hours=st.integers(0, 48))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(seller=sellers)
    def take(self, seller: EmployeeId) -> None:
        if self.activity.status == "in_work":
            try:
                taking.take(
                    self.activity, seller, None, self.room_settings, self.vip_hold, self.now
                )
            except AlreadyTaken:
                return
            raise AssertionError("taken from somebody's hands")
        self.attempt(taking.take, seller, None, self.room_settings, self.vip_hold, self.now)

    @rule()
    def release(self) -> None:
        self.attempt(releasing.release, "причина", self.now)

    @rule(seller=st.none() | sellers)
    def assign(self, seller: EmployeeId | None) -> None:
        if seller is None:
            self.attempt(releasing.take_away)
        else:
            self.attempt(taking.assign, seller, self.room_settings, self.now)

    @rule()
    def sweep(self) -> None:
        due_at = self.activity.reset_due_at
        self.attempt(releasing.reset, self.now)
        assert not (due_at and due_at <= self.now and self.activity.status == "in_work"), (
            "late is late"
        )

    @rule(days=st.integers(0, 3))
    def change_room_settings(self, days: int) -> None:
        self.room_settings = RoomSettings(activity_reset_days=days)
        self.attempt(releasing.realign_deadline, self.room_settings)

    @rule(
        kind=st.sampled_from(["call", "note"]),
        promises=st.booleans(),
        step=st.sampled_from([None, "kept", "moved", "dropped"]),
    )
    def record_interaction(self, kind: str, promises: bool, step: str | None) -> None:
        self.attempt(
            progress.record_interaction,
            kind,
            None,
            ("дальше", self.now) if promises else None,
            self.room_settings,
            self.now,
            step,
        )

    @rule(amount=kopecks, due_in=st.none() | st.integers(-3, 30))
    def issue_invoice(self, amount: Any, due_in: int | None) -> None:
        due_on = None if due_in is None else self.now.date() + timedelta(days=due_in)
        invoice = Invoice(new_id(), amount, None, due_on, self.now)
        self.attempt(invoicing.issue_invoice, invoice, self.room_settings, self.now)

    @rule(price=st.sampled_from([0, 100, 300, 1000]), delivered=st.booleans())
    def change_order(self, price: int, delivered: bool) -> None:
        lines = (a_line(price, delivered=delivered),)
        self.attempt(ordering.change_order, lines, self.room_settings, False, self.now)

    @rule(which=st.integers(0, 5))
    def cancel_invoice(self, which: int) -> None:
        if which < len(self.activity.trade.invoices):
            invoice = self.activity.trade.invoices[which]
            after = "ошибка", self.room_settings, self.now
            self.attempt(invoicing.cancel_invoice, invoice.id, *after)

    @rule(
        amount=kopecks,
        external_id=st.none() | st.sampled_from(["a", "b"]),
        state=st.sampled_from(["claimed", "confirmed"]),
    )
    def record_payment(
        self, amount: Any, external_id: str | None, state: PaymentState = "confirmed"
    ) -> None:
        payment = Payment(new_id(), amount, None, self.now, external_id, state)
        self.attempt(payments.record_payment, payment, self.room_settings, False, self.now)

    @rule(which=st.integers(0, 5))
    def confirm_payment(self, which: int) -> None:
        if which < len(self.activity.trade.payments):
            payment_id = self.activity.trade.payments[which].id
            self.attempt(payments.confirm_payment, payment_id, self.room_settings, False, self.now)

    @rule(which=st.integers(0, 5))
    def strike_payment(self, which: int) -> None:
        if which < len(self.activity.trade.payments):
            payment_id = self.activity.trade.payments[which].id
            self.attempt(
                payments.strike_payment, payment_id, "ошибка", self.room_settings, self.now
            )

    @rule()
    def pay_what_is_missing(self) -> None:
        missing = self.activity.to_pay
        if missing.amount > 0:
            self.record_payment(missing, None)

    @rule(amount=kopecks, whole=st.booleans())
    def record_refund(self, amount: Any, whole: bool) -> None:
        paid = self.activity.paid.amount
        refund = Refund(
            new_id(),
            roubles(paid) if whole and paid else amount,
            None,
            self.now,
            None,
        )
        self.attempt(refunds.record_refund, refund, "брак", self.room_settings, self.now)

    @rule()
    def record_shipment(self) -> None:
        self.attempt(
            delivery.record_shipment,
            Shipment(new_id(), self.now.date()),
            None,
            self.room_settings,
            False,
            self.now,
        )

    @rule(state=states, number=st.sampled_from([None, "1", "2"]))
    def record_document(self, state: DocumentState, number: str | None) -> None:
        document = Document(state, self.now.date(), number)
        self.attempt(delivery.record_document, document, self.room_settings, False, self.now)

    @rule()
    def lose(self) -> None:
        self.attempt(closing.lose, closing.Loss("нет бюджета"), self.now)

    @rule(works=st.booleans())
    def reopen(self, works: bool) -> None:
        self.reopened_by_hand = self.reopened_by_hand or self.activity.status == "won"
        self.attempt(closing.reopen, works, self.room_settings, False, self.now)

    @rule(half=st.booleans())
    def split(self, half: bool) -> None:
        shares = (
            ((ANNA, Decimal("0.5")), (BORIS, Decimal("0.5"))) if half else ((BORIS, Decimal(1)),)
        )
        self.attempt(splitting.split, shares)

    @invariant()
    def only_an_activity_in_work_has_a_deadline_and_the_settings_put_it(self) -> None:
        if self.activity.status == "in_work":
            assert self.activity.responsible_id is not None
            assert self.activity.reset_due_at == self.room_settings.reset_due_at(
                self.activity.progress_at, self.activity.reset_paused_until
            )
        else:
            assert self.activity.reset_due_at is None
        if self.activity.status == "free":
            assert self.activity.responsible_id is None

    @invariant()
    def its_stage_is_one_of_its_status(self) -> None:
        assert self.activity.stage in STAGES[self.activity.status]

    @invariant()
    def the_events_add_up_to_the_activity(self) -> None:
        activity, trade = self.activity, self.folded.trade
        assert activity.responsible_id == self.folded.responsible_id
        for name in ("agreed", "invoiced", "paid", "claimed", "to_invoice"):
            assert getattr(activity, name).amount == getattr(trade, name) >= 0
        assert activity.documents_signed == trade.documents_signed
        assert (activity.covered and activity.fulfilled) == trade.complete
        assert trade.wins == (activity.status == "won")
        assert (activity.won_at is not None) == (activity.status == "won")

    @invariant()
    def it_is_won_when_paid_and_fulfilled_and_never_without_money(self) -> None:
        if self.activity.status in ("free", "in_work") and not self.reopened_by_hand:
            assert not self.folded.trade.complete, "should have been won"
        if self.activity.status == "won":
            assert self.activity.paid.amount > 0 or self.activity.agreed.amount == 0

    @invariant()
    def pay_is_shared_whole(self) -> None:
        if self.activity.responsible_id:
            assert sum(share.share for share in state_of(self.activity).shares) == 1


TestAnyActivity = AnyActivity.TestCase
TestAnyActivity.settings = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
