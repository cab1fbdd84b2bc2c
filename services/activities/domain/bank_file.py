"""Reads bank files of the format `1CClientBankExchange`, 1.01 to 1.03: pieces of bytes in, their
sections out, one at a time, whatever the size of the file.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from services.activities.domain.bank_text import (
    FIRST_LINE,
    Encoding,
    LineReader,
    Position,
    TextLine,
    broken_at,
)

LAST_LINE = "КонецФайла"
LONGEST_VALUE = 1000
"""In characters; what a bank writes behind that is cut off."""
SectionKind = Literal["head", "account", "document"]
_BEGINS: Mapping[str, SectionKind] = {
    "СекцияРасчСчет": "account",
    "СекцияДокумент": "document",
}
_ENDS: Mapping[str, SectionKind] = {"КонецРасчСчет": "account", "КонецДокумента": "document"}
OWN_ACCOUNT = "РасчСчет"
_PARTY = ("Счет", "РасчСчет", "", "1", "2", "3", "4", "ИНН", "КПП")
PURPOSE = ("НазначениеПлатежа", *(f"НазначениеПлатежа{number}" for number in range(1, 7)))
KEPT: Mapping[SectionKind, frozenset[str]] = {
    "head": frozenset({"ВерсияФормата", "Отправитель", "ДатаНачала", "ДатаКонца", OWN_ACCOUNT}),
    "account": frozenset(
        {
            OWN_ACCOUNT,
            "ДатаНачала",
            "ДатаКонца",
            "НачальныйОстаток",
            "ВсегоПоступило",
            "ВсегоСписано",
            "КонечныйОстаток",
        }
    ),
    "document": frozenset(
        {
            *("Номер", "Дата", "Сумма", "ДатаСписано", "ДатаПоступило", *PURPOSE),
            *(f"Плательщик{part}" for part in _PARTY),
            *(f"Получатель{part}" for part in _PARTY),
        }
    ),
}
"""The keys that are read; others are passed over."""


@dataclass(frozen=True, slots=True)
class Field:
    """A value and its line in the file."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the file: the first value of each key that is not empty, and the place behind it.

    `accounts` are all values of `РасчСчет`, which the head repeats.
    """

    kind: SectionKind
    line: int
    fields: Mapping[str, Field]
    accounts: tuple[Field, ...]
    end: Position

    def text(self, key: str) -> str:
        """The value; empty where there is none."""
        field = self.fields.get(key)
        return field.text if field else ""


class _Open:
    """A section that is being read."""

    def __init__(self, kind: SectionKind, line: int) -> None:
        self.kind, self.line = kind, line
        self.fields: dict[str, Field] = {}
        self.accounts: list[Field] = []
        self._last = ""

    def add(self, key: str, text: str, line: int) -> None:
        """Keeps the first value of a key."""
        self._last = ""
        if key not in KEPT[self.kind] or not text:
            return
        field = Field(text[:LONGEST_VALUE], line)
        if key == OWN_ACCOUNT:
            self.accounts.append(field)
        if key not in self.fields:
            self.fields[key], self._last = field, key

    def continue_last(self, text: str) -> None:
        """Adds a line without a key to the value before it: some banks break long purposes."""
        if self._last:
            field = self.fields[self._last]
            joined = f"{field.text} {text}"[:LONGEST_VALUE]
            self.fields[self._last] = Field(joined, field.line)

    def closed(self, end: Position) -> Section:
        return Section(self.kind, self.line, self.fields, tuple(self.accounts), end)


class BankFileReader:
    """Gives the sections of a file, the head first. It may begin behind any of them."""

    def __init__(self, encoding: Encoding, start: Position | None = None) -> None:
        self._lines = LineReader(encoding, start)
        self._section: _Open | None = None if start else _Open("head", 1)
        self._is_begun = start is not None
        self._is_ended = False
        self._end_of_last = start or Position()

    def feed(self, piece: bytes) -> Iterator[Section]:
        """The sections that end within the piece. Raises `Invalid`."""
        return self._sections(self._lines.feed(piece))

    def close(self) -> Iterator[Section]:
        """What the last line ends. Raises `Invalid` for a file without its end."""
        yield from self._sections(self._lines.close())
        if not self._is_ended:
            raise broken_at(self._end_of_last.line, LAST_LINE, "bank_truncated")

    def _sections(self, lines: Iterable[TextLine]) -> Iterator[Section]:
        for line in lines:
            if line.text:
                yield from self._read(line)
            self._end_of_last = line.end

    def _read(self, line: TextLine) -> Iterator[Section]:
        if self._is_ended:
            raise broken_at(line.number, "", "bank_after_end")
        if not self._is_begun:
            if line.text != FIRST_LINE:
                raise broken_at(line.number, "", "bank_format")
            self._is_begun = True
            return
        key, has_value, text = line.text.partition("=")
        key = key.rstrip()
        if key in _BEGINS or key == LAST_LINE:
            yield from self._begin(key, text, line)
        elif key in _ENDS:
            yield self._end(key, line)
        elif self._section and has_value:
            self._section.add(key, text.lstrip(), line.number)
        elif self._section:
            self._section.continue_last(line.text)

    def _begin(self, key: str, text: str, line: TextLine) -> Iterator[Section]:
        section, self._section = self._section, None
        if section and section.kind != "head":
            raise broken_at(line.number, key, "bank_section_open", opened=section.line)
        if section:
            yield section.closed(self._end_of_last)
        if key == LAST_LINE:
            self._is_ended = True
        else:
            self._section = _Open(_BEGINS[key], line.number)

    def _end(self, key: str, line: TextLine) -> Section:
        section, self._section = self._section, None
        if section is None or section.kind != _ENDS[key]:
            raise broken_at(line.number, key, "bank_section_end")
        return section.closed(line.end)
