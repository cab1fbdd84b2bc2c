"""Refused rows as a file of the uploaded one's shape, to be mended and uploaded again: its columns,
and behind them the number of the row and what is wrong with it.
"""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from services.activities.queries.refused_rows import RefusedRow
from shared.jobs import RefusedElement
from shared.jobs.report import BYTE_ORDER_MARK, defused
from shared.web.messages import Messages

MOST_IN_WORKBOOK = 5_000
"""Refused rows that make a workbook; more come as text, which needs no memory."""
CSV = "text/csv; charset={charset}"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROW_COLUMN = {"ru": "Строка", "en": "Row"}
REASON_COLUMN = {"ru": "Причина отказа", "en": "Why it was refused"}
_PIECE = 64 << 10
Rows = AsyncIterator[list[RefusedRow]]


def header_of(import_: Mapping[str, Any], language: str) -> list[str]:
    """The titles of the file's columns."""
    return [*import_["columns"], ROW_COLUMN[language], REASON_COLUMN[language]]


def _line(row: RefusedRow, width: int, texts: Messages) -> list[str]:
    (number, *cells), refusals = row
    shown = ["" if cell is None or isinstance(cell, dict) else str(cell) for cell in cells]
    reasons = "; ".join(dict.fromkeys(_reason(refusal, texts) for refusal in refusals))
    return [*(defused(cell) for cell in shown[:width]), str(number), reasons]


def _reason(refusal: RefusedElement, texts: Messages) -> str:
    code, _, reason = refusal.rule.partition(".")
    if code in texts.details:
        text = texts.detail(code, reason, refusal.parameters)
    else:
        text = texts.rule(refusal.rule, refusal.parameters)
    return f"{refusal.field}: {text}" if refusal.field else text


async def as_csv(
    import_: Mapping[str, Any], rows: Rows, header: Sequence[str], texts: Messages
) -> AsyncIterator[bytes]:
    """The file as text, encoded and divided as the uploaded one was."""
    encoding, delimiter = encoding_of(import_), import_["delimiter"] or ";"
    mark = BYTE_ORDER_MARK if encoding == "utf-8" else ""
    yield (mark + _text([header], delimiter)).encode(encoding, "replace")
    async for some in rows:
        lines = [_line(row, len(import_["columns"]), texts) for row in some]
        yield _text(lines, delimiter).encode(encoding, "replace")


def encoding_of(import_: Mapping[str, Any]) -> str:
    """How the file of refused rows is encoded: as the uploaded one, or in UTF-8."""
    return "cp1251" if import_["encoding"] == "cp1251" else "utf-8"


def _text(lines: Sequence[Sequence[str]], delimiter: str) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows(lines)
    return buffer.getvalue()


async def as_workbook(
    import_: Mapping[str, Any], rows: Rows, header: Sequence[str], texts: Messages
) -> AsyncIterator[bytes]:
    """The file as a workbook; texts only, so that no cell is a formula."""
    # A third of a second of a start, for what few processes do.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(header))
    async for some in rows:
        for row in some:
            sheet.append(_line(row, len(import_["columns"]), texts))
    with tempfile.SpooledTemporaryFile(1 << 20) as file:
        await asyncio.to_thread(book.save, file)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
