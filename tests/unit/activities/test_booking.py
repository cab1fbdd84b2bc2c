"""Money from outside on the activity whose invoice it pays: recorded, or a claim confirmed."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.activities.domain import booking
from services.activities.domain.activity import Activity
from services.activities.domain.trade import Payment, Refund
from shared.ids import new_id
from tests.support.money import roubles
from tests.unit.activities.builders import (
    NOW,
    SETTINGS,
    a_line,
    after,
    claimed,
    in_work,
    invoiced,
    later,
    paid,
    refunded,
    struck,
    types,
)

BANK_DAY = NOW.date() - timedelta(days=3)


def a_payment(amount: int | str = 300, **about: Any) -> Payment:
    base = Payment(
        new_id(), roubles(amount), None, later(days=-3), "bank-7", "confirmed", BANK_DAY, None
    )
    return replace(base, **about)


def with_claims(*claims: tuple[int, UUID | None, datetime]) -> Activity:
    activity = after(invoiced(in_work()))
    for amount, invoice_id, paid_at in claims:
        activity = after(claimed(activity, amount, invoice_id=invoice_id, paid_at=paid_at))
    return activity


def invoice_of(activity: Activity) -> UUID:
    return activity.trade.invoices[0].id


def test_money_that_nobody_claimed_is_recorded_as_it_came() -> None:
    activity, payment = after(invoiced(in_work())), a_payment()
    events = booking.book_payment(activity, payment, SETTINGS, False, NOW)
    assert types(events) == ["payment.received"]
    assert after(events).trade.payments == (payment,)


@pytest.mark.parametrize("won_before", [False, True])
def test_money_that_completes_a_sale_wins_it(won_before: bool) -> None:
    activity = after(invoiced(in_work()))
    won = after(
        booking.book_payment(activity, a_payment(1000), SETTINGS, won_before, later(days=1))
    )
    sale = "repeat" if won_before else "first"
    assert (won.status, won.sale, won.won_at) == ("won", sale, later(days=1))


@pytest.mark.parametrize("won_before", [False, True])
def test_a_claim_of_the_same_money_is_confirmed_and_has_the_banks_day(won_before: bool) -> None:
    activity = with_claims((1000, None, NOW))
    (claim,) = activity.trade.payments
    events = booking.book_payment(activity, a_payment(1000), SETTINGS, won_before, later(days=1))
    assert types(events) == ["payment.received", "activity.won"]
    (confirmed,) = after(events).trade.payments
    assert (confirmed.id, confirmed.state) == (claim.id, "confirmed")
    assert (confirmed.paid_on, confirmed.external_id) == (BANK_DAY, "bank-7")
    assert after(events).sale == ("repeat" if won_before else "first")
    assert after(events).won_at == later(days=1)


def test_money_reported_again_under_its_id_is_recorded_once() -> None:
    activity = with_claims((300, None, NOW))
    booked = after(booking.book_payment(activity, a_payment(), SETTINGS, False, NOW))
    again = after(claimed(booked, 300))
    assert booking.book_payment(again, a_payment(), SETTINGS, False, NOW) == []


def test_a_claim_of_another_sum_or_invoice_is_left_alone() -> None:
    activity = with_claims((299, None, NOW))
    assert booking.find_claim(activity, a_payment()) is None
    of_invoice = after(claimed(activity, 300, invoice_id=invoice_of(activity)))
    assert booking.find_claim(of_invoice, a_payment(invoice_id=new_id())) is None
    assert booking.find_claim(of_invoice, a_payment()) is None
    confirmed = after(paid(after(invoiced(in_work())), 300))
    assert booking.find_claim(confirmed, a_payment()) is None


def test_of_several_claims_the_one_for_the_invoice_is_confirmed_else_the_nearest() -> None:
    activity = after(invoiced(in_work()))
    invoice_id = invoice_of(activity)
    moments = (later(days=-3), later(days=-9), later(days=-2))
    for paid_at, named in zip(moments, (None, invoice_id, invoice_id), strict=True):
        activity = after(claimed(activity, 300, invoice_id=named, paid_at=paid_at))
    unnamed, far, near = activity.trade.payments
    assert booking.find_claim(activity, a_payment(invoice_id=invoice_id)) == near
    assert booking.find_claim(activity, a_payment(invoice_id=None)) == unnamed
    at_nine = a_payment(invoice_id=invoice_id, paid_at=later(days=-8))
    assert booking.find_claim(activity, at_nine) == far


def test_a_claim_is_entered_again_under_an_id_of_its_own() -> None:
    activity = with_claims((300, None, NOW))
    (claim,) = activity.trade.payments
    taken_back = after(struck(activity, claim.id))
    events = booking.claim_again(taken_back, claim.id, "seller-1", SETTINGS, later(days=1))
    assert types(events) == ["payment.claimed"]
    again = after(events).trade.payments[-1]
    assert again.id != claim.id
    assert (again.state, again.external_id, again.amount, again.paid_on) == (
        "claimed",
        "seller-1",
        claim.amount,
        claim.paid_on,
    )
    assert after(events).progress_at == later(days=1)


def a_refund(amount: int) -> Refund:
    return Refund(new_id(), roubles(amount), None, NOW, None)


def test_money_goes_back_from_the_one_payment_of_the_invoice_that_has_it() -> None:
    activity = after(invoiced(in_work(products=(a_line(2000),)), 2000))
    invoice_id = invoice_of(activity)
    activity = after(paid(activity, 500, invoice_id=invoice_id))
    activity = after(paid(activity, 300))
    of_invoice, unnamed = activity.trade.payments
    assert booking.payment_to_refund(activity, a_refund(500), invoice_id) == of_invoice.id
    assert booking.payment_to_refund(activity, a_refund(501), invoice_id) is None
    assert booking.payment_to_refund(activity, a_refund(300), None) == unnamed.id
    part = after(refunded(activity, 1, payment_id=of_invoice.id))
    assert booking.payment_to_refund(part, a_refund(499), invoice_id) == of_invoice.id
    assert booking.payment_to_refund(part, a_refund(500), invoice_id) is None
    twice = after(paid(activity, 500, invoice_id=invoice_id))
    assert booking.payment_to_refund(twice, a_refund(500), invoice_id) is None
    waiting = after(claimed(activity, 900, invoice_id=invoice_id))
    assert booking.payment_to_refund(waiting, a_refund(900), invoice_id) is None
