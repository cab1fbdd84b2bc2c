"""Claimed money waits, confirmed money counts, struck money never came."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.activity import Activity
from services.activities.domain.closing import Loss, lose
from services.activities.domain.refusals import (
    AlreadyRefunded,
    HasMoney,
    PaymentIsStruck,
    RefundExceedsPaid,
)
from services.activities.domain.trade import Payment
from services.activities.domain.winning import last_responsible
from shared.errors import NotFound, Refusal
from shared.ids import new_id
from tests.support.money import roubles
from tests.unit.activities.builders import (
    ANNA,
    BORIS,
    NOW,
    a_free,
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
