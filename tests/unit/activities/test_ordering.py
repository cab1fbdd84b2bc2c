"""The order changes until the win, and what is paid may then cover it."""

from dataclasses import replace

import pytest

from services.activities.domain.closing import reopen
from services.activities.domain.ordering import change_order, changed_lines
from services.activities.domain.refusals import AlreadyWon, NotInWork
from services.activities.domain.registering import OfferedProduct, RequestedProduct
from services.activities.domain.trade import OrderLine
from services.activities.events import event_of
from shared.errors import Invalid
from shared.events import REGISTRY
from shared.ids import CompanyId, ProductId, new_id
from tests.support.money import roubles
from tests.unit.activities.builders import (
    ANNA,
    NOW,
    SETTINGS,
    a_free,
    a_line,
    after,
    in_work,
    invoiced,
    later,
    paid,
    types,
    won,
)


def lines(*prices: int) -> tuple[OrderLine, ...]:
    return tuple(a_line(price) for price in prices)


def test_other_lines_publish_what_was_and_what_is_agreed() -> None:
    activity, new = in_work(), lines(300, 200)
    (event,) = change_order(activity, new, SETTINGS, False, NOW)
    assert event.type == "order.changed"
    before, after_ = (
        [
            {"product_id": line.product_id, "quantity": line.quantity, "price": line.price}
            for line in each
        ]
        for each in (activity.products, new)
    )
    assert event.details == {"before": before, "after": after_}
    assert (event.after.agreed, event.after.products) == (roubles(500), new)
    assert event.after.reset_due_at == activity.reset_due_at, "an edit is no progress"
    published = event_of(event, ANNA).to_json()
    assert REGISTRY[event.type].from_json(published).to_json() == published


def test_a_smaller_order_that_is_paid_is_won_by_the_change() -> None:
    deposit = after(paid(after(invoiced(in_work(), 300)), 300))
    events = change_order(deposit, lines(300), SETTINGS, True, later(days=1))
    assert types(events) == ["order.changed", "activity.won"]
    assert (after(events).sale, after(events).won_at) == ("repeat", later(days=1))


def test_an_order_below_what_is_invoiced_leaves_nothing_to_invoice() -> None:
    activity = after(
        change_order(after(invoiced(in_work(), 700)), lines(400), SETTINGS, False, NOW)
    )
    assert (activity.to_invoice, activity.to_pay) == (roubles(0), roubles(400))


def test_the_same_lines_change_nothing_but_win_what_was_reopened_by_mistake() -> None:
    activity = in_work()
    assert change_order(activity, activity.products, SETTINGS, False, NOW) == []
    reopened = after(reopen(won(), True, SETTINGS, False, NOW))
    assert types(change_order(reopened, reopened.products, SETTINGS, False, NOW)) == [
        "activity.won"
    ]


def test_a_closed_order_does_not_change() -> None:
    with pytest.raises(AlreadyWon):
        change_order(won(), lines(1), SETTINGS, False, NOW)
    with pytest.raises(NotInWork) as refused:
        change_order(a_free(status="lost"), lines(1), SETTINGS, False, NOW)
    assert refused.value.extra == {"activity_status": "lost"}


def test_a_line_keeps_its_terms_and_price_unless_another_is_given() -> None:
    agreed = replace(a_line(1000, delivered=True), term_months=6)
    activity = in_work(products=(agreed,))
    kept = RequestedProduct(agreed.product_id, 3, None)
    assert changed_lines(activity, [kept], {}) == (replace(agreed, quantity=3),)
    sold_anew = OfferedProduct(
        agreed.product_id, activity.company_id, "x", roubles(5), False, None, active=True
    )
    assert changed_lines(activity, [kept], {agreed.product_id: sold_anew}) == (
        replace(agreed, quantity=3),
    )
    cheaper = RequestedProduct(agreed.product_id, 1, roubles(900))
    assert changed_lines(activity, [cheaper], {})[0].price == roubles(900)


def test_a_new_line_is_of_the_company_and_still_sold() -> None:
    activity = in_work()
    new_id_ = ProductId(new_id())
    other = OfferedProduct(new_id_, CompanyId(new_id()), "x", roubles(5), False, None, active=True)
    with pytest.raises(Invalid):
        changed_lines(activity, [RequestedProduct(new_id_, 1, None)], {new_id_: other})
