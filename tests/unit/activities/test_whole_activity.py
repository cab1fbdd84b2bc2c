"""Whatever is done to an activity, in whatever order: what always holds."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.activities.domain import closing, taking, trading
from services.activities.domain.activity import (
    STAGES,
    Activity,
    Document,
    DomainEvent,
    Invoice,
    Payment,
    Refund,
    Shipment,
)
from services.activities.domain.refusals import AlreadyTaken
from services.activities.domain.registering import Request, register
from services.activities.domain.room_settings import RoomSettings
from services.activities.events import fact_of, state_of
from shared.errors import Refusal
from shared.events import REGISTRY
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, RoomId, SourceId, new_id
from shared.vocabulary import DocumentState
from tests.unit.activities.deals import ANNA, BORIS, NOW, a_line, rub

sellers = st.sampled_from([ANNA, BORIS])
kopecks = st.integers(1, 30_000).map(lambda number: rub(Decimal(number) / 100)) | st.sampled_from(
    [rub(100), rub(200)]
)
states: st.SearchStrategy[DocumentState] = st.sampled_from(["sent", "signed", "returned"])


class AnyActivity(RuleBasedStateMachine):
    """Folds the facts beside the rules, so that what was said can be compared with what is."""

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
        self.now, self.room_settings, self.holder = (
            NOW,
            RoomSettings(activity_reset_days=days),
            holder,
        )
        ids = (
            ActivityId(new_id()),
            CompanyId(new_id()),
            RoomId(new_id()),
            ClientId(new_id()),
            SourceId(new_id()),
        )
        request = Request(*ids, "cold", "RUB", (a_line(delivered=delivered),), None, ANNA)
        self.version = 0
        self.responsible: EmployeeId | None = None
        self.received = self.returned = self.invoiced = Decimal(0)
        self.wins, self.reopened_by_hand = 0, False
        self.happen(register(request, False, holder, taker, self.room_settings, self.now))

    def happen(self, events: list[DomainEvent]) -> None:
        for each in events:
            self.version += 1
            assert each.after.version == self.version, "one version a fact, no holes"
            self.fold(each)
            self.readable(each)
            self.activity = each.after

    def fold(self, each: DomainEvent) -> None:
        details = each.details
        match each.what:
            case "activity.taken":
                self.responsible = details["responsible"]
            case "activity.released" | "activity.reset":
                assert details["former"] == self.responsible
                self.responsible = None
            case "activity.reopened":
                self.responsible = each.after.responsible
            case "invoice.issued":
                self.invoiced += details["amount"].amount
            case "invoice.cancelled":
                self.invoiced -= details["amount"].amount
            case "payment.received":
                self.received += details["amount"].amount
            case "payment.refunded":
                self.returned += details["amount"].amount
            case "activity.won":
                self.wins += 1
            case "activity.win_reversed":
                self.wins -= 1
        if each.what != "activity.win_reversed":
            self.reopened_by_hand = (
                False if each.what in MONEY_OR_DOCUMENTS else self.reopened_by_hand
            )

    def readable(self, each: DomainEvent) -> None:
        fact = fact_of(each, ANNA)
        assert REGISTRY[each.what].from_json(fact.to_json()).to_json() == fact.to_json(), (
            "what we say can be read back"
        )

    def attempt(self, function: Any, *arguments: Any) -> None:
        before = self.activity
        try:
            events = function(*arguments)
        except Refusal:
            assert self.activity is before
            return
        self.happen(events if isinstance(events, list) else [events])

    @rule(hours=st.integers(0, 48))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(seller=sellers)
    def take(self, seller: EmployeeId) -> None:
        if self.activity.status == "in_work":
            try:
                taking.take(self.activity, seller, None, self.room_settings, self.holder, self.now)
            except AlreadyTaken:
                return
            raise AssertionError("taken from somebody's hands")
        self.attempt(
            taking.take, self.activity, seller, None, self.room_settings, self.holder, self.now
        )

    @rule()
    def release(self) -> None:
        self.attempt(taking.release, self.activity, "причина", self.now)

    @rule(seller=st.none() | sellers)
    def assign(self, seller: EmployeeId | None) -> None:
        if seller is None:
            self.attempt(taking.take_away, self.activity, self.now)
        else:
            self.attempt(taking.assign, self.activity, seller, self.room_settings, self.now)

    @rule()
    def sweep(self) -> None:
        due_at = self.activity.reset_due_at
        self.attempt(taking.reset, self.activity, self.now)
        assert not (due_at and due_at <= self.now and self.activity.status == "in_work"), (
            "late is late"
        )

    @rule(days=st.integers(0, 3))
    def change_numbers(self, days: int) -> None:
        self.room_settings = RoomSettings(activity_reset_days=days)
        self.attempt(taking.move_deadline, self.activity, self.room_settings)

    @rule(kind=st.sampled_from(["call", "note"]))
    def record_interaction(self, kind: str) -> None:
        self.attempt(
            trading.record_interaction,
            self.activity,
            kind,
            None,
            ("дальше", self.now),
            self.room_settings,
            self.now,
        )

    @rule(amount=kopecks)
    def issue_invoice(self, amount: Any) -> None:
        invoice = Invoice(new_id(), amount, None, None, self.now)
        self.attempt(
            trading.issue_invoice, self.activity, invoice, self.room_settings, False, self.now
        )

    @rule(which=st.integers(0, 5))
    def cancel_invoice(self, which: int) -> None:
        if which < len(self.activity.trade.invoices):
            invoice = self.activity.trade.invoices[which]
            self.attempt(
                trading.cancel_invoice, self.activity, invoice.id, "ошибка", False, self.now
            )

    @rule(amount=kopecks, external_id=st.none() | st.sampled_from(["a", "b"]))
    def receive(self, amount: Any, external_id: str | None) -> None:
        payment = Payment(new_id(), amount, None, self.now, external_id)
        self.attempt(trading.receive, self.activity, payment, self.room_settings, False, self.now)

    @rule()
    def receive_what_is_missing(self) -> None:
        missing = self.activity.invoiced - self.activity.paid
        if missing.amount > 0:
            self.receive(missing, None)

    @rule(amount=kopecks, whole=st.booleans())
    def refund(self, amount: Any, whole: bool) -> None:
        refund = Refund(
            new_id(),
            self.activity.paid if whole and self.activity.paid.amount else amount,
            None,
            self.now,
            None,
        )
        self.attempt(trading.refund, self.activity, refund, "брак", self.room_settings, self.now)

    @rule()
    def ship(self) -> None:
        self.attempt(
            trading.ship,
            self.activity,
            Shipment(new_id(), self.now.date()),
            None,
            self.room_settings,
            self.now,
        )

    @rule(state=states)
    def record_document(self, state: DocumentState) -> None:
        document = Document(state, self.now.date(), None)
        self.attempt(
            trading.record_document, self.activity, document, self.room_settings, False, self.now
        )

    @rule()
    def lose(self) -> None:
        self.attempt(closing.lose, self.activity, "нет бюджета")

    @rule(works=st.booleans())
    def reopen(self, works: bool) -> None:
        self.reopened_by_hand = self.reopened_by_hand or self.activity.status == "won"
        self.attempt(closing.reopen, self.activity, works, self.room_settings, self.now)

    @rule(half=st.booleans())
    def split(self, half: bool) -> None:
        shares = (
            [(ANNA, Decimal("0.5")), (BORIS, Decimal("0.5"))] if half else [(BORIS, Decimal(1))]
        )
        self.attempt(closing.split, self.activity, shares)

    @invariant()
    def exactly_what_is_worked_has_one_responsible_and_a_deadline_by_the_numbers(self) -> None:
        if self.activity.status == "in_work":
            assert self.activity.responsible is not None
            assert self.activity.reset_due_at == self.room_settings.reset_due(
                self.activity.progress_at
            )
        else:
            assert self.activity.reset_due_at is None
        if self.activity.status == "free":
            assert self.activity.responsible is None

    @invariant()
    def its_stage_is_one_of_its_status(self) -> None:
        assert self.activity.stage in STAGES[self.activity.status]

    @invariant()
    def what_was_said_adds_up_to_what_is(self) -> None:
        assert self.activity.responsible == self.responsible
        assert self.activity.paid.amount == self.received - self.returned >= 0
        assert self.activity.invoiced.amount == self.invoiced >= 0
        assert self.wins == (self.activity.status == "won")
        assert (self.activity.won_at is not None) == (self.activity.status == "won")

    @invariant()
    def it_is_won_by_itself_when_covered_and_signed_and_never_without_money(self) -> None:
        enough = self.activity.covered and (
            self.activity.documents_signed or not self.activity.delivered
        )
        if self.activity.status == "in_work" and not self.reopened_by_hand:
            assert not enough, "should have been won"
        if self.activity.status == "won":
            assert self.activity.paid.amount > 0
        if self.activity.status == "lost":
            assert self.activity.paid.amount == 0

    @invariant()
    def pay_is_shared_whole(self) -> None:
        if self.activity.status in ("in_work", "won"):
            assert sum(share.share for share in state_of(self.activity).shares) == 1


MONEY_OR_DOCUMENTS = {
    "invoice.issued",
    "invoice.cancelled",
    "payment.received",
    "documents.sent",
    "documents.signed",
    "documents.returned",
}

TestAnyActivity = AnyActivity.TestCase
TestAnyActivity.settings = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
