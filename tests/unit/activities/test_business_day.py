"""The business day of a win: when it became complete in the company's days."""

from datetime import date
from uuid import UUID

import pytest

from services.activities.domain.trade import Document, Payment, Refund, Shipment, Trade
from services.activities.domain.winning import business_day, win_if_complete
from services.activities.events import state_of
from shared.ids import ProductId, new_id
from shared.vocabulary import DocumentState, PaymentState
from tests.support.money import roubles
from tests.unit.activities.builders import (
    NOW,
    TODAY,
    a_line,
    after,
    in_work,
    refunded,
    shipped,
    struck,
    won,
)


def october(day: int) -> date:
    return date(2026, 10, day)


def pay(day: int | None, amount: int | str, state: PaymentState = "confirmed") -> Payment:
    paid_on = october(day) if day else None
    return Payment(new_id(), roubles(amount), None, NOW, None, state, paid_on)


def back(amount: int) -> Refund:
    return Refund(new_id(), roubles(amount), None, NOW, None)


def paper(state: DocumentState, day: int, number: str | None = None) -> Document:
    return Document(state, october(day), number)


def ship(day: int) -> Shipment:
    return Shipment(UUID(int=day), october(day))


@pytest.mark.parametrize(
    ("payments", "refunds", "day"),
    [
        ((pay(5, 1000),), (), 5),
        ((pay(9, 400), pay(5, 600)), (), 9),
        ((pay(5, 600), pay(9, 400)), (), 9),
        ((pay(9, 500), pay(5, 1000)), (), 5),  # the second one covers nothing any more
        ((pay(5, "999.99"), pay(9, "0.01")), (), 9),
        ((pay(9, 1, "claimed"), pay(8, 1, "struck"), pay(5, 1000)), (), 5),
        ((pay(5, 1000), pay(9, 1000)), (back(1000),), 9),  # sold anew
        ((pay(5, 1000), pay(9, 400)), (back(400),), 9),
        ((pay(5, 1000), pay(None, 1)), (), None),  # of before the day was kept
        ((pay(5, 1000), pay(None, 1, "claimed")), (), 5),
    ],
)
def test_money_counts_by_its_day_until_the_order_is_covered(
    payments: tuple[Payment, ...], refunds: tuple[Refund, ...], day: int | None
) -> None:
    activity = in_work(trade=Trade(payments=payments, refunds=refunds, shipments=(ship(30),)))
    assert business_day(activity) == (october(day) if day else None)


@pytest.mark.parametrize(
    ("shipments", "documents", "day"),
    [
        ((ship(3),), (paper("signed", 4),), 5),
        ((ship(7),), (paper("signed", 4),), 7),
        ((ship(7), ship(8)), (paper("signed", 6),), 8),
        ((ship(3),), (paper("sent", 20), paper("signed", 9)), 9),
        ((ship(3),), (paper("signed", 9, "1"), paper("signed", 8, "2")), 9),
        ((ship(3),), (paper("signed", 9), paper("returned", 10), paper("signed", 11)), 11),
        ((ship(3),), (paper("signed", 9), paper("sent", 10)), 9),
        ((ship(3),), (paper("signed", 9, "1"), paper("returned", 9, "1")), 5),
    ],
)
def test_a_delivery_counts_from_its_last_shipment_or_signature(
    shipments: tuple[Shipment, ...], documents: tuple[Document, ...], day: int
) -> None:
    trade = Trade(payments=(pay(5, 1000),), shipments=shipments, documents=documents)
    assert business_day(in_work(delivered=True, trade=trade)) == october(day)


def test_what_costs_nothing_counts_from_its_shipment() -> None:
    trade = Trade(payments=(pay(9, 5),), shipments=(ship(6),))
    assert business_day(in_work(products=(a_line(0),), trade=trade)) == october(6)


def test_nothing_recorded_has_no_day() -> None:
    assert business_day(in_work()) is None


def test_a_win_has_its_day_and_a_win_taken_back_has_none() -> None:
    activity = in_work(trade=Trade(payments=(pay(5, 1000),)))
    (event,) = win_if_complete(activity, False, NOW)
    assert (event.after.won_at, event.after.won_on) == (NOW, october(5))
    assert state_of(event.after).won_on == october(5)
    taken_back = after(struck(event.after, activity.trade.payments[0].id))
    assert (taken_back.status, taken_back.won_on) == ("in_work", None)


def test_what_comes_after_the_win_moves_no_day() -> None:
    activity = after(shipped(won()))
    assert (activity.status, activity.won_on) == ("won", TODAY)
    assert after(refunded(activity, 1)).won_on == TODAY


def test_the_state_says_what_was_returned_of_each_product() -> None:
    first, second = a_line(1000), a_line(500)
    activity = in_work(products=(first, second), trade=Trade(payments=(pay(5, 1500),)))
    assert state_of(activity).returned == []
    returns: list[tuple[int, ProductId | None]] = [
        (100, second.product_id),
        (50, first.product_id),
        (7, second.product_id),
        (9, None),
    ]
    for amount, product_id in returns:
        activity = after(refunded(activity, amount, product_id=product_id))
    returned = state_of(activity).returned or []
    assert [(each.product_id, each.amount) for each in returned] == [
        (second.product_id, roubles(107)),
        (first.product_id, roubles(50)),
    ]
