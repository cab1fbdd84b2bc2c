"""A document of a bank file: who paid whom, and what that is to us."""

from datetime import date
from decimal import Decimal

import pytest

from services.activities.domain.bank_document import (
    BankDocument,
    canonical_account,
    currency_of,
    document_of,
)
from services.activities.domain.bank_file import BankFileReader
from shared.errors import Invalid
from tests.support.bank_file import OTHER_OWN, OWN, PAYER, BankPayment


def parsed(lines: list[str]) -> BankDocument:
    text = "\n".join(["1CClientBankExchange", *lines, "КонецФайла"])
    _, section = BankFileReader("utf-8").feed(f"{text}\n".encode())
    return document_of(section)


def document(**about: str) -> BankDocument:
    return parsed(BankPayment(**about).lines())


def with_lines(**values: str) -> list[str]:
    """The lines of a document with other values of some keys."""
    return [
        f"{key}={values[key]}" if (key := line.partition("=")[0]) in values else line
        for line in BankPayment().lines()
    ]


def test_a_document_has_what_the_bank_says() -> None:
    read = document(number="415", amount="12500,5", debited_on="19.11.2026")
    assert (read.line, read.number, read.document_on) == (2, "415", date(2026, 11, 20))
    assert (read.amount, read.received_on) == (Decimal("12500.50"), date(2026, 11, 20))
    assert read.debited_on == date(2026, 11, 19)
    payer, receiver = read.payer, read.receiver
    assert (payer.account, payer.name, payer.inn) == (PAYER, 'ООО "Ромашка"', "7707083893")
    assert (payer.kpp, payer.other_account) == ("770701001", PAYER)
    assert (receiver.account, receiver.inn, receiver.kpp) == (OWN, "7736207543", None)
    assert read.purpose == "Оплата по счету № 1"


@pytest.mark.parametrize(
    ("written", "name", "inn"),
    [
        ("ИНН 7707083893 ООО Ромашка", "ООО Ромашка", "7707083893"),
        ("ИНН 500100732259 ИП Иванов", "ИП Иванов", "500100732259"),
        ("ИНН7707083893/770701001 ООО Ромашка", "ООО Ромашка", "7707083893"),
        ("Иванов Иван", "Иванов Иван", None),
        ("ИНН Иванов", "Иванов", None),
    ],
)
def test_name_and_inn_are_told_apart(written: str, name: str, inn: str | None) -> None:
    payer = parsed(with_lines(Плательщик=written, ПлательщикИНН="0", Плательщик1="")).payer
    assert (payer.name, payer.inn) == (name, inn)


def test_a_purpose_in_parts_is_joined() -> None:
    lines = with_lines(НазначениеПлатежа="")
    lines[-1:-1] = ["НазначениеПлатежа1=Оплата", "НазначениеПлатежа3=по счету"]
    assert parsed(lines).purpose == "Оплата по счету"


def test_an_account_may_stand_in_either_place() -> None:
    read = parsed(with_lines(ПолучательСчет="", ПлательщикСчет="40702 810.5"))
    assert (read.receiver.account, read.payer.account) == (OWN, "407028105")
    assert read.payer.other_account == PAYER
    assert parsed(with_lines(ПолучательСчет="1")).kind({OWN}) == "incoming"


@pytest.mark.parametrize(
    ("about", "kind"),
    [
        ({}, "incoming"),
        ({"payer_account": OTHER_OWN}, "transfer"),
        ({"payer_account": OTHER_OWN, "received_on": ""}, "transfer"),
        ({"payer_account": OWN, "receiver_account": PAYER}, "outgoing"),
        (
            {"payer_account": OWN, "receiver_account": PAYER, "purpose": "ВОЗВРАТ по счету 1"},
            "refund_candidate",
        ),
        ({"purpose": "Возврат займа"}, "incoming"),
        ({"received_on": ""}, "other"),
        ({"receiver_account": PAYER}, "other"),
    ],
)
def test_the_kind_follows_from_our_accounts(about: dict[str, str], kind: str) -> None:
    assert document(**about).kind({OWN, OTHER_OWN}) == kind


@pytest.mark.parametrize(
    ("about", "on"),
    [
        ({}, date(2026, 11, 20)),
        ({"received_on": "21.11.2026", "debited_on": "19.11.2026"}, date(2026, 11, 21)),
        ({"received_on": "", "debited_on": "19.11.2026"}, date(2026, 11, 19)),
        ({"received_on": ""}, date(2026, 11, 20)),
    ],
)
def test_the_day_is_that_of_the_movement(about: dict[str, str], on: date) -> None:
    assert document(**about).operation_on == on


def test_an_identity_is_the_same_in_every_file() -> None:
    known = document().identity
    assert known == document(name="Ромашка", purpose="другими словами").identity
    assert len(known) == 32
    others = [
        {"number": "2"},
        {"amount": "1000.01"},
        {"on": "21.11.2026", "received_on": "20.11.2026"},
        {"received_on": "21.11.2026"},
        {"inn": "7702070139"},
        {"payer_account": OTHER_OWN},
        {"receiver_account": OTHER_OWN},
    ]
    identities = {document(**about).identity for about in others}
    assert len(identities) == len(others)
    assert known not in identities


@pytest.mark.parametrize(
    ("key", "written", "rule"),
    [
        ("Сумма", "", "bank_key_missing"),
        ("Сумма", "0.00", "bank_amount"),
        ("Сумма", "-5.00", "bank_amount"),
        ("Сумма", "5.001", "bank_amount"),
        ("Сумма", "1e3", "bank_amount"),
        ("Сумма", "1000000000000.00", "bank_amount"),
        ("Сумма", "٥", "bank_amount"),
        ("Дата", "", "bank_key_missing"),
        ("Дата", "2026-11-20", "bank_date"),
        ("Дата", "31.11.2026", "bank_date"),
        ("Дата", "20.11.1999", "bank_date"),
        ("Дата", "20.11.2100", "bank_date"),
        ("ДатаПоступило", "завтра", "bank_date"),
        ("ДатаСписано", "20.11.26", "bank_date"),
    ],
)
def test_a_bad_value_is_refused_by_its_line_and_key(key: str, written: str, rule: str) -> None:
    lines = with_lines(**{key: written})
    with pytest.raises(Invalid) as refused:
        parsed(lines)
    (error,) = refused.value.extra["errors"]
    place = next(number for number, line in enumerate(lines) if line.startswith(f"{key}="))
    line = 2 if rule == "bank_key_missing" else place + 2
    assert error == {"field": "body", "rule": rule, "line": line, "key": key}


@pytest.mark.parametrize("written", ["1", "1,5", "999999999999.99"])
def test_amounts_are_exact(written: str) -> None:
    assert document(amount=written).amount == Decimal(written.replace(",", "."))


@pytest.mark.parametrize("on", ["01.01.2000", "31.12.2099", "29.02.2028"])
def test_days_of_this_century_are_read(on: str) -> None:
    assert document(on=on).document_on.strftime("%d.%m.%Y") == on


@pytest.mark.parametrize(
    ("account", "currency"),
    [
        (OWN, "RUB"),
        ("40702840400000012345", "USD"),
        ("40702978400000012345", "EUR"),
        ("40702156400000012345", "CNY"),
        ("40702398400000012345", "KZT"),
        ("40702933400000012345", "BYN"),
        ("4070284040000001234", "RUB"),
        ("", "RUB"),
    ],
)
def test_the_currency_is_the_accounts(account: str, currency: str) -> None:
    assert currency_of(account) == currency


def test_an_account_is_written_without_blanks() -> None:
    assert canonical_account(" 40702.810 4-0000/0012345") == OWN
    assert len(canonical_account("1" * 50)) == 34
