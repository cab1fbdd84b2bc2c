"""The report of a job as CSV that spreadsheets open: UTF-8 with a byte order mark, semicolons."""

import csv
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from shared.jobs.job import RefusedElement
from shared.web.messages import Messages

COLUMNS = ("element", "field", "rule", "message")
BYTE_ORDER_MARK = "\ufeff"
_AMOUNT = re.compile(r"-[0-9]+\.[0-9]{2}")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

ReadPage = Callable[[int], Awaitable[Sequence[RefusedElement]]]


def defused(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula; a negative amount is none."""
    if _AMOUNT.fullmatch(text) or not text.startswith(_FORMULA):
        return text
    return f"'{text}"


def csv_rows(rows: Sequence[Sequence[str]]) -> bytes:
    """Rows of texts as CSV, each defused."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerows([[defused(text) for text in row] for row in rows])
    return buffer.getvalue().encode()


async def report(read_page: ReadPage, texts: Messages) -> AsyncIterator[bytes]:
    """The report's bytes, page by page, with messages from `texts`; `read_page(position)` gives the
    refusals after a position, none at the end.
    """
    yield BYTE_ORDER_MARK.encode() + csv_rows([COLUMNS])
    position = 0
    while page := await read_page(position):
        yield csv_rows([(row.element, row.field, row.rule, _message(row, texts)) for row in page])
        position += len(page)


def _message(refused: RefusedElement, texts: Messages) -> str:
    code, _, reason = refused.rule.partition(".")
    if code in texts.details:
        return texts.detail(code, reason, refused.parameters)
    return texts.rule(refused.rule, refused.parameters)
