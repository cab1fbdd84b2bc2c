"""Going through the rows of an import: a chunk a transaction, for a check as for a run."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from services.activities.domain.imports import columns_of
from services.activities.handlers.importing.activities import Registrar, import_activities
from services.activities.handlers.importing.activity_rows import activity_columns, activity_row
from services.activities.handlers.importing.batches import BatchResult, Place
from services.activities.handlers.importing.cells import Cells
from services.activities.handlers.importing.client_rows import (
    ClientColumns,
    client_row,
    custom_columns,
)
from services.activities.handlers.importing.clients import import_clients
from services.activities.handlers.importing.interactions import (
    import_interactions,
    interaction_row,
)
from services.activities.handlers.job_callers import caller_of
from services.activities.storage import custom_fields, directory, imports, room_settings
from services.activities.storage.directory import COMPANY, ROOM
from services.activities.storage.mapping import room_settings_of
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.isolation import apply_or_halve
from shared.jobs import Job, RefusedElement, StepResult
from shared.membership import require_sold_in_room

CHECK_IMPORT, RUN_IMPORT = "check_import", "run_import"
Parsed = TypeVar("Parsed")


class _OnlyChecked(Exception):
    """Takes back what a check has done."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """The rows of a chunk that can be imported, how, and why the others cannot."""

    rows: Sequence[Any]
    write: Callable[[Sequence[Any]], Awaitable[BatchResult]]
    refused: BatchResult


async def check_import(tx: Tx, job: Job) -> StepResult:
    """Counts what the next chunk of rows would come to; nothing changes."""
    return await _step(tx, job, "check_counts", _try_out)


async def run_import(tx: Tx, job: Job) -> StepResult:
    """Imports the next chunk of rows."""
    return await _step(tx, job, "run_counts", _write)


async def _step(
    tx: Tx, job: Job, counts_name: str, apply: Callable[[Tx, _Judged], Awaitable[BatchResult]]
) -> StepResult:
    """By who asked for it and what they may do now: 404 or 403 end the job."""
    import_ = await imports.lock(tx, UUID(job.arguments["import_id"]))
    position = job.cursor or 0
    tx.caller = caller = await caller_of(tx, job)
    caller.require_room(import_["room_id"])
    caller.require_overseer(import_["room_id"])
    rows = await imports.read_chunk(tx, import_["upload_id"], position)
    if rows is None:
        if position == 0:
            raise NotFound("import_rows")
        finished = {"finished_at": tx.now} if counts_name == "run_counts" else {}
        await imports.save(tx, import_, **finished)
        return StepResult(cursor=position, finished=True)
    place = Place(import_["id"], import_["room_id"], import_["company_id"], caller)
    result = await apply(tx, await _judge(tx, import_, rows, place))
    counts = {**(import_[counts_name] if position else {})}
    for outcome, count in result.counts.items():
        counts[outcome] = counts.get(outcome, 0) + count
    await imports.save(tx, import_, **{counts_name: counts})
    refusals = [_titled(refusal, import_) for refusal in result.refusals]
    return StepResult(position + 1, done=len(rows), refusals=refusals)


def _titled(refusal: RefusedElement, import_: Row) -> RefusedElement:
    """The refusal with the title of the column in place of our name of its field."""
    columns = [int(place) for place, name in import_["mapping"].items() if name == refusal.field]
    title = import_["columns"][min(columns)] if columns else ""
    return replace(refusal, field=title) if title else refusal


async def _write(tx: Tx, judged: _Judged) -> BatchResult:
    isolated = await apply_or_halve(tx, judged.rows, judged.write)
    total = BatchResult()
    total.add(judged.refused)
    for result in isolated.results:
        total.add(result)
    for row, failure in isolated.failed:
        total.refuse(RefusedElement.of_failures([(row.number, failure)]))
    return total


async def _try_out(tx: Tx, judged: _Judged) -> BatchResult:
    result = BatchResult()
    try:
        async with tx.savepoint():
            result = await _write(tx, judged)
            raise _OnlyChecked
    except _OnlyChecked:
        return result


async def _judge(tx: Tx, import_: Row, rows: Sequence[Sequence[Any]], place: Place) -> _Judged:
    company = await directory.get(tx, COMPANY, place.company_id, "company_id")
    room = await directory.get(tx, ROOM, place.room_id, "room_id")
    require_sold_in_room(room["company_ids"], place.company_id)
    mapped = {int(column): name for column, name in import_["mapping"].items()}
    columns = {name: columns_of(mapped, name) for name in mapped.values()}
    table = _Table(import_["columns"], columns, rows)
    if import_["kind"] == "interactions":
        parsed, refused = table.judge(lambda cells: interaction_row(cells, company["time_zone"]))
        return _Judged(parsed, lambda part: import_interactions(tx, part, place), refused)
    if import_["kind"] == "activities":
        return await _judge_activities(tx, table, company, import_["defaults"], place)
    fields = await custom_fields.of_company(tx, place.company_id)
    kind = import_["defaults"].get("client_kind") or "organization"
    by = ClientColumns(custom_columns(fields, mapped), company["currency"], kind)
    clients, refused = table.judge(lambda cells: client_row(cells, by))
    return _Judged(clients, lambda part: import_clients(tx, part, place), refused)


async def _judge_activities(
    tx: Tx, table: "_Table", company: Row, defaults: Mapping[str, str], place: Place
) -> _Judged:
    by = await activity_columns(tx, company, place.room_id, defaults)
    settings = room_settings_of(await room_settings.find(tx, place.room_id, place.company_id))
    products = {product.id: product for product in by.products.values()}
    zone = company["time_zone"]

    async def write(part: Sequence[Any]) -> BatchResult:
        # What is counted in a part that is taken back must not count in the next.
        registrar = Registrar(tx, place, settings, products, company["currency"], zone)
        return await import_activities(tx, part, place, registrar)

    parsed, refused = table.judge(lambda cells: activity_row(cells, by))
    return _Judged(parsed, write, refused)


@dataclass(frozen=True, slots=True)
class _Table:
    """A chunk of rows with the columns that fill fields."""

    titles: Sequence[str]
    columns: Mapping[str, Sequence[int]]
    rows: Sequence[Sequence[Any]]

    def judge(self, parse: Callable[[Cells], Parsed | None]) -> tuple[list[Parsed], BatchResult]:
        """The rows as `parse` reads them, and those that break a rule."""
        parsed, refused = [], BatchResult()
        for number, *values in self.rows:
            cells = Cells(number, values, self.columns, self.titles)
            row = parse(cells)
            if row is None or cells.refusals:
                refused.refuse(cells.refusals)
            else:
                parsed.append(row)
        return parsed, refused
