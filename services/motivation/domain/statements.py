"""A statement's lines and the checksum by which payroll knows that it has them all
(integrations.md, "Files of a closed period").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from shared.ids import EntryId
from shared.money import Money, total


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """The six fields that a checksum covers."""

    entry_id: EntryId
    personnel_number: str | None
    period: str
    kind: str
    amount: Decimal
    corrects: EntryId | None

    def text(self) -> str:
        """`entry_id;personnel_number;period;kind;amount;corrects`: two decimals, a point, nothing
        for what is not there.
        """
        return f"{self.entry_id};{self.personnel_number or ''};{self.period};{self.kind};{self.amount:.2f};{self.corrects or ''}"


def checksum(lines: Iterable[CheckedLine]) -> str:
    """SHA-256 in hex over the lines in UTF-8, sorted bytewise, each ended by LF: `LC_ALL=C sort |
    sha256sum` gives the same.
    """
    return sha256(b"".join(sorted(line.text().encode() + b"\n" for line in lines))).hexdigest()


def totals(amounts: Iterable[Money]) -> list[Money]:
    """The sum of each currency, by its code; currencies never meet."""
    found = list(amounts)
    return [
        total((one for one in found if one.currency == code), code)
        for code in sorted({one.currency for one in found})
    ]
