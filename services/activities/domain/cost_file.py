"""A file of what sources cost: CSV as a spreadsheet saves it, and what its rows mean."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.activities.domain.source_costs import require_cost_days
from shared.errors import Invalid, Refusal
from shared.ids import derived_id
from shared.money import LARGEST

MOST_ROWS = 2000
MOST_ERRORS = 100
_LONGEST_NOTE = 1000
COLUMNS: Mapping[str, str] = {
    "source": "source",
    "источник": "source",
    "campaign": "campaign",
    "кампания": "campaign",
    "first_on": "first_on",
    "from": "first_on",
    "date": "first_on",
    "day": "first_on",
    "с": "first_on",
    "дата": "first_on",
    "last_on": "last_on",
    "to": "last_on",
    "по": "last_on",
    "amount": "amount",
    "сумма": "amount",
    "расход": "amount",
    "currency": "currency",
    "валюта": "currency",
    "company": "company",
    "компания": "company",
    "room": "room",
    "комната": "room",
    "note": "note",
    "примечание": "note",
}
"""What a column holds, by its head in any case."""
_REQUIRED = ("source", "first_on", "amount")
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_RUSSIAN_DAY = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})")


class BadRows(Refusal):
    """Rows of a file break rules; nothing of it was entered. Names the first hundred."""

    status, code = 422, "invalid"

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(errors=list(errors[:MOST_ERRORS]))


@dataclass(frozen=True, slots=True)
class Names:
    """The directory by its names, folded, and by its ids; a name may be of several."""

    sources: Mapping[str, Sequence[UUID]]
    companies: Mapping[str, Sequence[UUID]]
    rooms: Mapping[str, Sequence[UUID]]


@dataclass(slots=True)
class _Row:
    """A row being read: its values, and what is wrong with it."""

    line: int
    cells: Mapping[str, str]
    errors: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, name: str, rule: str, **parameters: Any) -> None:
        self.errors.append({"field": f"rows.{self.line}.{name}", "rule": rule, **parameters})


def read_costs(text: str, names: Names, currency: str, today: date) -> list[dict[str, Any]]:
    """The costs in a file, by their columns; those of equal rows get ids of their own, the same in
    every reading, so that a file that is sent again adds nothing.

    Columns are divided by semicolons, commas or tabs. Without a currency it is `currency`. Raises
    `Invalid` for a file that is no such table, `BadRows`.
    """
    rows, equals = [], Counter[str]()
    errors: list[dict[str, Any]] = []
    for row in _rows(text):
        cost = _cost(row, names, currency, today)
        errors += row.errors
        if not row.errors:
            content = ";".join(str(value) for value in cost.values())
            equals[content] += 1
            rows.append({"id": derived_id("source_cost", content, str(equals[content])), **cost})
    if errors:
        raise BadRows(errors)
    if not rows:
        raise Invalid("body", "missing")
    return rows


def _rows(text: str) -> Iterator[_Row]:
    lines = text.removeprefix("\ufeff").splitlines()
    head = next(iter(lines), "")
    delimiter = max(";,\t", key=head.count)
    try:
        table = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        raise Invalid("body", "csv") from None
    if not any(table):
        raise Invalid("body", "missing")
    columns = _columns(table[0])
    if len(table) - 1 > MOST_ROWS:
        raise Invalid("body", "too_many_rows", max=MOST_ROWS)
    for number, cells in enumerate(table[1:], 2):
        if any(cell.strip() for cell in cells):
            values = zip(columns, cells, strict=False)
            yield _Row(number, {name: value.strip() for name, value in values if value.strip()})


def _columns(heads: Sequence[str]) -> list[str]:
    columns = [COLUMNS.get(head.strip().casefold(), "") for head in heads]
    for head, name in zip(heads, columns, strict=True):
        if not name or columns.count(name) > 1:
            allowed = sorted(COLUMNS)
            raise Invalid("header", "column", column=head.strip()[:60], allowed=allowed)
    if missing := [name for name in _REQUIRED if name not in columns]:
        raise Invalid("header", "columns_missing", missing=missing)
    return columns


def _cost(row: _Row, names: Names, currency: str, today: date) -> dict[str, Any]:
    cells = row.cells
    first_on = _day(row, "first_on", required=True)
    last_on = _day(row, "last_on") or first_on
    if first_on and last_on and not row.errors:
        try:
            require_cost_days(first_on, last_on, today)
        except Invalid as refused:
            broken = dict(refused.extra["errors"][0])
            row.refuse(broken.pop("field"), broken.pop("rule"), **broken)
    source = f"{cells.get('source', '')}\t{cells['campaign']}" if "campaign" in cells else None
    code = cells.get("currency", currency).upper()
    if not _CURRENCY.fullmatch(code):
        row.refuse("currency", "currency")
    note = cells.get("note")
    if note and len(note) > _LONGEST_NOTE:
        row.refuse("note", "too_long", max_length=_LONGEST_NOTE)
    return {
        "source_id": _named(row, "source", names.sources, source),
        "company_id": _named(row, "company", names.companies) if "company" in cells else None,
        "room_id": _named(row, "room", names.rooms) if "room" in cells else None,
        "first_on": first_on,
        "last_on": last_on,
        "amount": _amount(row),
        "currency": code,
        "note": note,
    }


def _named(
    row: _Row, name: str, ids: Mapping[str, Sequence[UUID]], text: str | None = None
) -> UUID | None:
    """The id of what a cell names by its name or its id."""
    text = text or row.cells.get(name, "")
    if not text:
        row.refuse(name, "missing")
        return None
    found = ids.get(text.casefold(), ())
    if len(found) != 1:
        row.refuse(name, "several_of_the_name" if found else "exists", noun=name)
        return None
    return found[0]


def _day(row: _Row, name: str, required: bool = False) -> date | None:
    text = row.cells.get(name, "")
    if not text:
        if required:
            row.refuse(name, "missing")
        return None
    if russian := _RUSSIAN_DAY.fullmatch(text):
        text = "-".join(reversed(russian.groups()))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        row.refuse(name, "date")
        return None
    if not 2000 <= day.year < 2100:
        row.refuse(name, "years")
    return day


def _amount(row: _Row) -> Decimal:
    text = _SPACES.sub("", row.cells.get("amount", "")).replace(",", ".")
    if not text:
        row.refuse("amount", "missing")
    elif not _AMOUNT.fullmatch(text):
        row.refuse("amount", "money")
    elif not 0 < Decimal(text) <= LARGEST:
        row.refuse("amount", "more_than", min=0)
    else:
        return Decimal(text).quantize(Decimal("0.01"))
    return Decimal(0)
