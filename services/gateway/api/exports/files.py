"""Rows as files that Excel opens: CSV as they come, XLSX when all of them are there."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook

from services.gateway.api.exports.columns import Column, Kind
from services.gateway.api.exports.words import WORDS
from shared.jobs.report import BYTE_ORDER_MARK, defused

FileFormat = Literal["csv", "xlsx"]
MEDIA_TYPES: Mapping[FileFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_YES_NO = {"ru": ("да", "нет"), "en": ("yes", "no")}
_EXACT = Decimal(10) ** 13
"""From here on a spreadsheet's numbers lose kopecks."""
_FORMATS: Mapping[Kind, str] = {
    "money": "#,##0.00",
    "day": "dd.mm.yyyy",
    "moment": "dd.mm.yyyy hh:mm:ss",
}
_WIDTHS: Mapping[Kind, int] = {"text": 28, "code": 18, "money": 14, "day": 12, "moment": 20}
_WIDTH = 14


class Cells:
    """Values of an API's JSON as cells: moments in a zone, codes as words in Russian."""

    def __init__(self, columns: Sequence[Column], language: str, time_zone: str) -> None:
        self.columns, self.language = columns, language
        self._zone = ZoneInfo(time_zone)
        self.titles = [column.title(language, time_zone) for column in columns]

    def typed(self, row: Sequence[Any]) -> list[Any]:
        """A row's values by their kinds; None for none."""
        return [
            None if value is None else self._typed(column.kind, value)
            for column, value in zip(self.columns, row, strict=True)
        ]

    def _typed(self, kind: Kind, value: Any) -> Any:
        if isinstance(value, list):
            return ", ".join(str(self._typed(kind, item)) for item in value)
        if kind == "money":
            return Decimal(value)
        if kind == "day":
            return date.fromisoformat(value[:10])
        if kind == "moment":
            return datetime.fromisoformat(value).astimezone(self._zone).replace(tzinfo=None)
        if kind == "flag":
            return _YES_NO[self.language][not value]
        if kind == "word":
            return WORDS.get(value, value) if self.language == "ru" else value
        return value if kind == "number" else str(value)


def csv_bytes(cells: Cells, rows: Iterable[Sequence[Any]], first: bool) -> bytes:
    """Rows as CSV for Excel in Russia: semicolons, decimal commas; before the `first` of them a
    byte order mark and the titles. No cell is a formula, and codes stay text.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    if first:
        buffer.write(BYTE_ORDER_MARK)
        writer.writerow(cells.titles)
    kinds = [column.kind for column in cells.columns]
    for row in rows:
        writer.writerow(map(_as_text, kinds, cells.typed(row)))
    return buffer.getvalue().encode()


def _as_text(kind: Kind, value: Any) -> str:
    if value is None:
        return ""
    if kind == "money":
        return f"{value:.2f}".replace(".", ",")
    if kind == "moment":
        return f"{_short(value)} {value.time().isoformat('seconds')}"
    if kind == "day":
        return _short(value)
    text = str(value)
    return f"'{text}" if kind == "code" and text[:1].isdigit() else defused(text)


def _short(day: date) -> str:
    return f"{day.day:02}.{day.month:02}.{day.year}"


class XlsxFile:
    """An XLSX that is written row by row, to disk, so that memory does not grow with it."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._folder = TemporaryDirectory(prefix="export-")
        self.path = Path(self._folder.name) / "export.xlsx"
        self._book = Workbook(
            self.path,
            {
                "constant_memory": True,
                "tmpdir": self._folder.name,
                "strings_to_formulas": False,
                "strings_to_urls": False,
            },
        )
        self._sheet = self._book.add_worksheet()
        bold = self._book.add_format({"bold": True})
        self._formats = {
            kind: self._book.add_format({"num_format": text}) for kind, text in _FORMATS.items()
        }
        for place, column in enumerate(cells.columns):
            width = max(_WIDTHS.get(column.kind, _WIDTH), len(cells.titles[place]) + 2)
            self._sheet.set_column(place, place, min(width, 60))
        self._sheet.freeze_panes(1, 0)
        for place, title in enumerate(cells.titles):
            self._sheet.write_string(0, place, title, bold)
        self.rows = 0

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        """Adds rows."""
        for row in rows:
            self.rows += 1
            values = zip(self._cells.columns, self._cells.typed(row), strict=True)
            for place, (column, value) in enumerate(values):
                if value is not None:
                    self._write_cell(place, column.kind, value)

    def _write_cell(self, place: int, kind: Kind, value: Any) -> None:
        if kind in ("day", "moment"):
            self._sheet.write_datetime(self.rows, place, value, self._formats[kind])
        elif kind == "number" or (kind == "money" and abs(value) < _EXACT):
            self._sheet.write_number(self.rows, place, value, self._formats.get(kind))
        else:
            # Text is never taken for a formula, whatever it begins with.
            self._sheet.write_string(self.rows, place, str(value))

    def finish(self) -> None:
        """Makes the file at `path` whole."""
        self._sheet.autofilter(0, 0, self.rows, len(self._cells.columns) - 1)
        self._book.close()

    def remove(self) -> None:
        """Leaves nothing behind."""
        self._folder.cleanup()
