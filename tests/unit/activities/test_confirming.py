"""Claimed money waits, confirmed money counts, struck money never came."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain import invoicing, payments, refunds
from services.activities.domain.activity import Activity
from services.activities.domain.closing import Loss, lose
from services.activities.domain.refusals import (
    AlreadyRefunded,
    HasMoney,
    PaymentIsStruck,
    RefundExceedsPaid,
)
from services.activities.domain.trade import Invoice, Payment, Refund
from services.activities.domain.winning import last_responsible
from shared.errors import NotFound, Refusal
from shared.ids import new_id
from tests.support.money import roubles
from tests.unit.activities.builders import (
    ANNA,
    BORIS,
    NOW,
    SETTINGS,
    a_free,
    a_line,
    after,
    claimed,
    confirmed,
    in_work,
    invoiced,
    later,
    paid,
    refunded,
    struck,
    types,
    won,
)


def last_payment(activity: Activity) -> Payment:
    return activity.trade.payments[-1]


def test_claimed_money_neither_wins_nor_can_go_back() -> None:
    events = claimed(after(invoiced(in_work())))
    activity = after(events)
    assert types(events) == ["payment.claimed"]
    assert (activity.status, activity.paid, activity.claimed) == (
        "in_work",
        roubles(0),
        roubles(1000),
    )
    assert activity.stage == "invoiced"
    with pytest.raises(RefundExceedsPaid):
        refunded(activity, 1)
    with pytest.raises(RefundExceedsPaid):
        refunded(after(paid(activity, 5)), 1, payment_id=last_payment(activity).id)
    with pytest.raises(HasMoney):
        lose(activity, Loss("нет бюджета"), NOW)


def test_a_confirmation_counts_once_and_wins() -> None:
    activity = after(claimed(after(invoiced(in_work()))))
    payment_id = last_payment(activity).id
    events = confirmed(activity, payment_id)
    assert types(events) == ["payment.received", "activity.won"]
    assert events[0].details["payment_id"] == payment_id
    assert confirmed(after(events), payment_id) == []
    with pytest.raises(NotFound):
        confirmed(activity, new_id())


def test_an_accountants_repetition_confirms_the_claim() -> None:
    activity = after(claimed(in_work(), 300, external_id="a"))
    assert types(paid(activity, 300, external_id="a")) == ["payment.received"]
    assert claimed(after(paid(activity, 300, external_id="a")), 300, external_id="a") == []


def test_a_struck_payment_is_gone_and_gives_its_id_free() -> None:
    activity = after(claimed(in_work(), 300, external_id="a"))
    events = struck(activity, last_payment(activity).id)
    assert types(events) == ["payment.struck"]
    assert events[0].details["was"] == "claimed"
    assert (after(events).claimed, after(events).paid) == (roubles(0), roubles(0))
    assert struck(after(events), last_payment(activity).id) == []
    with pytest.raises(PaymentIsStruck):
        confirmed(after(events), last_payment(activity).id)
    assert types(paid(after(events), 400, external_id="a")) == ["payment.received"]


def test_striking_takes_the_win_back_only_where_it_is_no_longer_covered() -> None:
    activity = won()
    assert types(struck(activity, last_payment(activity).id)) == [
        "payment.struck",
        "activity.win_reversed",
    ]
    overpaid = after(paid(activity, 200))
    assert types(struck(overpaid, last_payment(overpaid).id)) == ["payment.struck"]
    unconfirmed = after(claimed(activity, 200))
    assert types(struck(unconfirmed, last_payment(unconfirmed).id)) == ["payment.struck"]


@pytest.mark.parametrize(("named", "left"), [(True, "700.00"), (False, "900.00")])
def test_money_that_went_back_cannot_be_struck_out(named: bool, left: str) -> None:
    activity = won()
    payment_id = last_payment(activity).id
    amount = 300 if named else 100
    activity = after(refunded(activity, amount, payment_id=payment_id if named else None))
    with pytest.raises(AlreadyRefunded) as refused:
        struck(activity, payment_id)
    assert refused.value.extra == {"left": {"amount": left, "currency": "RUB"}}


def test_money_for_a_lost_activity_leaves_it_lost_and_tells_the_head() -> None:
    events = paid(a_free(status="lost", responsible_id=ANNA), 50)
    assert types(events) == ["payment.received", "activity.paid_after_loss"]
    assert (after(events).status, after(events).paid) == ("lost", roubles(50))


def test_a_free_activity_is_won_for_who_was_responsible_last() -> None:
    work = after(invoiced(in_work()))
    free = a_free(last_responsible_id=BORIS, trade=work.trade, products=work.products)
    activity = after(paid(free))
    assert (activity.status, activity.responsible_id) == ("won", BORIS)
    back = after(refunded(activity, 1000))
    assert (back.status, back.responsible_id, last_responsible(back)) == ("free", None, BORIS)


def test_who_gave_it_back_last_was_responsible_last() -> None:
    released = {BORIS: later(days=-2), ANNA: later(days=-1)}
    assert last_responsible(a_free(released_at_by_seller=released)) == ANNA
    assert last_responsible(a_free()) is None


moves = st.lists(
    st.tuples(
        st.sampled_from(["claim", "pay", "confirm", "strike", "refund", "refund_named"]),
        st.integers(1, 60_000),
        st.integers(0, 5),
    ),
    max_size=25,
)


@given(moves)
def test_any_order_of_money_adds_up_and_never_wins_twice(
    all_moves: list[tuple[str, int, int]],
) -> None:
    activity, wins = after(invoiced(in_work(), 1000)), 0
    states: dict[object, tuple[str, Decimal]] = {}
    returned = Decimal(0)
    for move, kopecks, which in all_moves:
        amount = Decimal(kopecks) / 100
        payments = activity.trade.payments
        payment_id = payments[which % len(payments)].id if payments else new_id()
        try:
            match move:
                case "claim":
                    events = claimed(activity, str(amount))
                case "pay":
                    events = paid(activity, str(amount))
                case "confirm":
                    events = confirmed(activity, payment_id)
                case "strike":
                    events = struck(activity, payment_id)
                case _:
                    named = payment_id if move == "refund_named" else None
                    events = refunded(activity, str(amount), payment_id=named)
        except Refusal:
            continue
        for event in events:
            wins += {"activity.won": 1, "activity.win_reversed": -1}.get(event.type, 0)
            assert 0 <= wins <= 1
        activity = after(events) if events else activity
        if move.startswith("refund"):
            returned += amount
        elif move in ("claim", "pay"):
            state = "claimed" if move == "claim" else "confirmed"
            states[last_payment(activity).id] = (state, amount)
        elif events:
            state = "confirmed" if move == "confirm" else "struck"
            states[payment_id] = (state, states[payment_id][1])
        sums = {
            state: sum((its for said, its in states.values() if said == state), Decimal(0))
            for state in ("claimed", "confirmed")
        }
        assert activity.paid.amount == sums["confirmed"] - returned >= 0
        assert activity.claimed.amount == sums["claimed"]
        assert wins == (activity.status == "won")


def test_a_claim_publishes_its_payment_and_is_progress() -> None:
    activity = after(invoiced(in_work(progress_at=later(days=-3))))
    activity = replace(activity, progress_at=later(days=-3))
    invoice_id = activity.trade.invoices[0].id
    (event,) = claimed(activity, 300, invoice_id=invoice_id)
    assert event.details == {
        "payment_id": last_payment(event.after).id,
        "amount": roubles(300),
        "invoice_id": invoice_id,
        "paid_at": NOW,
        "paid_on": NOW.date(),
    }
    assert (event.after.progress_at, event.after.reset_due_at) == (NOW, SETTINGS.reset_due_at(NOW))


def test_a_struck_payment_is_published_with_its_reason() -> None:
    activity = after(claimed(in_work(), 300))
    payment = last_payment(activity)
    (event,) = struck(activity, payment.id)
    assert event.note == "ошибка"
    assert event.details == {
        "payment_id": payment.id,
        "amount": roubles(300),
        "was": "claimed",
    }


def test_money_for_a_lost_activity_is_told_with_its_payment() -> None:
    _, told = paid(a_free(status="lost", responsible_id=ANNA), 50)
    payment = last_payment(told.after)
    assert told.details == {"payment_id": payment.id, "amount": roubles(50)}


@pytest.mark.parametrize("won_before", [False, True])
def test_a_confirmation_decides_whether_the_sale_is_first(won_before: bool) -> None:
    activity = after(claimed(after(invoiced(in_work())), external_id="a"))
    payment_id, sale = last_payment(activity).id, "repeat" if won_before else "first"
    events = payments.confirm_payment(activity, payment_id, SETTINGS, won_before, NOW)
    assert after(events).sale == sale
    assert after(paid(activity, external_id="a", won_before=won_before)).sale == sale


def test_a_refund_of_another_payment_leaves_one_free_to_be_struck_out() -> None:
    activity = after(paid(after(paid(won(), 300)), 200))
    *_, refunded_one, kept = activity.trade.payments
    activity = after(refunded(activity, 300, payment_id=refunded_one.id))
    assert types(struck(activity, kept.id)) == ["payment.struck"]


PAUSING = replace(SETTINGS, options=replace(SETTINGS.options, pause_for_invoices=True))
DUE = NOW.date() + timedelta(days=30)


def test_money_that_covers_an_invoice_ends_its_pause_and_struck_money_begins_it_anew() -> None:
    """Whoever waits for no money is not protected by it: claimed money covers nothing yet."""
    order = in_work(products=(a_line(1000), a_line(500)))
    invoice = Invoice(new_id(), roubles(1000), None, DUE, NOW, overdue_at=later(days=31))
    activity = after(invoicing.issue_invoice(order, invoice, PAUSING, NOW))
    assert activity.reset_paused_until == later(days=31)
    received = payments.record_payment(activity, a_payment(), PAUSING, False, later(days=1))
    assert after(received).reset_paused_until == later(days=1)
    assert after(received).reset_due_at == PAUSING.reset_due_at(later(days=1), later(days=1))
    payment_id = last_payment(after(received)).id
    struck_out = payments.strike_payment(
        after(received), payment_id, "ошибка", PAUSING, later(days=2)
    )
    assert after(struck_out).reset_paused_until == later(days=31)
    assert after(struck_out).reset_due_at == PAUSING.reset_due_at(later(days=1), later(days=31))


def test_a_claim_goes_on_with_a_pause_that_has_begun() -> None:
    order = in_work(products=(a_line(1000), a_line(500)))
    invoice = Invoice(new_id(), roubles(1000), None, DUE, NOW, overdue_at=later(days=31))
    activity = replace(
        order, trade=replace(order.trade, invoices=(invoice,)), reset_paused_until=None
    )
    (event,) = payments.record_payment(
        activity, replace(a_payment(), state="claimed"), PAUSING, False, later(days=1)
    )
    assert event.after.reset_paused_until == later(days=31)
    assert event.after.reset_due_at == PAUSING.reset_due_at(later(days=1), later(days=31))


def a_payment() -> Payment:
    return Payment(new_id(), roubles(1000), None, NOW, None)


def test_a_refund_begins_the_pause_of_its_invoice_anew() -> None:
    invoice = Invoice(new_id(), roubles(1000), None, DUE, NOW, overdue_at=later(days=31))
    order = in_work(products=(a_line(1000), a_line(500)))
    order = replace(order, trade=replace(order.trade, invoices=(invoice,)))
    activity = after(payments.record_payment(order, a_payment(), PAUSING, False, NOW))
    assert activity.reset_paused_until is None
    refund = Refund(new_id(), roubles(1000), None, NOW, None)
    back = after(refunds.record_refund(activity, refund, "брак", PAUSING, later(days=1)))
    assert back.reset_paused_until == later(days=31)
    assert back.reset_due_at == PAUSING.reset_due_at(back.progress_at, later(days=31))
