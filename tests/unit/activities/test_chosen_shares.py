"""What a payment from outside is booked as, as a person chooses it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.activities.domain.bank_refusals import BankLineNotIncoming
from services.activities.domain.chosen_shares import ChosenShare, require_place, require_whole
from services.activities.domain.matching import Share
from services.activities.domain.trade import Invoice, Trade
from shared.errors import Invalid, NotFound
from shared.ids import ActivityId, CompanyId
from shared.money import Money
from shared.vocabulary import BankLineKind
from tests.support.money import roubles
from tests.unit.activities.builders import NOW, a_free
from tests.unit.activities.matching_examples import payment

FIRST, SECOND = ActivityId(UUID(int=1)), ActivityId(UUID(int=2))
INVOICE, OTHER_INVOICE = UUID(int=11), UUID(int=12)
PAYMENT = payment("счет 17")


def chosen(amount: int, of: ActivityId = FIRST, invoice_id: UUID | None = INVOICE) -> ChosenShare:
    return ChosenShare(of, invoice_id, roubles(amount))


def broken(*shares: ChosenShare) -> dict[str, Any]:
    with pytest.raises(Invalid) as refused:
        require_whole(shares, PAYMENT, "parts")
    (error,) = refused.value.extra["errors"]
    return dict(error)


def test_shares_make_up_the_payment() -> None:
    require_whole([chosen(1000)], PAYMENT, "parts")
    require_whole([chosen(400), chosen(600, SECOND)], PAYMENT, "parts")
    require_whole([chosen(400), chosen(600, FIRST, None)], PAYMENT, "parts")
    assert chosen(400).share == Share(FIRST, INVOICE, roubles(400).amount)


@pytest.mark.parametrize("amounts", [(999,), (400, 599), (400, 601)])
def test_shares_of_another_sum_are_refused(amounts: tuple[int, ...]) -> None:
    shares = [chosen(amount, ActivityId(UUID(int=n + 1))) for n, amount in enumerate(amounts)]
    assert broken(*shares) == {
        "field": "parts",
        "rule": "adds_up",
        "amount": {"amount": "1000.00", "currency": "RUB"},
    }


def test_a_share_is_there_once() -> None:
    error = broken(chosen(500), chosen(500))
    assert (error["field"], error["rule"]) == ("parts.1", "distinct")


def test_a_share_is_in_the_currency_of_the_payment() -> None:
    dollars = ChosenShare(SECOND, None, Money(amount=roubles(500).amount, currency="USD"))
    assert broken(chosen(500), dollars) == {
        "field": "parts.1.amount.currency",
        "rule": "line_currency",
        "currency": "RUB",
    }


@pytest.mark.parametrize("kind", ["transfer", "other"])
def test_money_between_own_accounts_is_no_clients(kind: BankLineKind) -> None:
    with pytest.raises(BankLineNotIncoming):
        require_whole([chosen(1000)], replace(PAYMENT, kind=kind), "parts")


@pytest.mark.parametrize("kind", ["incoming", "refund_candidate", "outgoing"])
def test_other_money_may_be_a_clients(kind: BankLineKind) -> None:
    require_whole([chosen(1000)], replace(PAYMENT, kind=kind), "parts")


def test_a_share_pays_an_invoice_of_an_activity_of_the_company() -> None:
    invoice = Invoice(INVOICE, roubles(1000), "1", None, NOW)
    ours = a_free(company_id=PAYMENT.company_id, trade=Trade(invoices=(invoice,)))
    require_place(ours, PAYMENT, chosen(1000).share, "parts.0")
    require_place(ours, PAYMENT, chosen(1000, FIRST, None).share, "parts.0")
    with pytest.raises(NotFound) as missing:
        require_place(ours, PAYMENT, chosen(1000, FIRST, OTHER_INVOICE).share, "parts.2")
    assert missing.value.extra["errors"][0]["field"] == "parts.2.invoice_id"
    foreign = replace(ours, company_id=CompanyId(UUID(int=8)))
    with pytest.raises(Invalid) as refused:
        require_place(foreign, PAYMENT, chosen(1000).share, "parts.1")
    (error,) = refused.value.extra["errors"]
    assert (error["field"], error["rule"]) == ("parts.1.activity_id", "of_company")
