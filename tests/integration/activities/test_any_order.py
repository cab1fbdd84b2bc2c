"""Whatever comes in whatever order: the handlers, their rows and their events agree with a small
model that knows the facts alone, and nothing is won twice.
"""

import asyncio
from collections.abc import Coroutine
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from shared.ids import new_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.followed import Followed, Sent, Stage, assert_agrees
from tests.integration.activities.tenant import User
from tests.support.activity_model import ActivityModel, TradeModel
from tests.support.money import rub

either = st.integers(0, 1)
# Facts of one activity meet; the other is there for what concerns both.
mostly_first = st.sampled_from([0, 0, 0, 1])
positions = st.integers(0, 2)
amounts = st.sampled_from([300, 700, 1000])
numbers = st.sampled_from([None, "1"])
papers = st.sampled_from(["sent", "signed", "returned"])


class AnyOrder(RuleBasedStateMachine):
    """Two activities of two clients, who may turn out to be one."""

    stage: ClassVar[Stage]
    loop: ClassVar[asyncio.AbstractEventLoop]

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    @initialize(delivered=st.lists(st.booleans(), min_size=2, max_size=2), taken=st.booleans())
    def register(self, delivered: list[bool], taken: bool) -> None:
        self.prefix = str(new_id())
        self.senders: dict[str, Sent] = {}
        self.followed: list[Followed] = []
        for is_delivered in delivered:
            seller = self.stage.sellers[0]
            registered = self.run(self.stage.register(seller, is_delivered, taken))
            model = ActivityModel(TradeModel(Decimal(1000), is_delivered))
            if taken:
                model.assign(str(seller.id))
            self.followed.append(Followed(registered["id"], registered["client"]["id"], model))

    def attempt(
        self, user: User, which: int, path: str, refusal: str | None, **body: Any
    ) -> dict[str, Any] | None:
        """The response to what the model admits; None for what it refuses, and so must be."""
        followed = self.followed[which]
        response = self.run(
            self.stage.tenant.call(
                user,
                "PUT" if path == "order" else "POST",
                f"/activities/{followed.id}/{path}",
                body or None,
            )
        )
        assert response.code == (refusal or ""), (path, body, response)
        return None if refusal else response.body

    def agree(self, which: int, view: dict[str, Any] | None) -> None:
        if view is not None:
            assert_agrees(view, self.followed[which])

    def model(self, which: int) -> ActivityModel:
        return self.followed[which].model

    @rule(which=mostly_first, seller=either)
    def take(self, which: int, seller: int) -> None:
        user = self.stage.sellers[seller]
        refusal = self.model(which).take(str(user.id))
        self.agree(which, self.attempt(user, which, "take", refusal))

    @rule(which=mostly_first)
    def release(self, which: int) -> None:
        model = self.model(which)
        sellers = [user for user in self.stage.sellers if str(user.id) == model.responsible]
        user = sellers[0] if sellers else self.stage.sellers[0]
        refusal = model.assign(None)
        self.agree(which, self.attempt(user, which, "release", refusal, reason="Не моё"))

    @rule(which=mostly_first, seller=st.none() | either)
    def assign(self, which: int, seller: int | None) -> None:
        employee_id = None if seller is None else str(self.stage.sellers[seller].id)
        refusal = self.model(which).assign(employee_id)
        body = {"employee_id": employee_id}
        self.agree(which, self.attempt(self.stage.admin, which, "assign", refusal, **body))

    @rule(which=mostly_first, room=either)
    def move(self, which: int, room: int) -> None:
        body = {"room_id": str(self.stage.rooms[room]), "reason": "Ближе"}
        refusal = self.model(which).move()
        view = self.attempt(self.stage.admin, which, "move", refusal, **body)
        if view:
            assert view["room_id"] == body["room_id"]
        self.agree(which, view)

    @rule(which=mostly_first, kind=st.sampled_from(["call", "note"]))
    def interact(self, which: int, kind: str) -> None:
        refusal = self.model(which).interact()
        self.agree(which, self.attempt(self.stage.admin, which, "interactions", refusal, kind=kind))

    @rule(which=mostly_first, price=st.sampled_from([0, 300, 1000]), delivered=st.booleans())
    def change_order(self, which: int, price: int, delivered: bool) -> None:
        model = self.model(which)
        refusal = model.change_order()
        line = {
            "product_id": self.stage.products[delivered],
            "quantity": 1,
            "price": rub(price),
        }
        view = self.attempt(self.stage.admin, which, "order", refusal, products=[line])
        if view:
            model.trade.delivered = delivered
            model.follow("order.changed", {"after": [line]})
        self.agree(which, view)

    @rule(which=mostly_first, amount=amounts)
    def issue_invoice(self, which: int, amount: int) -> None:
        model = self.model(which)
        refusal = model.issue_invoice(Decimal(amount))
        view = self.attempt(self.stage.admin, which, "invoices", refusal, amount=rub(amount))
        if view:
            invoice_id = view["created"]["invoice_id"]
            self.followed[which].invoices.append(invoice_id)
            model.follow("invoice.issued", {"invoice_id": invoice_id, "amount": rub(amount)})
        self.agree(which, view)

    @rule(which=mostly_first, position=positions)
    def cancel_invoice(self, which: int, position: int) -> None:
        model, invoices = self.model(which), self.followed[which].invoices
        if not invoices:
            return
        invoice_id = invoices[-1 - position % len(invoices)]
        refusal = model.cancel_invoice(invoice_id)
        path = f"invoices/{invoice_id}/cancel"
        view = self.attempt(self.stage.admin, which, path, refusal, reason="Ошибка")
        if view:
            model.cancelled.add(invoice_id)
            model.follow("invoice.cancelled", {"invoice_id": invoice_id})
        self.agree(which, view)

    @rule(which=mostly_first, amount=amounts, confirmed=st.booleans(), sender=st.none() | either)
    def pay(self, which: int, amount: int, confirmed: bool, sender: int | None) -> None:
        model, key = self.model(which), f"{self.prefix}-{sender}"
        body: dict[str, Any] = {"amount": rub(amount)}
        earlier = None
        if sender is not None:
            body["external_id"] = key
            earlier = self.senders.get(key)
        differs = earlier and (earlier.which != which or earlier.amount != amount)
        refusal = "duplicate_payment" if differs else None
        user = self.stage.accountant if confirmed else self.stage.admin
        view = self.attempt(user, which, "payments", refusal, **body)
        if view:
            payment_id = earlier.payment_id if earlier else view["created"]["payment_id"]
            if earlier is None:
                self.followed[which].payments.append(payment_id)
            if sender is not None:
                self.senders[key] = Sent(which, payment_id, amount)
            self._receive(model, payment_id, amount, confirmed)
        self.agree(which, view)

    def _receive(self, model: ActivityModel, payment_id: str, amount: Any, confirmed: bool) -> None:
        details = {"payment_id": payment_id, "amount": rub(amount)}
        if payment_id in model.trade.receipts:
            return
        if confirmed:
            model.follow("payment.received", details)
        elif payment_id not in model.trade.claims:
            model.follow("payment.claimed", details)

    @rule(which=mostly_first)
    def pay_what_is_missing(self, which: int) -> None:
        trade = self.model(which).trade
        if trade.agreed > trade.paid:
            self.pay(which, int(trade.agreed - trade.paid), True, None)

    @rule(which=mostly_first, position=positions)
    def confirm(self, which: int, position: int) -> None:
        model, payments = self.model(which), self.followed[which].payments
        if not payments:
            return
        payment_id = payments[-1 - position % len(payments)]
        refusal = model.confirm(payment_id)
        path = f"payments/{payment_id}/confirm"
        view = self.attempt(self.stage.accountant, which, path, refusal)
        if view and payment_id in model.trade.claims:
            self._receive(model, payment_id, int(model.trade.claims[payment_id]), True)
        self.agree(which, view)

    @rule(which=mostly_first, position=positions)
    def strike(self, which: int, position: int) -> None:
        model, payments = self.model(which), self.followed[which].payments
        if not payments:
            return
        payment_id = payments[-1 - position % len(payments)]
        refusal = model.strike(payment_id)
        path = f"payments/{payment_id}/strike"
        view = self.attempt(self.stage.accountant, which, path, refusal, reason="Ошибка")
        if view and payment_id not in model.struck:
            model.struck.add(payment_id)
            money = {**model.trade.receipts, **model.trade.claims}
            details = {"payment_id": payment_id, "amount": rub(int(money[payment_id]))}
            model.follow("payment.struck", details)
            kept = self.senders.items()
            self.senders = {key: sent for key, sent in kept if sent.payment_id != payment_id}
        self.agree(which, view)

    @rule(which=mostly_first, amount=amounts, whole=st.booleans())
    def refund(self, which: int, amount: int, whole: bool) -> None:
        model = self.model(which)
        money = rub(int(model.trade.paid) if whole and model.trade.paid > 0 else amount)
        refusal = model.refund(Decimal(money["amount"]))
        body = {"amount": money, "reason": "Брак"}
        view = self.attempt(self.stage.accountant, which, "refunds", refusal, **body)
        if view:
            model.follow("payment.refunded", {"amount": money})
        self.agree(which, view)

    @rule(which=mostly_first)
    def ship(self, which: int) -> None:
        view = self.attempt(self.stage.admin, which, "shipments", None, note="Отгрузка")
        self.model(which).follow("shipment.recorded", {})
        self.agree(which, view)

    @rule(which=mostly_first, states=st.lists(papers, min_size=1, max_size=3), number=numbers)
    def record_documents(self, which: int, states: list[str], number: str | None) -> None:
        model = self.model(which)
        for state in states:
            refusal = model.record_document(state, number)
            body = {"state": state, "number": number}
            view = self.attempt(self.stage.accountant, which, "documents", refusal, **body)
            if view:
                model.follow(f"documents.{state}", {"number": number})
            self.agree(which, view)

    @rule(which=mostly_first, command=st.sampled_from(["reopen", "win"]))
    def reopen_or_win(self, which: int, command: str) -> None:
        refusal = getattr(self.model(which), command)()
        self.agree(which, self.attempt(self.stage.admin, which, command, refusal))

    @rule(which=mostly_first)
    def lose(self, which: int) -> None:
        refusal = self.model(which).lose()
        self.agree(which, self.attempt(self.stage.admin, which, "lose", refusal, reason="Дорого"))

    @rule()
    def merge(self) -> None:
        into, old = self.followed
        response = self.run(self.stage.merge(old.client_id, into.client_id))
        assert response.status == 200, response
        old.now_of = into.client_id

    def teardown(self) -> None:
        for followed in getattr(self, "followed", ()):
            self.run(self.stage.assert_stored(followed))


@pytest.fixture
async def stage(new_tenant: NewTenant) -> Stage:
    return await Stage.of(await new_tenant(retake_cooldown_seconds=0, activity_reset_days=0))


@pytest.fixture
async def loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def test_any_order_of_facts_gives_what_the_facts_say_and_never_wins_twice(
    stage: Stage, loop: asyncio.AbstractEventLoop
) -> None:
    AnyOrder.stage, AnyOrder.loop = stage, loop
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
