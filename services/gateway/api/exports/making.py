"""Makes a file of a list: streamed page by page, within a fair share of what is made at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.gateway.api.exports.export import Export, rows_of
from services.gateway.api.exports.files import (
    MEDIA_TYPES,
    Cells,
    FileFormat,
    XlsxFile,
    csv_bytes,
)
from services.gateway.api.exports.pages import ListReader, Page, zone_for
from services.gateway.errors import ExportTooLarge
from shared.clock import local_day
from shared.errors import Overuse
from shared.fair_turns import FairTurns
from shared.ids import TenantId

MOST_XLSX_ROWS = 100_000
"""More rows than these are for CSV, which needs no whole file before its first byte."""
_AT_ONCE, _OF_A_TENANT, _WAITING = 6, 2, 10
_TURN_SECONDS = 5.0
_LONGEST_SECONDS = 1_800.0
_CHUNK = 64 << 10

_turns = FairTurns(_AT_ONCE, _OF_A_TENANT, _WAITING)


async def export_list(
    reader: ListReader,
    tenant_id: TenantId,
    export: Export,
    filters: list[tuple[str, str]],
    file_format: FileFormat,
    language: str,
) -> Response:
    """The list as a file, or the refusal of its first page.

    Raises `Overuse` while the tenant makes as many files as it may, `ExportTooLarge`.
    """
    first = await reader.first(export, filters)
    if not first.ok:
        return first.as_response()
    nouns = ("companies", *export.named)
    named = await asyncio.gather(*map(reader.names_of, nouns))
    names = {noun: its_names for noun, (its_names, _) in zip(nouns, named, strict=True)}
    _, companies = named[0]
    zone = zone_for(companies, dict(filters).get("company_id"))
    cells = Cells(export.columns, language, zone)
    pages = reader.following(export, filters, first.json())
    rows = _rows(export, pages, names)
    await _take_turn(tenant_id)
    try:
        if file_format == "xlsx":
            content = await _xlsx(cells, rows)
        else:
            content = _csv(cells, rows)
    except BaseException:
        _turns.leave(tenant_id)
        raise
    name = f"{export.name}-{local_day(datetime.now(UTC), zone)}.{file_format}"
    return _TurnResponse(
        content,
        tenant_id,
        media_type=MEDIA_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _take_turn(tenant_id: TenantId) -> None:
    if not _turns.enter(tenant_id):
        try:
            await _turns.wait(tenant_id, _TURN_SECONDS)
        except TimeoutError:
            raise Overuse("concurrency", 10) from None


class _TurnResponse(StreamingResponse):
    """A file that is sent within its turn; whoever takes it too slowly loses it."""

    def __init__(self, content: AsyncIterator[bytes], tenant_id: TenantId, **options: Any) -> None:
        super().__init__(content, **options)
        self._tenant_id = tenant_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                await super().__call__(scope, receive, send)
        finally:
            _turns.leave(self._tenant_id)


async def _rows(
    export: Export, pages: AsyncIterator[Page], names: dict[str, dict[str, str]]
) -> AsyncIterator[list[list[Any]]]:
    async for page in pages:
        yield rows_of(export, page, names)


async def _csv(cells: Cells, rows: AsyncIterator[list[list[Any]]]) -> AsyncIterator[bytes]:
    first = True
    async for some in rows:
        yield csv_bytes(cells, some, first)
        first = False


async def _xlsx(cells: Cells, rows: AsyncIterator[list[list[Any]]]) -> AsyncIterator[bytes]:
    """Writes the whole file, in threads; what is returned reads it and leaves nothing behind."""
    book = await asyncio.to_thread(XlsxFile, cells)
    try:
        async for some in rows:
            if book.rows + len(some) > MOST_XLSX_ROWS:
                raise ExportTooLarge(max_rows=MOST_XLSX_ROWS)
            await asyncio.to_thread(book.write, some)
        await asyncio.to_thread(book.finish)
    except BaseException:
        book.remove()
        raise
    return _read(book)


async def _read(book: XlsxFile) -> AsyncIterator[bytes]:
    try:
        position = 0
        while chunk := await asyncio.to_thread(_chunk, book.path, position):
            yield chunk
            position += len(chunk)
    finally:
        book.remove()


def _chunk(path: Path, position: int) -> bytes:
    with path.open("rb") as file:
        file.seek(position)
        return file.read(_CHUNK)
