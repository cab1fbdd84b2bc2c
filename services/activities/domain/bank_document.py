"""A payment document of a bank file: who paid whom, how much, when, and which of the two is us."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from services.activities.domain.bank_file import PURPOSE, Field, Section
from services.activities.domain.bank_text import broken_at
from shared.clock import EARLIEST_DAY, LATEST_DAY
from shared.money import LARGEST
from shared.vocabulary import BankLineKind

ACCOUNT_LENGTH = 34
_NUMBER_LENGTH, _NAME_LENGTH, _PURPOSE_LENGTH = 50, 300, 1000
_DATE = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})", re.ASCII)
_AMOUNT = re.compile(r"(-?\d{1,18})(?:[.,](\d{1,2}))?", re.ASCII)
_INN = re.compile(r"\d{10}|\d{12}", re.ASCII)
_KPP = re.compile(r"\d{4}[\dA-Z]{2}\d{3}", re.ASCII)
_NOT_OF_ACCOUNT = re.compile(r"[^0-9A-Za-z]")
_INN_IN_NAME = re.compile(r"\s*ИНН\s*(?P<inn>\d{12}|\d{10})?(?:\s*/\s*\d{9})?\s*", re.ASCII)
_REFUND = re.compile(r"возвр", re.IGNORECASE)
_CURRENCIES = {"840": "USD", "978": "EUR", "156": "CNY", "398": "KZT", "933": "BYN"}


@dataclass(frozen=True, slots=True)
class Party:
    """A side of a payment. Nothing but the account need be there; `other_account` is the one behind
    a payment through another bank's account.
    """

    account: str = ""
    name: str = ""
    inn: str | None = None
    kpp: str | None = None
    other_account: str = ""

    def has_account_of(self, accounts: Collection[str]) -> bool:
        return self.account in accounts or self.other_account in accounts


@dataclass(frozen=True, slots=True)
class BankDocument:
    """A payment as the bank reports it; days are the bank's. `line` is where it begins in the
    file.
    """

    line: int
    number: str
    document_on: date
    amount: Decimal
    payer: Party
    receiver: Party
    debited_on: date | None
    received_on: date | None
    purpose: str

    @property
    def operation_on(self) -> date:
        """The day of the movement on the account."""
        return self.received_on or self.debited_on or self.document_on

    def is_received_by(self, accounts: Collection[str]) -> bool:
        """Whether the money came to one of the accounts."""
        return self.received_on is not None and self.receiver.has_account_of(accounts)

    def kind(self, own: Collection[str]) -> BankLineKind:
        """What the payment is to us, by our accounts."""
        is_payer = self.payer.has_account_of(own)
        if is_payer and self.receiver.has_account_of(own):
            return "transfer"
        if is_payer:
            return "refund_candidate" if _REFUND.search(self.purpose) else "outgoing"
        return "incoming" if self.is_received_by(own) else "other"

    @property
    def identity(self) -> bytes:
        """A digest by which the payment is known again in another file: banks give no id. Equal
        payments share it and are told apart by their ordinal.
        """
        parts = (
            self.receiver.account,
            self.operation_on.isoformat(),
            self.number,
            self.document_on.isoformat(),
            f"{self.amount:.2f}",
            self.payer.inn or "",
            self.payer.account,
        )
        return sha256("\x1f".join(parts).encode()).digest()


def document_of(section: Section) -> BankDocument:
    """The document of a section. Raises `Invalid` for a date or an amount that is none."""
    purpose = section.text(PURPOSE[0])
    if not purpose:
        purpose = " ".join(filter(None, map(section.text, PURPOSE[1:])))
    return BankDocument(
        line=section.line,
        number=section.text("Номер")[:_NUMBER_LENGTH],
        document_on=day_of(_required(section, "Дата"), "Дата"),
        amount=_positive(_required(section, "Сумма")),
        payer=_party(section, "Плательщик"),
        receiver=_party(section, "Получатель"),
        debited_on=optional_day(section, "ДатаСписано"),
        received_on=optional_day(section, "ДатаПоступило"),
        purpose=purpose[:_PURPOSE_LENGTH],
    )


def currency_of(account: str) -> str:
    """The currency of an account, by the sixth to eighth digit of a Russian number; roubles where
    they name none that is traded here.
    """
    return _CURRENCIES.get(account[5:8], "RUB") if len(account) == 20 else "RUB"


def canonical_account(text: str) -> str:
    """An account's number without blanks and points between its digits."""
    return _NOT_OF_ACCOUNT.sub("", text)[:ACCOUNT_LENGTH]


def day_of(field: Field, key: str) -> date:
    """The day that is written `dd.mm.yyyy`. Raises `Invalid`."""
    if written := _DATE.fullmatch(field.text):
        day, month, year = map(int, written.groups())
        try:
            parsed = date(year, month, day)
        except ValueError:
            pass
        else:
            if EARLIEST_DAY <= parsed < LATEST_DAY:
                return parsed
    raise broken_at(field.line, key, "bank_date")


def optional_day(section: Section, key: str) -> date | None:
    """As `day_of`; None where there is no value."""
    field = section.fields.get(key)
    return day_of(field, key) if field else None


def amount_of(field: Field, key: str) -> Decimal:
    """The amount, with a point or a comma before the kopecks. Raises `Invalid`."""
    if written := _AMOUNT.fullmatch(field.text):
        whole, kopecks = written.groups()
        amount = Decimal(f"{whole}.{(kopecks or '').ljust(2, '0')}")
        if abs(amount) <= LARGEST:
            return amount
    raise broken_at(field.line, key, "bank_amount")


def _positive(field: Field) -> Decimal:
    amount = amount_of(field, "Сумма")
    if amount <= 0:
        raise broken_at(field.line, "Сумма", "bank_amount")
    return amount


def _required(section: Section, key: str) -> Field:
    if key not in section.fields:
        raise broken_at(section.line, key, "bank_key_missing")
    return section.fields[key]


def _party(section: Section, side: str) -> Party:
    """Banks put the INN before the name in `Плательщик` and the bare name in `Плательщик1`."""
    whole, bare = section.text(side), section.text(f"{side}1")
    prefix = _INN_IN_NAME.match(whole)
    inn = _digits(_INN, section.text(f"{side}ИНН")) or (prefix["inn"] if prefix else None)
    name = bare or (whole[prefix.end() :] if prefix else whole)
    main, other = (
        canonical_account(section.text(f"{side}{part}")) for part in ("Счет", "РасчСчет")
    )
    return Party(
        account=main or other,
        name=name[:_NAME_LENGTH],
        inn=inn,
        kpp=_digits(_KPP, section.text(f"{side}КПП")),
        other_account=other,
    )


def _digits(form: re.Pattern[str], text: str) -> str | None:
    """The code that is written; None for what is none, such as the zero of a natural person."""
    return text if form.fullmatch(text) else None
