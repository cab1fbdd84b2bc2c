"""When two reports are of one payment."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.activities.domain.inbound_payments import InboundPayment, LineKey, Payer
from services.activities.domain.payment_identity import (
    KnownPayment,
    KnownPayments,
    fingerprint_of,
    told_by,
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


KEY = LineKey(b"\x01" * 32, 0)
LINE = replace(PAYMENT, line=KEY, own_account="40702810400000012345")


def known(number: int, ordinal: int = 0, **about: Any) -> KnownPayment:
    fields: dict[str, Any] = {"fingerprint": fingerprint_of(PAYMENT), **about}
    return KnownPayment(UUID(int=number), "unmatched", ordinal=ordinal, **fields)


def found(payments: list[KnownPayment], payment: InboundPayment, sender: str = "bus") -> int | None:
    same = KnownPayments(payments).find(payment, sender)
    return same.id.int if same else None


def test_a_payment_that_nobody_told_of_is_new() -> None:
    assert found([], PAYMENT) is None
    assert found([known(5, fingerprint="another")], PAYMENT) is None


def test_another_senders_report_is_of_the_same_payment() -> None:
    api = known(5, senders=frozenset({"api:1"}))
    assert found([api], PAYMENT) == found([api], LINE) == found([api], PAYMENT, "api:2") == 5
    assert found([known(5, line=KEY)], PAYMENT) == 5


def test_one_senders_reports_are_payments_of_their_own() -> None:
    assert found([known(5, senders=frozenset({"bus"}))], PAYMENT) is None
    of_another_key = replace(KEY, ordinal=1)
    assert found([known(5, line=of_another_key)], LINE) is None


def test_equal_orders_pair_in_their_order() -> None:
    payments = [known(7, 1), known(6, 0), known(8, 2)]
    assert found(payments, PAYMENT) == 6
    payments[1] = told_by(payments[1], PAYMENT, "bus")
    assert found(payments, PAYMENT) == 7
    assert found(payments, PAYMENT, "api:1") == 6


def test_a_line_is_known_by_its_key_before_anything_else() -> None:
    by_print, by_key = known(5), known(6, fingerprint=None, line=KEY)
    assert found([by_print, by_key], LINE) == 6
    other = replace(LINE, line=replace(KEY, ordinal=1))
    assert found([by_print, by_key], other) == 5
    assert found([by_key], replace(LINE, line=LineKey(b"\x02" * 32, 0))) is None


def test_money_of_another_account_is_another_payment() -> None:
    same, other = known(5, own_account=LINE.own_account), known(6, own_account="4070281")
    assert found([other], LINE) is None
    assert found([other, same], LINE) == 5
    assert found([other], PAYMENT) == 6
    assert found([known(7, own_account="")], LINE) == 7


def test_without_a_fingerprint_only_a_lines_key_tells() -> None:
    bare = replace(PAYMENT, document_number=None)
    assert found([known(5, fingerprint=None)], bare) is None
    payments = KnownPayments([known(5, fingerprint=None, ordinal=3)])
    assert payments.next_ordinal(None) == 0


def test_a_new_payment_stands_behind_those_like_it() -> None:
    payments = KnownPayments([known(5, 0), known(6, 4)])
    assert payments.next_ordinal(fingerprint_of(PAYMENT)) == 5
    assert payments.next_ordinal("another") == 0
    payments.put(known(7, 5))
    assert payments.next_ordinal(fingerprint_of(PAYMENT)) == 6


def test_what_was_told_is_kept_with_the_payment() -> None:
    line = told_by(known(5), LINE, "statement")
    assert (line.line, line.own_account, line.senders) == (KEY, LINE.own_account, frozenset())
    both = told_by(line, replace(PAYMENT, own_account="4070281"), "bus")
    assert (both.line, both.own_account) == (KEY, LINE.own_account)
    assert both.senders == {"bus"}
    assert told_by(both, PAYMENT, "api:1").senders == {"bus", "api:1"}
    payments = KnownPayments([known(5)])
    payments.put(line)
    assert payments.find(LINE, "statement") == line
