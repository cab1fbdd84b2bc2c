"""Invoices: issued and cancelled."""

from dataclasses import replace

import pytest

from services.activities.domain import invoicing, payments
from services.activities.domain.refusals import (
    AlreadyWon,
    ExceedsAgreed,
    InvoiceAlreadyCancelled,
)
from services.activities.domain.trade import Invoice, Payment
from shared.errors import Invalid, NotFound
from shared.ids import new_id
from shared.money import LARGEST, Money
from shared.vocabulary import Status
from tests.support.money import roubles
from tests.unit.activities.builders import (
    NOW,
    SETTINGS,
    TODAY,
    a_line,
    after,
    in_work,
    invoiced,
    paid,
    types,
    won,
)


def test_a_won_order_is_invoiced_as_far_as_it_was_agreed() -> None:
    with pytest.raises(AlreadyWon):
        invoiced(won())
    prepaid = after(paid(after(invoiced(in_work(), 300)), 1000))
    assert (prepaid.status, prepaid.to_invoice) == ("won", roubles(700))
    whole = after(invoiced(prepaid, 700))
    assert (whole.status, whole.to_invoice) == ("won", roubles(0))


def test_no_more_is_invoiced_than_was_agreed() -> None:
    deposit = after(invoiced(in_work(), 300))
    with pytest.raises(ExceedsAgreed) as refused:
        invoiced(deposit, "700.01")
    assert refused.value.extra == {"left": {"amount": "700.00", "currency": "RUB"}}
    assert after(invoiced(deposit, 700)).to_invoice == roubles(0)


def test_a_paid_deposit_wins_nothing_and_cancelling_the_rest_neither() -> None:
    activity = after(invoiced(after(paid(after(invoiced(in_work(), 300)), 300)), 700))
    assert (activity.stage, activity.covered) == ("part_paid", False)
    rest = activity.trade.invoices[1].id
    assert types(invoicing.cancel_invoice(activity, rest, "не нужно", SETTINGS, NOW)) == [
        "invoice.cancelled"
    ]


@pytest.mark.parametrize("status", ["free", "in_work", "won", "lost"])
def test_an_invoice_is_cancelled_whatever_became_of_the_activity(status: Status) -> None:
    activity = replace(after(invoiced(in_work())), status=status)
    invoice_id = activity.trade.invoices[0].id
    cancelled = after(invoicing.cancel_invoice(activity, invoice_id, "ошибка", SETTINGS, NOW))
    assert (cancelled.invoiced, cancelled.status) == (roubles(0), status)


def test_a_cancelled_invoice_is_not_cancelled_again_and_takes_the_money_that_comes() -> None:
    activity = after(invoiced(in_work()))
    invoice_id = activity.trade.invoices[0].id
    activity = after(invoicing.cancel_invoice(activity, invoice_id, "ошибка", SETTINGS, NOW))
    assert (activity.stage, activity.invoiced) == ("in_work", roubles(0))
    with pytest.raises(InvoiceAlreadyCancelled):
        invoicing.cancel_invoice(activity, invoice_id, "ещё раз", SETTINGS, NOW)
    assert after(paid(activity, 10, invoice_id=invoice_id)).paid == roubles(10)


def test_another_currency_than_the_companys_is_refused() -> None:
    dollars = Money(amount="10.00", currency="USD")
    with pytest.raises(Invalid):
        invoicing.issue_invoice(
            in_work(), Invoice(new_id(), dollars, None, None, NOW), SETTINGS, NOW
        )
    with pytest.raises(Invalid):
        payments.record_payment(
            in_work(), Payment(new_id(), dollars, None, NOW, None), SETTINGS, False, NOW
        )


def test_sums_have_no_limit_of_a_single_amount() -> None:
    order = in_work(products=(a_line(str(LARGEST), quantity=2),))
    twice_invoiced = after(invoiced(after(invoiced(order, str(LARGEST))), str(LARGEST)))
    twice_paid = after(paid(after(paid(twice_invoiced, str(LARGEST))), str(LARGEST)))
    assert twice_invoiced.invoiced.amount == twice_paid.paid.amount == 2 * LARGEST
    assert twice_paid.status == "won"


def test_issuing_publishes_the_invoice_and_its_due_date() -> None:
    (event,) = invoiced(in_work(), 1000, TODAY)
    (invoice,) = event.after.trade.invoices
    assert event.type == "invoice.issued"
    published = {"invoice_id": invoice.id, "amount": roubles(1000), "due_on": TODAY}
    assert event.details == {**published, "number": None}


def test_cancelling_publishes_the_invoice_and_keeps_the_reason_and_the_others() -> None:
    activity = after(invoiced(after(invoiced(in_work(), 700)), 300))
    first, second = activity.trade.invoices
    (event,) = invoicing.cancel_invoice(activity, second.id, "не нужно", SETTINGS, NOW)
    assert (event.type, event.note) == ("invoice.cancelled", "не нужно")
    assert event.details == {"invoice_id": second.id, "amount": roubles(300)}
    assert event.after.trade.invoices == (first, replace(second, cancelled=True))
    assert event.after.version == activity.version + 1


def test_an_unknown_invoice_is_not_found_and_names_no_field() -> None:
    with pytest.raises(NotFound) as refused:
        invoicing.cancel_invoice(in_work(), new_id(), "ошибка", SETTINGS, NOW)
    assert refused.value.extra == {"noun": "invoice"}


def test_a_refused_currency_names_field_rule_and_currency() -> None:
    money = Money(amount="10.00", currency="USD")
    error = {"field": "amount.currency", "rule": "company_currency", "currency": "RUB"}
    activity = after(invoiced(in_work(), 1))
    with pytest.raises(Invalid) as refused:
        invoicing.issue_invoice(activity, Invoice(new_id(), money, None, None, NOW), SETTINGS, NOW)
    assert refused.value.extra == {"errors": [error]}


def test_an_unknown_invoice_is_refused_by_the_field_that_names_it() -> None:
    with pytest.raises(NotFound) as refused:
        invoicing.find_invoice(in_work(), new_id(), "invoice_id")
    assert refused.value.extra == {
        "noun": "invoice",
        "errors": [{"field": "invoice_id", "rule": "exists", "noun": "invoice"}],
    }
