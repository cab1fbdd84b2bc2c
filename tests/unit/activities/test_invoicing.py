"""Invoices: issued and cancelled."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.activities.domain import invoicing, payments
from services.activities.domain.activity import Invoice, Payment
from services.activities.domain.refusals import (
    AlreadyWon,
    InvoiceAlreadyCancelled,
)
from shared.errors import Invalid, NotFound
from shared.ids import new_id
from shared.money import LARGEST, Money
from tests.support.money import roubles
from tests.unit.activities.builders import (
    NOW,
    SETTINGS,
    after,
    in_work,
    invoiced,
    later,
    paid,
    types,
    won,
)


def test_a_won_activity_refuses_to_issue_and_cancel_invoices() -> None:
    with pytest.raises(AlreadyWon):
        invoiced(won())
    with pytest.raises(AlreadyWon):
        invoicing.cancel_invoice(won(), new_id(), "ошибка", False, NOW)


def test_cancelling_the_unpaid_invoice_wins_with_the_paid_one() -> None:
    activity = after(paid(after(invoiced(after(invoiced(in_work(), 1000)), 300)), 1000))
    assert activity.stage == "part_paid"
    events = invoicing.cancel_invoice(
        activity, activity.trade.invoices[1].id, "не нужно", False, NOW
    )
    assert types(events) == ["invoice.cancelled", "activity.won"]


def test_with_every_invoice_cancelled_nothing_is_covered() -> None:
    activity = after(invoiced(in_work()))
    activity = after(
        invoicing.cancel_invoice(activity, activity.trade.invoices[0].id, "ошибка", False, NOW)
    )
    assert (activity.stage, activity.invoiced, activity.covered) == ("in_work", roubles(0), False)
    with pytest.raises(InvoiceAlreadyCancelled):
        invoicing.cancel_invoice(activity, activity.trade.invoices[0].id, "ещё раз", False, NOW)
    with pytest.raises(InvoiceAlreadyCancelled):
        paid(activity, invoice_id=activity.trade.invoices[0].id)


def test_another_currency_than_the_companys_is_refused() -> None:
    dollars = Money(amount="10.00", currency="USD")
    with pytest.raises(Invalid):
        invoicing.issue_invoice(
            in_work(), Invoice(new_id(), dollars, None, None, NOW), SETTINGS, False, NOW
        )
    with pytest.raises(Invalid):
        payments.record_payment(
            in_work(), Payment(new_id(), dollars, None, NOW, None), SETTINGS, False, NOW
        )


def test_sums_have_no_limit_of_a_single_amount() -> None:
    twice_invoiced = after(invoiced(after(invoiced(in_work(), str(LARGEST))), str(LARGEST)))
    twice_paid = after(paid(after(paid(twice_invoiced, str(LARGEST))), str(LARGEST)))
    assert twice_invoiced.invoiced.amount == twice_paid.paid.amount == 2 * LARGEST
    assert twice_paid.status == "won"


TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("due_dates", "cancelled", "payment", "due_on"),
    [
        ([], [], 0, None),
        ([None], [], 0, None),
        ([TODAY], [], 0, TODAY),
        ([TOMORROW, None, TODAY], [], 0, TODAY),
        ([TODAY], [], 999, TODAY),
        ([TODAY], [], 1000, None),
        ([TODAY, TOMORROW], [0], 0, TOMORROW),
        ([TODAY, TOMORROW], [1], 0, TODAY),
        ([TODAY], [0], 0, None),
    ],
)
def test_the_earliest_due_date_of_uncancelled_invoices_counts_until_they_are_paid(
    due_dates: list[date | None], cancelled: list[int], payment: int, due_on: date | None
) -> None:
    activity = in_work()
    for due_date in due_dates:
        activity = after(invoiced(activity, due_on=due_date))
    for index in cancelled:
        invoice = activity.trade.invoices[index]
        activity = after(invoicing.cancel_invoice(activity, invoice.id, "ошибка", False, NOW))
    if payment:
        activity = after(paid(activity, payment))
    assert activity.invoice_due_on == due_on


def test_issuing_publishes_the_invoice_and_its_due_date() -> None:
    (event,) = invoiced(in_work(), 1000, TODAY)
    (invoice,) = event.after.trade.invoices
    assert event.type == "invoice.issued"
    assert event.details == {"invoice_id": invoice.id, "amount": roubles(1000), "due_on": TODAY}


def test_cancelling_publishes_the_invoice_and_keeps_the_reason_and_the_others() -> None:
    activity = after(invoiced(after(invoiced(in_work(), 1000)), 300))
    first, second = activity.trade.invoices
    (event,) = invoicing.cancel_invoice(activity, second.id, "не нужно", False, NOW)
    assert (event.type, event.note) == ("invoice.cancelled", "не нужно")
    assert event.details == {"invoice_id": second.id, "amount": roubles(300)}
    assert event.after.trade.invoices == (first, replace(second, cancelled=True))
    assert event.after.version == activity.version + 1


def test_an_unknown_invoice_is_not_found_and_names_no_field() -> None:
    with pytest.raises(NotFound) as refused:
        invoicing.cancel_invoice(in_work(), new_id(), "ошибка", False, NOW)
    assert refused.value.extra == {"noun": "invoice"}


@pytest.mark.parametrize("won_before", [False, True])
def test_an_invoice_issued_or_cancelled_wins_a_first_or_repeat_sale(won_before: bool) -> None:
    sale = "repeat" if won_before else "first"
    prepaid = after(paid(in_work(), 1000))
    invoice = Invoice(new_id(), roubles(1000), None, None, NOW)
    events = invoicing.issue_invoice(prepaid, invoice, SETTINGS, won_before, later(days=1))
    assert (after(events).status, after(events).sale) == ("won", sale)
    assert after(events).won_at == later(days=1)
    activity = after(paid(after(invoiced(after(invoiced(in_work())), 300)), 1000))
    second = activity.trade.invoices[1].id
    events = invoicing.cancel_invoice(activity, second, "не нужно", won_before, later(days=2))
    assert (after(events).sale, after(events).won_at) == (sale, later(days=2))


def test_a_refused_currency_names_field_rule_and_currency() -> None:
    money = Money(amount="10.00", currency="USD")
    error = {"field": "amount.currency", "rule": "company_currency", "currency": "RUB"}
    activity = after(invoiced(in_work(), 1))
    with pytest.raises(Invalid) as refused:
        invoicing.issue_invoice(
            activity, Invoice(new_id(), money, None, None, NOW), SETTINGS, False, NOW
        )
    assert refused.value.extra == {"errors": [error]}
