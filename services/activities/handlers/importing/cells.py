"""The cells of one row as the fields that its columns fill, each with every rule that it breaks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from services.activities.domain.import_cells import (
    INN_LENGTHS,
    KPP_LENGTHS,
    day_of,
    moment_of,
    number_of,
    parts_of,
    truth_of,
    with_leading_zero,
)
from shared.contacts import Inn, Kpp, Phone
from shared.errors import Invalid
from shared.jobs import RefusedElement
from shared.money import Money
from shared.text import Email, Line, Name, Text
from shared.web.validation import broken_rules

Value = TypeVar("Value")
_TEXTS: Mapping[str, TypeAdapter[str]] = {
    "line": TypeAdapter(Line),
    "name": TypeAdapter(Name),
    "text": TypeAdapter(Text),
    "inn": TypeAdapter(Inn),
    "kpp": TypeAdapter(Kpp),
    "phone": TypeAdapter(Phone),
    "email": TypeAdapter(Email),
}
MOST_CONTACTS = 20


@dataclass(slots=True)
class Cells:
    """A row under judgement: reads fields, and notes what is wrong with them.

    `columns` are the places of the columns by field, `titles` those of the columns.
    """

    number: int
    cells: Sequence[Any]
    columns: Mapping[str, Sequence[int]]
    titles: Sequence[str]
    refusals: list[RefusedElement] = field(default_factory=list)

    def require_shape(self) -> None:
        """Notes a row with more cells than the header: a sign between cells stands in one of
        them.
        """
        if any(cell is not None for cell in self.cells[len(self.titles) :]):
            self.refuse("", "more_cells", max=len(self.titles))

    def refuse(self, name: str, rule: str, **parameters: Any) -> None:
        """Notes a rule that a field breaks."""
        element = RefusedElement(str(self.number), self.title_of(name), rule, parameters)
        self.refusals.append(element)

    def title_of(self, name: str) -> str:
        """The title of the column that fills a field; the field's name where none does."""
        places = self.columns.get(name)
        return (self.titles[places[0]] or name) if places else name

    def raw(self, name: str) -> str | None:
        """The text of a field's first column that is not empty."""
        return next(iter(self._all_raw(name)), None)

    def text(self, name: str, kind: str) -> str | None:
        """The field as text of a kind (`_TEXTS`); None where it is empty or refused."""
        raw = self.raw(name)
        return None if raw is None else self._parsed(name, kind, raw)

    def inn(self) -> str | None:
        raw = self.raw("inn")
        return raw and self._parsed("inn", "inn", with_leading_zero(raw, INN_LENGTHS))

    def kpp(self) -> str | None:
        raw = self.raw("kpp")
        return raw and self._parsed("kpp", "kpp", with_leading_zero(raw.upper(), KPP_LENGTHS))

    def contacts(self, name: str, kind: str) -> list[str]:
        """Every contact in every column of the field, each once."""
        parts = [part for raw in self._all_raw(name) for part in parts_of(raw)]
        if len(parts) > MOST_CONTACTS:
            self.refuse(name, "too_many", max=MOST_CONTACTS)
            return []
        parsed = (self._parsed(name, kind, part) for part in parts)
        return list(dict.fromkeys(each for each in parsed if each))

    def truth(self, name: str) -> bool | None:
        return self._read(name, truth_of, "yes_or_no")

    def number_in(self, name: str) -> Decimal | None:
        return self._read(name, number_of, "number")

    def day(self, name: str) -> date | None:
        return self._read(name, day_of, "table_date")

    def moment(self, name: str) -> datetime | None:
        """A day and time of no zone."""
        return self._read(name, moment_of, "table_date")

    def one_of(self, name: str, words: Mapping[str, str]) -> str | None:
        """The code of a word, whatever its case."""
        raw = self.raw(name)
        if raw is None:
            return None
        code = words.get(raw.casefold())
        if code is None:
            self.refuse(name, "one_of", allowed=sorted(set(words)))
        return code

    def money(self, name: str, currency: str) -> Money | None:
        """An amount in that currency."""
        number = self.number_in(name)
        if number is None:
            return None
        try:
            return Money(amount=number, currency=currency)
        except ValidationError as error:
            self._note(name, error)
            return None

    def judged(self, name: str, judge: Callable[[], Value]) -> Value | None:
        """What `judge` gives; a rule that it finds broken is noted for the field."""
        try:
            return judge()
        except Invalid as refusal:
            for error in refusal.extra["errors"]:
                rest = {key: value for key, value in error.items() if key not in ("field", "rule")}
                self.refuse(name, error["rule"], **rest)
            return None

    def _all_raw(self, name: str) -> list[str]:
        texts = []
        for place in self.columns.get(name, ()):
            cell = self.cells[place] if place < len(self.cells) else None
            if isinstance(cell, dict):
                self.refuse(name, cell["broken"])
            elif cell is not None and cell != "":
                texts.append(cell)
        return texts

    def _parsed(self, name: str, kind: str, raw: str) -> str | None:
        try:
            return _TEXTS[kind].validate_python(raw)
        except ValidationError as error:
            self._note(name, error)
            return None

    def _note(self, name: str, error: ValidationError) -> None:
        for broken in broken_rules(error.errors(include_input=False)):
            rest = {key: each for key, each in broken.items() if key not in ("field", "rule")}
            self.refuse(name, broken["rule"], **rest)

    def _read(self, name: str, read: Callable[[str], Value | None], rule: str) -> Value | None:
        raw = self.raw(name)
        if raw is None:
            return None
        value = read(raw)
        if value is None:
            self.refuse(name, rule)
        return value
