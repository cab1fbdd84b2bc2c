"""The rows of an import that its last job refused, with the reasons, chunk by chunk."""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from services.activities.queries.imports import find_seen
from services.activities.storage import imports
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import JobId
from shared.jobs import RefusedElement
from shared.jobs import queries as jobs
from shared.tenancy import Caller

Read = Callable[[Callable[[Tx], Awaitable[Any]]], Awaitable[Any]]
"""Runs a query in a transaction of its own, so that no page waits for a slow reader."""
RefusedRow = tuple[Sequence[Any], Sequence[RefusedElement]]
"""A row, its number first, and the rules that it breaks."""


async def find_checked(tx: Tx, import_id: UUID, caller: Caller) -> Any:
    """An import that was checked or run. Raises `NotFound` for one that was neither yet, and where
    its rows are no longer kept.
    """
    import_ = await find_seen(tx, import_id, caller)
    is_judged = import_["job_kind"] in ("check_import", "run_import")
    if not is_judged or not import_["has_rows"]:
        raise NotFound("import_rows")
    return import_


async def refused_rows(read: Read, import_: Any) -> AsyncIterator[list[RefusedRow]]:
    """The refused rows in the order of the table, some at a time.

    A step of a job adds its refusals together, so those of a chunk stand before the next one's.
    """
    refusals = _Refusals(read, import_["job_id"])
    position = 0

    async def chunk_at(tx: Tx) -> list[list[Any]] | None:
        return await imports.read_chunk(tx, import_["upload_id"], position)

    while chunk := await read(chunk_at):
        by_row = await refusals.up_to(chunk[-1][0])
        if by_row:
            yield [(row, by_row[row[0]]) for row in chunk if row[0] in by_row]
        position += 1


class _Refusals:
    """A job's refusals, read page by page and handed out by row."""

    def __init__(self, read: Read, job_id: JobId) -> None:
        self._read, self._job_id = read, job_id
        self._waiting: deque[RefusedElement] = deque()
        self._count, self._is_last = 0, False

    async def up_to(self, number: int) -> dict[int, list[RefusedElement]]:
        """The refusals of rows up to a number that have not been handed out, by row."""
        by_row: dict[int, list[RefusedElement]] = {}
        while True:
            while self._waiting and int(self._waiting[0].element) <= number:
                refusal = self._waiting.popleft()
                by_row.setdefault(int(refusal.element), []).append(refusal)
            if self._waiting or self._is_last:
                return by_row
            page = await self._read(lambda tx: jobs.refusals(tx, self._job_id, self._count))
            self._waiting, self._is_last = deque(page), not page
            self._count += len(page)
