"""Rows of a table, one after another, whatever its file is; memory does not grow with their
number.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

MOST_COLUMNS = 300
LAST_ROW = 1 << 20
"""A spreadsheet has no row behind it."""
LONGEST_CELL = 5_000
"""Signs of a cell that are kept; no field takes as many."""
_DEFUSED = re.compile(r"'[=+@-]")
"""What we made of a cell that a spreadsheet would take for a formula."""
_EXACT = 10**15
"""A spreadsheet keeps fifteen digits of a number."""
_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
    | {"#Н/Д", "#ССЫЛКА!", "#ЗНАЧ!", "#ДЕЛ/0!", "#ИМЯ?", "#ЧИСЛО!", "#ПУСТО!"}
)
Cell = str | dict[str, str] | None
"""A cell as text; nothing; or `{"broken": rule}` where it has no value that can be used."""
TableRow = tuple[int, list[Cell]]
"""A row that is not empty: its number as the spreadsheet shows it, and its cells."""


class UnreadableTable(Exception):
    """The file cannot be read any further, by a rule."""

    def __init__(self, rule: str, **parameters: Any) -> None:
        super().__init__(rule)
        self.rule, self.parameters = rule, parameters


def csv_rows(file: BinaryIO, encoding: str, delimiter: str) -> Iterator[TableRow]:
    """The rows of a text. Raises `UnreadableTable`."""
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    reader = csv.reader(text, delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, 1):
            if number == 1 and cells and cells[0].casefold().startswith("sep="):
                continue
            # Empty cells count: a header may end with a column without a title.
            if row := _row(number, cells):
                yield number, [*row[1], *[None] * (min(len(cells), MOST_COLUMNS) - len(row[1]))]
    except csv.Error:
        raise UnreadableTable("table_quotes") from None
    except UnicodeError:
        raise UnreadableTable("file_encoding") from None


def xlsx_rows(file: BinaryIO) -> Iterator[TableRow]:
    """The rows of a workbook's first visible sheet, of formulas the values they had when it was
    saved. Raises `UnreadableTable`.
    """
    # A third of a second of a start, for what few processes do.
    from openpyxl import load_workbook

    # What is broken inside makes the library fail in any way.
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = next(each for each in book.worksheets if each.sheet_state == "visible")
        # What a sheet says of its own size need not be true.
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(min_row=1, values_only=True), 1):
            if number > LAST_ROW:
                raise UnreadableTable("too_many_rows", max=LAST_ROW)
            beside = cells[MOST_COLUMNS:]
            if beside.count(None) < len(beside):
                raise UnreadableTable("too_many_columns", max=MOST_COLUMNS)
            if row := _row(number, cells[:MOST_COLUMNS]):
                yield row
    except UnreadableTable:
        raise
    except Exception:
        raise UnreadableTable("table_broken") from None
    finally:
        with suppress(UnboundLocalError):
            book.close()


def _row(number: int, values: Iterable[Any]) -> TableRow | None:
    cells = [cell_of(value) for value in values]
    while cells and cells[-1] is None:
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise UnreadableTable("too_many_columns", max=MOST_COLUMNS)
    return (number, cells) if cells else None


def cell_of(value: Any) -> Cell:
    """A cell's value as text: whole numbers without a point, days as ISO 8601 has them."""
    if value is None:
        return None
    if isinstance(value, str):
        text = value.replace("_x000D_", "\n").replace("\u00a0", " ").strip()
        if _DEFUSED.match(text):
            text = text[1:]
        if text in _ERRORS:
            return {"broken": "cell_error"}
        return text[:LONGEST_CELL] or None
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else {"broken": "cell_error"}


def _number(value: float) -> Cell:
    if value != value or abs(value) >= _EXACT:
        return {"broken": "digits_lost"}
    if value == int(value):
        return str(int(value))
    return f"{value:.10f}".rstrip("0").rstrip(".")
