"""Which money covers which invoice, and which invoice is overdue since when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.activity import Activity
from services.activities.domain.days import day_of_fact, require_due_day
from services.activities.domain.trade import Invoice, Payment, Refund, Trade
from services.activities.queries.activity_view import chain_of, view_of
from shared.clock import end_of_day
from shared.errors import Invalid
from shared.ids import new_id
from tests.support.money import roubles
from tests.unit.activities.builders import NOW, TODAY, a_line, in_work

LATE, LATER, NEVER = TODAY - timedelta(days=7), TODAY + timedelta(days=30), None
CLIENT = {"id": "", "name": "Ромашка", "large": False, "do_not_call": False}


def an_invoice(amount: int, due_on: date | None, cancelled: bool = False) -> Invoice:
    return Invoice(new_id(), roubles(amount), None, due_on, NOW, cancelled)


def a_payment(amount: int, invoice: Invoice | None = None) -> Payment:
    return Payment(new_id(), roubles(amount), invoice.id if invoice else None, NOW, None)


def with_money(
    invoices: Sequence[Invoice], payments: Sequence[Payment], refunds: Sequence[Refund] = ()
) -> Activity:
    trade = Trade(invoices=tuple(invoices), payments=tuple(payments), refunds=tuple(refunds))
    return in_work(products=(a_line(1000),), trade=trade)


def covered(activity: Activity) -> list[Decimal]:
    return [
        activity.covered_by_invoice.get(invoice.id, Decimal(0))
        for invoice in activity.trade.invoices
    ]


@pytest.mark.parametrize("names_it", [True, False])
def test_a_paid_invoice_is_not_overdue_while_another_is_open(names_it: bool) -> None:
    first, second = an_invoice(300, LATE), an_invoice(700, LATER)
    activity = with_money([first, second], [a_payment(300, first if names_it else None)])
    assert covered(activity) == [300, 0]
    assert activity.due_invoices == (second,)
    assert view_of(activity, CLIENT, NOW)["checklist"]["overdue"] == []


def test_named_money_covers_its_invoice_and_the_rest_the_oldest_due() -> None:
    newest, unnamed, oldest = an_invoice(300, LATER), an_invoice(300, NEVER), an_invoice(300, LATE)
    activity = with_money([newest, unnamed, oldest], [a_payment(200, newest), a_payment(350)])
    assert covered(activity) == [250, 0, 300]
    assert activity.invoice_due_on == LATER


def test_what_names_an_invoice_beyond_its_sum_or_a_cancelled_one_covers_others() -> None:
    small, cancelled, other = an_invoice(100, LATER), an_invoice(9, LATE, True), an_invoice(9, LATE)
    activity = with_money(
        [small, cancelled, other], [a_payment(105, small), a_payment(2, cancelled)]
    )
    assert covered(activity) == [100, 0, 7]


def test_a_refund_uncovers_the_invoice_of_its_payment_or_the_last_due() -> None:
    first, second = an_invoice(300, LATE), an_invoice(300, LATER)
    named = a_payment(300, first)
    of_payment = Refund(new_id(), roubles(100), named.id, NOW, None)
    assert covered(with_money([first, second], [named], [of_payment])) == [200, 0]
    unnamed = Refund(new_id(), roubles(100), None, NOW, None)
    both = [named, a_payment(300, second)]
    assert covered(with_money([first, second], both, [unnamed])) == [300, 200]


def test_each_overdue_invoice_is_listed_with_its_number_and_day() -> None:
    first, second = an_invoice(300, LATE), replace(an_invoice(200, LATE), number="СЧ-2")
    activity = with_money([first, second, an_invoice(400, LATER)], [a_payment(100)])
    overdue = view_of(activity, CLIENT, NOW)["checklist"]["overdue"]
    assert [(late["invoice_id"], late["number"], late["since"]) for late in overdue] == [
        (str(first.id), None, LATE.isoformat()),
        (str(second.id), "СЧ-2", LATE.isoformat()),
    ]
    shown = chain_of(activity, NOW)["invoices"]
    assert [invoice["paid"]["amount"] for invoice in shown] == ["100.00", "0.00", "0.00"]
    assert [invoice["overdue_since"] for invoice in shown] == [LATE.isoformat()] * 2 + [None]


def test_nothing_is_overdue_once_the_order_is_paid_or_lost() -> None:
    paid = with_money([an_invoice(300, LATE)], [a_payment(1000)])
    assert paid.due_invoices == ()
    lost = replace(with_money([an_invoice(300, LATE)], []), status="lost")
    assert view_of(lost, CLIENT, NOW)["checklist"]["overdue"] == []
    assert lost.invoice_overdue_at is None


@pytest.mark.parametrize(
    ("zone", "now", "is_overdue"),
    [
        ("Pacific/Kiritimati", datetime(2026, 11, 26, 10, 34, tzinfo=UTC), True),
        ("UTC", datetime(2026, 11, 26, 10, 34, tzinfo=UTC), False),
        ("Pacific/Pago_Pago", datetime(2026, 11, 27, 10, 34, tzinfo=UTC), False),
        ("Pacific/Pago_Pago", datetime(2026, 11, 27, 11, 0, tzinfo=UTC), True),
    ],
)
def test_an_invoice_is_overdue_once_its_day_is_over_for_the_company(
    zone: str, now: datetime, is_overdue: bool
) -> None:
    day = date(2026, 11, 26)
    invoice = replace(an_invoice(300, day), overdue_at=end_of_day(day, zone))
    overdue = view_of(with_money([invoice], []), CLIENT, now)["checklist"]["overdue"]
    assert [late["since"] for late in overdue] == ["2026-11-26"] * is_overdue


amounts = st.integers(1, 400)
days = st.none() | st.dates(date(2026, 11, 1), date(2026, 12, 31))


@given(
    st.lists(st.tuples(amounts, days), max_size=5),
    st.lists(st.tuples(amounts, st.integers(0, 5)), max_size=5),
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 5)), max_size=4),
)
def test_money_covers_no_invoice_twice_and_none_is_left_while_one_lacks_it(
    billed: list[tuple[int, date | None]],
    received: list[tuple[int, int]],
    returned: list[tuple[int, int]],
) -> None:
    invoices = [an_invoice(amount, due_on) for amount, due_on in billed]
    payments = [
        a_payment(amount, invoices[which] if which < len(invoices) else None)
        for amount, which in received
    ]
    left = {payment.id: int(payment.amount.amount) for payment in payments}
    refunds = []
    for percent, which in returned:
        named = payments[which] if which < len(payments) else None
        most = min(left[named.id] if named else sum(left.values()), sum(left.values()))
        if amount := most * percent // 100:
            refunds.append(
                Refund(new_id(), roubles(amount), named.id if named else None, NOW, None)
            )
            left[named.id if named else max(left, key=lambda id_: left[id_])] -= amount
    activity = with_money(invoices, payments, refunds if all(v >= 0 for v in left.values()) else ())
    amounts_covered = covered(activity)
    billed_sum = sum(amount for amount, _ in billed)
    assert sum(amounts_covered) == min(billed_sum, activity.paid.amount)
    assert all(
        0 <= part <= invoice.amount.amount
        for part, invoice in zip(amounts_covered, invoices, strict=True)
    )


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        (None, None),
        (TODAY, None),
        (TODAY - timedelta(days=1800), None),
        (TODAY + timedelta(days=1), "not_in_future"),
        (date(2001, 1, 1), "not_before"),
    ],
)
def test_a_fact_is_of_today_or_of_the_last_years(day: date | None, rule: str | None) -> None:
    if rule is None:
        assert day_of_fact(day, TODAY, "on") == (day or TODAY)
        return
    with pytest.raises(Invalid) as refused:
        day_of_fact(day, TODAY, "on")
    (error,) = refused.value.extra["errors"]
    assert (error["field"], error["rule"]) == ("on", rule)


@pytest.mark.parametrize(
    ("day", "rule"),
    [(date(2016, 11, 30), "not_before"), (TODAY, None), (date(2099, 1, 1), "not_after")],
)
def test_a_due_day_is_one_that_somebody_means(day: date, rule: str | None) -> None:
    if rule is None:
        require_due_day(day, TODAY)
        return
    with pytest.raises(Invalid) as refused:
        require_due_day(day, TODAY)
    assert refused.value.extra["errors"][0]["rule"] == rule


def test_several_payments_and_refunds_of_one_invoice_add_up() -> None:
    first, second = an_invoice(300, LATE), an_invoice(300, LATER)
    parts = [a_payment(100, second), a_payment(150, second), a_payment(40)]
    returned = [Refund(new_id(), roubles(30), parts[0].id, NOW, None) for _ in range(2)]
    activity = with_money([first, second], parts, returned)
    assert covered(activity) == [40, 190]


def test_a_kopeck_that_names_nothing_covers_the_oldest_due() -> None:
    first, second = an_invoice(300, LATE), an_invoice(300, LATER)
    kopeck = replace(a_payment(1), amount=roubles("0.01"))
    assert covered(with_money([first, second], [kopeck])) == [Decimal("0.01"), 0]


def test_an_open_activity_is_overdue_since_its_first_due_invoice() -> None:
    zone = "Europe/Moscow"
    first, second = (
        replace(an_invoice(300, day), overdue_at=end_of_day(day, zone)) for day in (LATE, TODAY)
    )
    for status in ("free", "in_work"):
        activity = replace(with_money([second, first], []), status=status)
        assert activity.invoice_overdue_at == end_of_day(LATE, zone)
    assert with_money([], []).invoice_overdue_at is None
