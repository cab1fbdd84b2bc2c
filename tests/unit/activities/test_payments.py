"""Payments and refunds, each counted once."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain import payments, refunds
from services.activities.domain.refusals import (
    DuplicatePayment,
    RefundExceedsPaid,
)
from services.activities.domain.trade import Refund
from shared.errors import Invalid, NotFound
from shared.ids import new_id
from shared.money import Money
from tests.support.money import roubles
from tests.unit.activities.builders import (
    NOW,
    SETTINGS,
    after,
    in_work,
    invoiced,
    later,
    paid,
    refunded,
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
    ("paid_on", "rule"),
    [
        (date(2026, 11, 23), None),
        (date(2026, 11, 24), "not_in_future"),
        (date(2021, 11, 23), None),
        (date(2021, 11, 22), "not_before"),
    ],
)
def test_a_payment_is_of_today_or_of_the_last_five_years(paid_on: date, rule: str | None) -> None:
    if rule is None:
        payments.require_sane_day(paid_on, NOW.date())
        return
    with pytest.raises(Invalid) as refused:
        payments.require_sane_day(paid_on, NOW.date())
    (error,) = refused.value.extra["errors"]
    assert (error["field"], error["rule"]) == ("paid_at", rule)


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
    assert (activity.status, activity.paid) == (status, roubles(left))
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
    assert after(refunded(activity, 250, payment_id=first)).paid == roubles(0)


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


def test_a_payment_publishes_amount_invoice_and_moment() -> None:
    activity = after(invoiced(in_work(), 1000))
    invoice_id = activity.trade.invoices[0].id
    (event,) = paid(activity, 500, invoice_id=invoice_id, paid_at=later(hours=-5))
    (payment,) = event.after.trade.payments
    assert event.type == "payment.received"
    assert event.details == {
        "payment_id": payment.id,
        "amount": roubles(500),
        "invoice_id": invoice_id,
        "paid_at": later(hours=-5),
        "paid_on": NOW.date(),
    }


def test_a_refund_publishes_amount_and_payment_and_keeps_the_reason() -> None:
    activity = won()
    payment_id = activity.trade.payments[0].id
    (event,) = refunded(activity, 300, payment_id=payment_id)
    (refund,) = event.after.trade.refunds
    assert (event.type, event.note) == ("payment.refunded", "брак")
    assert event.details == {
        "refund_id": refund.id,
        "payment_id": payment_id,
        "product_id": None,
        "amount": roubles(300),
    }


def test_an_unknown_payment_is_refused_by_the_field_that_names_it() -> None:
    with pytest.raises(NotFound) as refused:
        refunded(won(), 1, payment_id=new_id())
    assert refused.value.extra == {
        "noun": "payment",
        "errors": [{"field": "payment_id", "rule": "exists", "noun": "payment"}],
    }


def test_a_refund_in_another_currency_is_refused() -> None:
    refund = Refund(new_id(), Money(amount="1.00", currency="USD"), None, NOW, None)
    with pytest.raises(Invalid):
        refunds.record_refund(won(), refund, "брак", SETTINGS, NOW)


def test_each_payment_has_refunds_of_its_own() -> None:
    activity = after(paid(after(paid(after(invoiced(in_work(), 1000)), 300)), 200))
    first, second = (payment.id for payment in activity.trade.payments)
    activity = after(refunded(activity, 50, payment_id=first))
    activity = after(refunded(activity, 150, payment_id=second))
    for payment_id, left in ((first, 250), (second, 50)):
        with pytest.raises(RefundExceedsPaid) as refused:
            refunded(activity, left + 1, payment_id=payment_id)
        assert refused.value.extra["left"] == {"amount": f"{left}.00", "currency": "RUB"}
        assert after(refunded(activity, left, payment_id=payment_id)).paid == roubles(300 - left)


def test_the_senders_ids_of_several_payments_are_told_apart() -> None:
    activity = after(paid(in_work(), 100, external_id="a"))
    activity = after(paid(activity, 200, external_id="b"))
    assert paid(activity, 200, external_id="b") == []
    assert types(paid(activity, 200, external_id="c")) == ["payment.received"]


def test_an_unknown_invoice_is_refused_as_one() -> None:
    with pytest.raises(NotFound) as refused:
        paid(in_work(), invoice_id=new_id())
    assert refused.value.extra["noun"] == "invoice"


@pytest.mark.parametrize("today", [date(2028, 2, 29), date(2026, 11, 30)])
def test_five_years_before_a_day_that_a_month_may_lack_is_its_28th(today: date) -> None:
    oldest = date(today.year - 5, today.month, 28)
    payments.require_sane_day(oldest, today)
    with pytest.raises(Invalid) as refused:
        payments.require_sane_day(oldest - timedelta(days=1), today)
    (error,) = refused.value.extra["errors"]
    assert error["min"] == oldest.isoformat()
