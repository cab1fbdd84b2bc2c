"""Pay statements: an employee's month of a company, and the checksum by which payroll knows that
it has all entries (integrations.md, "Files of a closed period").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from shared.ids import CompanyId, EmployeeId, EntryId, derived_id
from shared.money import Money, MoneySum, total


@lru_cache(maxsize=4096)
def statement_id(company_id: CompanyId, employee_id: EmployeeId, period: str) -> UUID:
    """The id of a statement, the same wherever it is computed."""
    return derived_id("statement", company_id, employee_id, period)


@dataclass(slots=True)
class PayStatement:
    """An employee's pay of a company in a month; `version` is 0 before its first entry."""

    id: UUID
    version: int
    company_id: CompanyId
    employee_id: EmployeeId
    period: str
    entries: int
    total: MoneySum

    @classmethod
    def empty(
        cls, company_id: CompanyId, employee_id: EmployeeId, period: str, currency: str
    ) -> "PayStatement":
        """The statement before its first entry."""
        id_ = statement_id(company_id, employee_id, period)
        return cls(id_, 0, company_id, employee_id, period, 0, Money.zero(currency))

    def add(self, amount: MoneySum) -> None:
        """Moves the statement one entry on.

        All pay of a company is in its currency: `ValueError` for another one.
        """
        self.version, self.entries, self.total = (
            self.version + 1,
            self.entries + 1,
            self.total + amount,
        )


@dataclass(frozen=True, slots=True)
class ChecksumEntry:
    """The six fields of an entry that a checksum covers."""

    entry_id: EntryId
    personnel_number: str | None
    period: str
    kind: str
    amount: Decimal
    corrects: EntryId | None

    def text(self) -> str:
        """`entry_id;personnel_number;period;kind;amount;corrects`: two decimals, a point, empty
        for what is not there.
        """
        return (
            f"{self.entry_id};{self.personnel_number or ''};{self.period};{self.kind};"
            f"{self.amount:.2f};{self.corrects or ''}"
        )


def checksum(entries: Iterable[ChecksumEntry]) -> str:
    """SHA-256 in hex over the entries' texts in UTF-8, sorted bytewise, each ended by LF:
    `LC_ALL=C sort | sha256sum` gives the same.
    """
    texts = sorted(entry.text().encode() + b"\n" for entry in entries)
    return sha256(b"".join(texts)).hexdigest()


def totals(amounts: Iterable[MoneySum]) -> list[MoneySum]:
    """The sum of each currency, by its code; amounts of different currencies never meet."""
    by_currency: dict[str, list[MoneySum]] = {}
    for money in amounts:
        by_currency.setdefault(money.currency, []).append(money)
    return [total(by_currency[code], code) for code in sorted(by_currency)]
