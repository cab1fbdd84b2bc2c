"""What takes a win back or reduces it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.refusals import DuplicatePayment, RefundExceedsPaid
from shared.errors import NotFound
from shared.ids import new_id
from tests.unit.activities.deals import (
    NOW,
    NUMBERS,
    after,
    documents,
    in_work,
    invoiced,
    paid,
    refunded,
    rub,
    types,
    won,
)


@pytest.mark.parametrize(
    ("amounts", "status", "left"),
    [
        (["0.01"], "won", "999.99"),
        (["999.99"], "won", "0.01"),
        (["1000"], "in_work", "0"),
        (["400", "600"], "in_work", "0"),
    ],
)
def test_a_refund_reduces_the_win_and_the_last_kopeck_takes_it_back(
    amounts: list[str], status: str, left: str
) -> None:
    activity, told = won(), []
    for amount in amounts:
        events = refunded(activity, amount)
        activity = after(events)
        told += types(events)
    assert (activity.status, activity.paid) == (status, rub(left))
    assert told.count("activity.win_reversed") == (status == "in_work")


def test_a_win_taken_back_gives_the_seller_the_usual_time_and_can_be_won_again() -> None:
    activity = after(refunded(won(), 1000))
    assert (activity.won_at, activity.reset_due_at) == (None, NUMBERS.reset_due(NOW))
    events = paid(activity, 1000)
    assert types(events) == ["payment.received", "activity.won"]


def test_a_reversal_says_which_win_it_takes_back() -> None:
    assert refunded(won(), 1000)[-1].details == {"won_at": NOW}


def test_returned_documents_take_back_the_win_of_what_is_delivered_and_of_nothing_else() -> None:
    assert types(documents(won(delivered=True), "returned")) == [
        "documents.returned",
        "activity.win_reversed",
    ]
    assert types(documents(won(delivered=True), "sent")) == ["documents.sent"]
    assert types(documents(won(), "returned")) == ["documents.returned"]
    again = documents(after(documents(won(delivered=True), "returned")), "signed")
    assert types(again) == ["documents.signed", "activity.won"]


def test_no_more_goes_back_than_is_left_of_the_payment_or_of_all() -> None:
    activity = after(paid(after(paid(after(invoiced(in_work(), 1000)), 300)), 200))
    first = activity.trade.payments[0].id
    with pytest.raises(RefundExceedsPaid) as refused:
        refunded(activity, "300.01", payment_id=first)
    assert refused.value.extra["left"] == {"amount": "300.00", "currency": "RUB"}
    with pytest.raises(RefundExceedsPaid):
        refunded(activity, "500.01")
    activity = after(refunded(activity, 250))
    with pytest.raises(RefundExceedsPaid):
        refunded(activity, 251, payment_id=first)
    assert after(refunded(activity, 250, payment_id=first)).paid == rub(0)


def test_a_payment_that_is_not_its_own_is_not_found() -> None:
    with pytest.raises(NotFound):
        refunded(won(), 1, payment_id=new_id())


def test_a_refund_repeated_under_the_senders_id_happens_once() -> None:
    activity = after(refunded(won(), 100, external_id="back-1"))
    assert refunded(activity, 100, external_id="back-1") == []
    with pytest.raises(DuplicatePayment):
        refunded(activity, 99, external_id="back-1")


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 60_000)), max_size=20))
def test_whatever_is_paid_and_refunded_the_balance_is_their_sum_and_never_negative(
    moves: list[tuple[bool, int]],
) -> None:
    activity, balance = after(invoiced(in_work(), 1000)), 0
    for is_refund, kopecks in moves:
        amount = f"{kopecks / 100:.2f}"
        try:
            events = refunded(activity, amount) if is_refund else paid(activity, amount)
        except RefundExceedsPaid:
            assert kopecks > balance
            continue
        balance += -kopecks if is_refund else kopecks
        activity = after(events)
    assert activity.paid.amount * 100 == balance >= 0
