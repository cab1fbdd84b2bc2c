"""What two reports of one payment have in common."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.activities.domain.inbound_payments import (
    EarlierReport,
    InboundPayment,
    Payer,
    Place,
    fingerprint_of,
    place_of,
)
from shared.ids import CompanyId
from shared.money import Money

DAY = date(2026, 11, 20)
PAYER = Payer(inn="7701234567", account="40702810900000000017")
PAYMENT = InboundPayment(
    "statement",
    "hash",
    CompanyId(UUID(int=1)),
    "in",
    Money.build(amount=Decimal("1000.00"), currency="RUB"),
    DAY,
    PAYER,
    document_number="17",
    document_on=date(2026, 11, 19),
)


ACCOUNT = "40702810900000000017"


def _rub(amount: str, currency: str = "RUB") -> Money:
    return Money.build(amount=Decimal(amount), currency=currency)


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "api", "external_id": "erp-1"},
        {"purpose": "Оплата по счету 17"},
        {"payer": Payer(inn=PAYER.inn, name="ООО «Ромашка»", kpp="770101001")},
        {"document_number": " 0001a "},
        {"document_number": "1A"},
        {"received_on": date(2026, 11, 21)},
        {"amount": _rub("1000")},
    ],
)
def test_reports_of_one_payment_have_one_fingerprint(changes: dict[str, Any]) -> None:
    payment = replace(PAYMENT, document_number="1A")
    assert fingerprint_of(replace(payment, **changes)) == fingerprint_of(payment)


def test_without_a_day_of_its_own_the_order_is_of_the_day_of_receipt() -> None:
    payment = replace(PAYMENT, document_on=None)
    assert fingerprint_of(payment) == fingerprint_of(replace(payment, document_on=DAY))


@pytest.mark.parametrize(
    "changes",
    [
        {"company_id": CompanyId(UUID(int=2))},
        {"direction": "out"},
        {"document_number": "18"},
        {"document_on": None},
        {"amount": _rub("1000.01")},
        {"amount": _rub("1000.00", "USD")},
        {"payer": Payer(inn="7707654321", account=ACCOUNT)},
        {"payer": Payer(account=ACCOUNT)},
    ],
)
def test_another_payment_has_another_fingerprint(changes: dict[str, Any]) -> None:
    assert fingerprint_of(replace(PAYMENT, **changes)) not in (None, fingerprint_of(PAYMENT))


@pytest.mark.parametrize(
    "changes",
    [{"document_number": None}, {"document_number": " 00"}, {"payer": Payer(name="Я")}],
)
def test_without_a_number_or_a_payer_nothing_tells(changes: dict[str, Any]) -> None:
    assert fingerprint_of(replace(PAYMENT, **changes)) is None


def test_a_fingerprint_stays_as_it_is_stored() -> None:
    assert fingerprint_of(PAYMENT) == (
        "1276b464a9e890ece1e0c19d056814e3f70e4820e0286e4036d06b668a043f9b"
    )


def test_the_first_report_of_a_payment_stands_by_itself() -> None:
    assert place_of(PAYMENT, []) == Place(0)


def test_another_senders_report_of_a_payment_is_its_duplicate() -> None:
    api = EarlierReport(UUID(int=5), "api", 0, True)
    assert place_of(PAYMENT, [api]) == Place(0, api.id)


def test_one_senders_reports_are_payments_of_their_own() -> None:
    first = EarlierReport(UUID(int=5), "statement", 0, True)
    assert place_of(PAYMENT, [first]) == Place(1)


def test_equal_payments_pair_in_their_order() -> None:
    reports = [
        EarlierReport(UUID(int=5), "api", 0, True),
        EarlierReport(UUID(int=6), "statement", 0, False),
    ]
    assert place_of(PAYMENT, reports) == Place(1)
    second = EarlierReport(UUID(int=7), "api", 1, True)
    assert place_of(PAYMENT, [*reports, second]) == Place(1, second.id)


def test_a_duplicate_has_no_duplicates_of_its_own() -> None:
    reports = [
        EarlierReport(UUID(int=5), "api", 0, True),
        EarlierReport(UUID(int=6), "bus", 0, False),
    ]
    assert place_of(PAYMENT, reports) == Place(0, UUID(int=5))
    assert place_of(PAYMENT, reports[1:]) == Place(0)
