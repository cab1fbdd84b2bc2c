"""Invoices: issued and cancelled."""

import pytest

from services.activities.domain import invoicing, payments
from services.activities.domain.activity import Invoice, Payment
from services.activities.domain.refusals import (
    AlreadyWon,
    InvoiceAlreadyCancelled,
)
from shared.errors import Invalid
from shared.ids import new_id
from shared.money import LARGEST, Money
from tests.unit.activities.builders import (
    NOW,
    SETTINGS,
    after,
    in_work,
    invoiced,
    paid,
    rub,
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
    assert (activity.stage, activity.invoiced, activity.covered) == ("in_work", rub(0), False)
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


def test_amounts_never_add_up_to_more_than_the_largest() -> None:
    with pytest.raises(Invalid):
        invoiced(after(invoiced(in_work(), str(LARGEST))), "0.01")
    with pytest.raises(Invalid):
        paid(after(paid(in_work(), str(LARGEST))), "0.01")
