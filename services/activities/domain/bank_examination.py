"""Judges a whole bank file before anything of it is kept: its form, its accounts, and that what
came in adds up to what the bank says came in.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.activities.domain.bank_document import (
    BankDocument,
    amount_of,
    canonical_account,
    document_of,
    optional_day,
)
from services.activities.domain.bank_file import OWN_ACCOUNT, BankFileReader, Field, Section
from services.activities.domain.bank_text import Encoding, broken_at, encoding_of

MOST_ACCOUNTS = 200
_OPENING, _RECEIVED = "НачальныйОстаток", "ВсегоПоступило"
_SPENT, _CLOSING = "ВсегоСписано", "КонечныйОстаток"
_VERSION = "ВерсияФормата"
_NOTHING = Decimal("0.00")


@dataclass(slots=True)
class AccountTotals:
    """An account of ours: what the bank says of it, and what its documents add up to.

    A bank may give an account several sections, such as one a day.
    """

    number: str
    opening: Decimal | None = None
    received: Decimal | None = None
    spent: Decimal | None = None
    closing: Decimal | None = None
    received_in_documents: Decimal = _NOTHING
    _received_line: int = 0

    def add(self, section: Section) -> None:
        """Adds a section of the account. Raises `Invalid` for an amount that is none."""
        opening, closing = _amount(section, _OPENING), _amount(section, _CLOSING)
        received, spent = _amount(section, _RECEIVED), _amount(section, _SPENT)
        self.opening = opening if self.opening is None else self.opening
        self.closing = self.closing if closing is None else closing
        if received is not None:
            self.received = (self.received or _NOTHING) + received
            self._received_line = section.fields[_RECEIVED].line
        if spent is not None:
            self.spent = (self.spent or _NOTHING) + spent

    def require_agreement(self) -> None:
        """Raises `Invalid` where documents are missing or too many."""
        if self.received is not None and self.received != self.received_in_documents:
            raise broken_at(
                self._received_line,
                _RECEIVED,
                "bank_total",
                stated=f"{self.received:.2f}",
                counted=f"{self.received_in_documents:.2f}",
            )


@dataclass(slots=True)
class Examination:
    """What a good file says of itself; days are the bank's."""

    encoding: Encoding
    version: str = ""
    sender: str = ""
    first_on: date | None = None
    last_on: date | None = None
    accounts: dict[str, AccountTotals] = field(default_factory=dict)
    documents: int = 0
    _received: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def add(self, section: Section) -> None:
        """Takes in the head or an account."""
        if section.kind == "head":
            self.version = section.text(_VERSION)
            if self.version and not self.version.startswith("1."):
                raise broken_at(section.fields[_VERSION].line, _VERSION, "bank_version")
            self.sender = section.text("Отправитель")[:200]
        self._cover(optional_day(section, "ДатаНачала"), optional_day(section, "ДатаКонца"))
        totals = [self._account(account) for account in section.accounts]
        if section.kind == "account":
            if not totals:
                raise broken_at(section.line, OWN_ACCOUNT, "bank_key_missing")
            totals[0].add(section)

    def count(self, document: BankDocument) -> None:
        """Counts a document, and what came by it for the account that it came to: accounts may
        stand behind the documents.
        """
        self.documents += 1
        self._cover(document.operation_on, document.operation_on)
        if document.received_on:
            receiver = (document.receiver.account, document.receiver.other_account)
            self._received[receiver] = self._received.get(receiver, _NOTHING) + document.amount

    def close(self) -> None:
        """Compares what the bank says came in with what was counted.

        Raises `Invalid` where they differ, and for a file without an account.
        """
        if not self.accounts:
            raise broken_at(1, OWN_ACCOUNT, "bank_key_missing")
        for receiver, amount in self._received.items():
            for number in receiver:
                if number in self.accounts:
                    self.accounts[number].received_in_documents += amount
                    break
        for totals in self.accounts.values():
            totals.require_agreement()

    def _account(self, field: Field) -> AccountTotals:
        number = canonical_account(field.text)
        if not number:
            raise broken_at(field.line, OWN_ACCOUNT, "bank_account")
        if number not in self.accounts and len(self.accounts) == MOST_ACCOUNTS:
            raise broken_at(field.line, OWN_ACCOUNT, "bank_accounts", max=MOST_ACCOUNTS)
        return self.accounts.setdefault(number, AccountTotals(number))

    def _cover(self, first_on: date | None, last_on: date | None) -> None:
        if first_on and (self.first_on is None or first_on < self.first_on):
            self.first_on = first_on
        if last_on and (self.last_on is None or last_on > self.last_on):
            self.last_on = last_on


def examine(pieces: Callable[[], Iterable[bytes]]) -> Examination:
    """Reads the whole file, which `pieces` gives anew at each call. Raises `Invalid`."""
    examination = Examination(encoding_of(pieces()))
    for section in sections(pieces(), examination.encoding):
        if section.kind == "document":
            examination.count(document_of(section))
        else:
            examination.add(section)
    examination.close()
    return examination


def sections(pieces: Iterable[bytes], encoding: Encoding) -> Iterator[Section]:
    """The sections of a file, in order. Raises `Invalid`."""
    reader = BankFileReader(encoding)
    for piece in pieces:
        yield from reader.feed(piece)
    yield from reader.close()


def _amount(section: Section, key: str) -> Decimal | None:
    field = section.fields.get(key)
    return amount_of(field, key) if field else None
