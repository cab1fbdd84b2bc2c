"""Clients from a table: what a row costs to be read and to be imported, beside COPY of the same
rows into the same tables, and how much memory that takes.
"""

import csv
import io
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from services.activities.handlers.importing.scanning import scan
from services.activities.handlers.imports import UploadImport, start_run, upload_import
from services.activities.jobs import JOBS
from services.activities.metrics import ActivityMetrics
from shared.db import Database
from shared.ids import EmployeeId, TenantId, new_id
from shared.jobs.runner import JobRunner
from shared.service_context import ServiceContext
from shared.tenancy import Caller
from tests.load.measuring import Figure
from tests.load.world import World

ROWS = int(os.environ.get("SALES_BENCH_ROWS", "10000"))
HEADER = ("Код", "Название", "ИНН", "Телефон", "Почта")
_CLIENT = (
    "tenant_id",
    "id",
    "version",
    "created_at",
    "changed_at",
    "kind",
    "name",
    "phones",
    "emails",
    "large",
    "search_text",
)
_IDENTITY = ("tenant_id", "kind", "value", "client_id")


async def measure(world: World, runs: int) -> list[Figure]:
    """Microseconds a row, of the clock; no other worker may run the tenant's jobs meanwhile."""
    reading, importing, copying = [], [], []
    memory: list[float] = []
    async with opened(world) as (connection, context):
        caller = await admin_of(connection, TenantId(UUID(world.tenant_id)))
        place = (UUID(world.room_id), UUID(world.company_id))
        for number in range(runs):
            table = rows_of(number)
            with peak_memory(memory):
                read, imported = await import_rows(context, caller, place, table)
            reading.append(read)
            importing.append(imported)
            copying.append(await copy_rows(connection, table))
    name = f"import: {ROWS:,} clients"
    return [
        Figure(f"{name}, read", "µs/row", reading, copying, note="floor: COPY of the rows"),
        Figure(f"{name}, run", "µs/row", importing, copying, note="floor: COPY of the rows"),
        Figure(f"{name}, memory at its peak", "MB", memory, note="more than before the upload"),
    ]


@asynccontextmanager
async def opened(world: World) -> AsyncIterator[tuple["asyncpg.Connection[Any]", ServiceContext]]:
    """A superuser's session, and the context in which the activities' jobs run."""
    connection = await world.stage.database("activities")
    installation = world.stage.installation
    database = await Database(installation.database_url("activities", "app"), 4).open()
    worker = await Database(installation.database_url("activities", "worker"), 2).open()
    try:
        yield connection, ServiceContext(None, ActivityMetrics(), database, worker, jobs=JOBS)
    finally:
        for each in (database, worker, connection):
            await each.close()


@contextmanager
def peak_memory(megabytes: list[float]) -> Iterator[None]:
    """Adds by how much the memory of this process was greater in the block than at its start."""
    done = threading.Event()
    before = peak = _memory()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, _memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        megabytes.append((peak - before) / 1e6)


def _memory() -> int:
    """Bytes that this process has in memory."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def admin_of(connection: asyncpg.Connection, tenant_id: TenantId) -> Caller:
    """The tenant's admin."""
    admin_id = await connection.fetchval(
        "SELECT id FROM employee WHERE tenant_id = $1 AND 'admin' = ANY(roles) LIMIT 1", tenant_id
    )
    return Caller(tenant_id, EmployeeId(admin_id), frozenset({"admin"}))


def rows_of(number: int) -> list[tuple[str, ...]]:
    """Rows that are new in each run: a key, a name, a phone, an e-mail."""
    return [
        (
            f"{number}-{row}",
            f"ООО «Клиент {number} {row}»",
            "",
            f"+7916{number:02}{row:05}",
            f"client{row}@run{number}.example",
        )
        for row in range(ROWS)
    ]


async def import_rows(
    context: ServiceContext, caller: Caller, place: tuple[UUID, UUID], table: list[tuple[str, ...]]
) -> tuple[float, float]:
    """Microseconds a row for reading the table, and for importing it."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerows([HEADER, *table])
    command = UploadImport("клиенты.csv", "clients", *place, buffer.getvalue().encode())
    runner = JobRunner(context)
    scanned = scan(command.file_name, command.content)
    async with context.database.begin(caller) as tx:
        import_id = (await upload_import(tx, command, scanned, caller)).import_id
    read = await time_a_row(lambda: to_the_end(runner, caller), len(table))
    async with context.database.begin(caller) as tx:
        await start_run(tx, import_id, caller)
    imported = await time_a_row(lambda: to_the_end(runner, caller), len(table))
    async with context.database.begin_for(caller.tenant_id) as tx:
        counts = await tx.connection.fetchval(
            "SELECT run_counts FROM import_file WHERE id = $1", import_id
        )
    assert counts == {"created": len(table)}, counts
    return read, imported


async def to_the_end(runner: JobRunner, caller: Caller) -> None:
    """Runs the tenant's jobs."""
    while await runner.advance(caller.tenant_id):
        pass


async def copy_rows(connection: asyncpg.Connection, table: list[tuple[str, ...]]) -> float:
    """Microseconds a row for the bare rows of clients and of what identifies them."""
    tenant_id, now = new_id(), datetime.now(UTC)
    clients: list[tuple[Any, ...]] = []
    identities: list[tuple[Any, ...]] = []
    for _, name, _, phone, email in table:
        id_ = new_id()
        kept = (tenant_id, id_, 1, now, now, "organization", name, [phone], [email], False, name)
        clients.append(kept)
        identities += [
            (tenant_id, "phone", phone, id_),
            (tenant_id, "email", email, id_),
        ]

    async def copy() -> None:
        async with connection.transaction():
            await connection.copy_records_to_table("client", records=clients, columns=_CLIENT)
            await connection.copy_records_to_table(
                "client_identity", records=identities, columns=_IDENTITY
            )

    return await time_a_row(copy, len(table))


async def time_a_row(work: Callable[[], Awaitable[None]], rows: int) -> float:
    """Microseconds of the clock that `work` took for each of `rows`."""
    began = time.perf_counter()
    await work()
    return 1e6 * (time.perf_counter() - began) / rows
