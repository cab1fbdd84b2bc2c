"""Money that goes back: for a product of the order, and of a payment that counts."""

import pytest

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.refunds import strike_refund
from services.activities.domain.refusals import RefundExceedsPaid
from shared.errors import NotFound
from shared.ids import ProductId, new_id
from tests.support.money import roubles
from tests.unit.activities.builders import (
    NOW,
    SETTINGS,
    a_line,
    after,
    claimed,
    in_work,
    paid,
    refunded,
    types,
)

FIRST, SECOND = a_line(600), a_line(200, quantity=2)


def paid_order(amount: int = 1000) -> Activity:
    """Of two products, of 600 and 400."""
    return after(paid(in_work(products=(FIRST, SECOND)), amount))


def left_of(activity: Activity, product_id: ProductId) -> str:
    with pytest.raises(RefundExceedsPaid) as refused:
        refunded(activity, 5000, product_id=product_id)
    left: dict[str, str] = refused.value.extra["left"]
    assert left["currency"] == "RUB"
    return left["amount"]


def test_a_refund_for_a_product_names_it() -> None:
    (event,) = refunded(paid_order(), 100, product_id=SECOND.product_id)
    (refund,) = event.after.trade.refunds
    assert event.details == {
        "refund_id": refund.id,
        "payment_id": None,
        "amount": roubles(100),
        "product_id": SECOND.product_id,
    }


def test_each_product_has_its_price_less_its_own_refunds_to_give_back() -> None:
    activity = after(refunded(paid_order(), 150, product_id=SECOND.product_id))
    activity = after(refunded(activity, 50))
    lefts = [left_of(activity, line.product_id) for line in (FIRST, SECOND)]
    assert lefts == ["600.00", "250.00"]
    returned = after(refunded(activity, 250, product_id=SECOND.product_id))
    assert left_of(returned, SECOND.product_id) == "0.00"


def test_a_product_on_two_lines_has_the_price_of_both_to_give_back() -> None:
    activity = after(paid(in_work(products=(FIRST, FIRST, SECOND)), 1600))
    assert left_of(activity, FIRST.product_id) == "1200.00"


def test_a_refund_for_a_product_never_exceeds_the_money_that_came() -> None:
    assert left_of(paid_order(amount=300), FIRST.product_id) == "300.00"


def test_a_refund_of_a_payment_and_a_product_is_bounded_by_both() -> None:
    activity = after(paid(paid_order(amount=500), 500))
    payment_id = activity.trade.payments[0].id
    for line, left in ((FIRST, "500.00"), (SECOND, "400.00")):
        with pytest.raises(RefundExceedsPaid) as refused:
            refunded(activity, 900, payment_id=payment_id, product_id=line.product_id)
        assert refused.value.extra == {"left": {"amount": left, "currency": "RUB"}}


def test_a_refund_for_a_product_that_was_not_ordered_is_not_found() -> None:
    with pytest.raises(NotFound) as refused:
        refunded(paid_order(), 1, product_id=ProductId(new_id()))
    assert refused.value.extra == {
        "noun": "product",
        "errors": [{"field": "product_id", "rule": "exists", "noun": "product"}],
    }


def test_a_claimed_payment_has_nothing_to_give_back() -> None:
    activity = after(claimed(paid_order(amount=300), 200))
    payment_id = activity.trade.payments[1].id
    with pytest.raises(RefundExceedsPaid) as refused:
        refunded(activity, 1, payment_id=payment_id)
    assert refused.value.extra == {"left": {"amount": "0.00", "currency": "RUB"}}


def test_refunding_all_before_the_win_reverses_nothing() -> None:
    events = refunded(paid_order(amount=300), 300)
    assert (types(events), after(events).status) == (["payment.refunded"], "in_work")


def test_a_refund_of_more_than_a_free_order_costs_keeps_its_win() -> None:
    activity = in_work(products=(a_line(0),), status="won", won_at=NOW)
    activity = after(paid(activity, 5))
    events = refunded(activity, 5)
    assert (types(events), after(events).status) == (["payment.refunded"], "won")


def struck(activity: Activity, won_before: bool = False) -> list[DomainEvent]:
    """Of the first refund."""
    refund_id = activity.trade.refunds[0].id
    return strike_refund(activity, refund_id, "не возвращали", SETTINGS, won_before, NOW)


def test_a_struck_refund_counts_no_more() -> None:
    activity = after(refunded(paid_order(300), 100, product_id=SECOND.product_id))
    activity = after(refunded(activity, 50))
    first, second = activity.trade.refunds
    (event,) = struck(activity)
    assert (event.type, event.note) == ("payment.refund_struck", "не возвращали")
    assert event.details == {
        "refund_id": first.id,
        "payment_id": None,
        "amount": roubles(100),
        "product_id": SECOND.product_id,
    }
    assert event.after.trade.refunds == (second,)
    assert event.after.paid == roubles(250)


@pytest.mark.parametrize(("won_before", "sale"), [(False, "first"), (True, "repeat")])
def test_a_win_that_a_refund_took_comes_back_with_it(won_before: bool, sale: str) -> None:
    lost = after(refunded(paid_order(), 1000))
    events = struck(lost, won_before)
    assert types(events) == ["payment.refund_struck", "activity.won"]
    assert (after(events).status, after(events).sale) == ("won", sale)


def test_a_refund_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound) as refused:
        strike_refund(paid_order(), new_id(), "ошибка", SETTINGS, False, NOW)
    assert refused.value.extra["noun"] == "refund"
