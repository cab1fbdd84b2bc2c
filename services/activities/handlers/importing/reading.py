"""Reading a file into rows: the first step of every import, some chunks of rows a transaction."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.activities.domain.import_text import MOST_BEFORE_HEADER, header_among
from services.activities.handlers.importing import open_tables
from services.activities.handlers.importing.open_tables import OpenTable
from services.activities.handlers.importing.proposals import proposed_mapping
from services.activities.handlers.importing.tables import Cell, TableRow, UnreadableTable
from services.activities.storage import imports, uploads
from shared.db import Tx
from shared.db.transaction import Row
from shared.jobs import Job, StepResult

READ_IMPORT = "read_import"
ROWS = 250
"""Rows of a chunk, which is a step of a check or a run."""
MOST_ROWS = 200_000
SECONDS = 0.4
"""For so long a step reads."""
_LONGEST_TITLE = 200


async def read_import(tx: Tx, job: Job) -> StepResult:
    """Reads the next chunks of an import's file. At the end the file itself is needed no more."""
    import_ = await imports.lock(tx, UUID(job.arguments["import_id"]))
    cursor = job.cursor or {"taken": 0, "chunks": 0, "rows": 0, "width": 0}
    try:
        table = await open_tables.table_at(tx, import_, cursor["taken"])
        if table is None:
            return StepResult(cursor=job.cursor)
        if import_["columns"] is None:
            import_, cursor = await _read_header(tx, import_, table)
        counted = job.cursor["rows"] if job.cursor else 0
        result = await _read_chunks(tx, import_, table, cursor, counted)
    except UnreadableTable as unreadable:
        await imports.save(tx, import_, error={"rule": unreadable.rule, **unreadable.parameters})
        await uploads.remove(tx, import_["upload_id"])
        return StepResult(cursor=job.cursor, finished=True)
    if result.finished:
        table.close()
    else:
        open_tables.keep(import_["upload_id"], table)
    return result


async def _read_header(tx: Tx, import_: Row, table: OpenTable) -> tuple[Row, Mapping[str, int]]:
    """The import with its columns, and where the rows begin."""
    first = await asyncio.to_thread(table.take, MOST_BEFORE_HEADER + 1)
    place = header_among([cells for _, cells in first])
    if place is None:
        raise UnreadableTable("table_empty")
    titles = [_title(cell) for cell in first[place][1]]
    rows = first[place + 1 :]
    # A short chunk would still cost a whole step of the check, and of the run.
    rows += await asyncio.to_thread(table.take, ROWS - len(rows))
    if rows:
        await imports.add_chunk(tx, import_["upload_id"], 0, _padded(rows, len(titles), import_))
    import_ = await imports.save(tx, import_, columns=titles)
    chunks = 1 if rows else 0
    cursor = {"taken": table.taken, "chunks": chunks, "rows": len(rows), "width": len(titles)}
    return import_, cursor


def _title(cell: Cell) -> str:
    return " ".join(cell.split())[:_LONGEST_TITLE] if isinstance(cell, str) else ""


def _padded(rows: Sequence[TableRow], width: int, import_: Row) -> list[list[Any]]:
    """Rows as they are kept: the number, and as many cells as columns at least. What stands beside
    the table of a workbook is none of it; in a text it may be a part of a cell.
    """
    most = width if import_["format"] == "xlsx" else None
    return [[number, *cells[:most], *[None] * (width - len(cells))] for number, cells in rows]


async def _read_chunks(
    tx: Tx, import_: Row, table: OpenTable, cursor: Mapping[str, int], counted: int
) -> StepResult:
    """Reads chunks for a while; `counted` rows were read by the steps before."""
    taken, chunks, count = cursor["taken"], cursor["chunks"], cursor["rows"]
    give_up_at = time.monotonic() + SECONDS
    while True:
        rows = await asyncio.to_thread(table.take, ROWS)
        is_last = len(rows) < ROWS
        if rows:
            padded = _padded(rows, cursor["width"], import_)
            await imports.add_chunk(tx, import_["upload_id"], chunks, padded)
            taken, chunks, count = taken + len(rows), chunks + 1, count + len(rows)
        if count > MOST_ROWS:
            raise UnreadableTable("too_many_rows", max=MOST_ROWS)
        if is_last or time.monotonic() >= give_up_at:
            break
    done = {"taken": taken, "chunks": chunks, "rows": count, "width": cursor["width"]}
    if is_last:
        await _finish(tx, import_, count)
    return StepResult(cursor=done, done=count - counted, finished=is_last)


async def _finish(tx: Tx, import_: Row, count: int) -> None:
    if not count:
        raise UnreadableTable("table_empty")
    mapping = await proposed_mapping(tx, import_)
    await imports.save(tx, import_, row_count=count, mapping=mapping)
    await uploads.drop_content(tx, import_["upload_id"])
