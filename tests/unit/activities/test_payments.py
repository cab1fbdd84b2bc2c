"""Payments and refunds, each counted once."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.refusals import (
    DuplicatePayment,
    RefundExceedsPaid,
)
from shared.errors import Invalid, NotFound
from shared.ids import new_id
from tests.unit.activities.builders import (
    NOW,
    after,
    in_work,
    invoiced,
    paid,
    refunded,
    rub,
    types,
    won,
)


def test_a_payment_for_an_unknown_invoice_is_not_found() -> None:
    with pytest.raises(NotFound) as refused:
        paid(in_work(), invoice_id=new_id())
    assert refused.value.extra["errors"][0]["field"] == "invoice_id"


def test_a_payment_repeated_under_the_senders_id_counts_once() -> None:
    activity = after(paid(in_work(), 100, external_id="bank-7"))
    assert paid(activity, 100, external_id="bank-7") == []
    with pytest.raises(DuplicatePayment):
        paid(activity, 101, external_id="bank-7")
    assert types(paid(activity, 100)) == ["payment.received"], "without an id it is another payment"
    assert paid(after([*paid(won(), 5, external_id="late")]), 5, external_id="late") == [], (
        "also when it was won meanwhile"
    )


@pytest.mark.parametrize(
    ("ahead", "allowed"),
    [(timedelta(0), True), (timedelta(days=1), True), (timedelta(days=1, seconds=1), False)],
)
def test_a_payment_of_the_future_is_refused(ahead: timedelta, allowed: bool) -> None:
    if allowed:
        assert types(paid(in_work(), paid_at=NOW + ahead)) == ["payment.received"]
    else:
        with pytest.raises(Invalid):
            paid(in_work(), paid_at=NOW + ahead)


@pytest.mark.parametrize(
    ("amounts", "status", "left"),
    [
        (["0.01"], "won", "999.99"),
        (["999.99"], "won", "0.01"),
        (["1000"], "in_work", "0"),
        (["400", "600"], "in_work", "0"),
    ],
)
def test_a_refund_reduces_the_win_and_the_last_kopeck_reverses_it(
    amounts: list[str], status: str, left: str
) -> None:
    activity, event_types = won(), []
    for amount in amounts:
        events = refunded(activity, amount)
        activity = after(events)
        event_types += types(events)
    assert (activity.status, activity.paid) == (status, rub(left))
    assert event_types.count("activity.win_reversed") == (status == "in_work")


def test_a_refund_never_exceeds_what_is_left_of_the_payment_or_of_all() -> None:
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


def test_a_refund_of_an_unknown_payment_is_not_found() -> None:
    with pytest.raises(NotFound):
        refunded(won(), 1, payment_id=new_id())


def test_a_refund_repeated_under_the_senders_id_counts_once() -> None:
    activity = after(refunded(won(), 100, external_id="back-1"))
    assert refunded(activity, 100, external_id="back-1") == []
    with pytest.raises(DuplicatePayment):
        refunded(activity, 99, external_id="back-1")


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 60_000)), max_size=20))
def test_the_balance_is_the_sum_of_payments_and_refunds_and_never_negative(
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
