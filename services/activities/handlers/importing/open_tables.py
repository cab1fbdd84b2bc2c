"""Tables that are being read: kept open between the steps of a job, so that no step begins at the
first row again. Which process has a table open makes no difference to what is read.
"""

import asyncio
import tempfile
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from uuid import UUID

from services.activities.handlers.importing.tables import (
    TableRow,
    UnreadableTable,
    csv_rows,
    xlsx_rows,
)
from services.activities.storage import uploads
from shared.db import Tx

MOST_OPEN = 4
SKIP_SECONDS = 1.0
"""For so long a step looks for the row at which it goes on."""


class OpenTable:
    """The rows of one file, and how many have been taken."""

    def __init__(self, file: BinaryIO, rows: Iterator[TableRow]) -> None:
        self._file, self._rows = file, rows
        self.taken = 0

    def skip_to(self, taken: int) -> bool:
        """Passes over rows that were taken before; whether it got there in time."""
        give_up_at = time.monotonic() + SKIP_SECONDS
        while self.taken < taken:
            if time.monotonic() > give_up_at:
                return False
            self.take(min(1_000, taken - self.taken))
        return True

    def take(self, count: int) -> list[TableRow]:
        """The next rows, fewer than `count` at the end. Raises `UnreadableTable`."""
        rows = [row for _, row in zip(range(count), self._rows, strict=False)]
        self.taken += len(rows)
        return rows

    def close(self) -> None:
        self._file.close()


_open: OrderedDict[UUID, OpenTable] = OrderedDict()


async def table_at(tx: Tx, import_: Mapping[str, Any], taken: int) -> OpenTable | None:
    """The table with `taken` rows behind, the step's own until it is kept; None where the step's
    time ran out on the way there.

    Raises `UnreadableTable`.
    """
    table = _open.pop(import_["upload_id"], None) or await _opened(tx, import_)
    if table.taken > taken:
        # What was taken last was not written: the step failed.
        table.close()
        table = await _opened(tx, import_)
    if await asyncio.to_thread(table.skip_to, taken):
        return table
    keep(import_["upload_id"], table)
    return None


def keep(upload_id: UUID, table: OpenTable) -> None:
    """Leaves a table open for the next step."""
    _open[upload_id] = table
    while len(_open) > MOST_OPEN:
        _open.popitem(last=False)[1].close()


def forget() -> None:
    """Closes what is open, as the end of a process does."""
    while _open:
        _open.popitem()[1].close()


async def _opened(tx: Tx, import_: Mapping[str, Any]) -> OpenTable:
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- open until the table is closed
    position = 0
    while (chunk := await uploads.read(tx, import_["upload_id"], position)) is not None:
        file.write(chunk)
        position += 1
    if not position:
        file.close()
        raise UnreadableTable("file_gone")
    file.seek(0)
    if import_["format"] == "xlsx":
        return OpenTable(file, xlsx_rows(file))
    return OpenTable(file, csv_rows(file, import_["encoding"], import_["delimiter"]))
