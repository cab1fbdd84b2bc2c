"""A bank statement: what a line costs to be read and matched, beside COPY of the same rows, and to
be booked.
"""

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg

from services.activities.domain.bank_examination import examine
from services.activities.handlers import bank_statements
from services.activities.handlers.bank_statements import UploadStatement, pieces_of
from shared.ids import TenantId, new_id
from shared.jobs.runner import JobRunner
from shared.service_context import ServiceContext
from shared.tenancy import Caller
from tests.load.importing import admin_of, opened, peak_memory, time_a_row, to_the_end
from tests.load.measuring import Figure
from tests.load.world import World
from tests.support.bank_file import BankPayment, bank_file

LINES = int(os.environ.get("SALES_BENCH_LINES", "50000"))
SURE = 500
"""Lines that pay an invoice; the others match nothing."""


async def measure(world: World, runs: int) -> list[Figure]:
    """Microseconds a line, of the clock; no other worker may run the tenant's jobs meanwhile."""
    reading, booking, copying = [], [], []
    memory: list[float] = []
    async with opened(world) as (connection, context):
        caller = await admin_of(connection, TenantId(UUID(world.tenant_id)))
        run_jobs = partial(to_the_end, JobRunner(context), caller)
        for number in range(runs):
            content = bank_file([*await _invoiced(world, number), *_unknown(number)])
            with peak_memory(memory):
                statement_id = await _upload(context, world, caller, content)
                reading.append(await time_a_row(run_jobs, LINES))
                async with context.database.begin(caller) as tx:
                    await bank_statements.book_statement(tx, statement_id, caller)
                booking.append(await time_a_row(run_jobs, LINES))
            await _require_booked(connection, statement_id)
            copying.append(await _copy(connection, statement_id))
    name = f"bank statement: {LINES:,} lines"
    return [
        Figure(f"{name}, read", "µs/line", reading, copying, note="floor: COPY of the rows"),
        Figure(f"{name}, {SURE} booked, the others matched again", "µs/line", booking),
        Figure(f"{name}, memory at its peak", "MB", memory, note="more than before the upload"),
    ]


async def _invoiced(world: World, number: int) -> list[BankPayment]:
    """Payments of invoices that were issued to the client with a `BankPayment`'s INN."""
    path, own_client = "/activities", {"kind": "organization", "inn": BankPayment().inn}
    order = {**world.order(0), "client": {**own_client, "name": "Плательщик"}}
    del order["client_id"]
    first = await world.call("POST", path, order, world.sellers[0].public)
    client_id = first["client"]["id"]

    async def one(place: int) -> BankPayment:
        order, seller = world.order(place, take=True), world.sellers[place % 32].public
        order["client_id"] = client_id
        activity = await world.call("POST", path, order, seller)
        own, amount = f"{path}/{activity['id']}", activity["agreed"]
        await world.call("POST", f"{own}/invoices", {"amount": amount}, seller)
        invoice = (await world.call("GET", own, headers=seller))["invoices"][0]
        purpose = f"Оплата по счету № {invoice['number']}"
        return BankPayment(f"{number}-{place}", amount["amount"], purpose)

    payments: list[BankPayment] = []
    for first in range(0, SURE, 20):
        payments += await asyncio.gather(*(one(place) for place in range(first, first + 20)))
    return payments


def _unknown(number: int) -> list[BankPayment]:
    return [
        BankPayment(f"{number}.{place}", f"{place % 900 + 1}.17", "Взнос", "7736207543")
        for place in range(LINES - SURE)
    ]


async def _upload(context: ServiceContext, world: World, caller: Caller, content: bytes) -> UUID:
    command = UploadStatement("kl_to_1c.txt", content, UUID(world.company_id))
    examination = examine(partial(pieces_of, content))
    async with context.database.begin(caller) as tx:
        return await bank_statements.upload_statement(tx, command, examination, caller)


async def _copy(connection: "asyncpg.Connection[Any]", statement_id: UUID) -> float:
    """The statement's lines once more, as bare rows of another tenant."""
    lines = await connection.fetch(
        "SELECT * FROM bank_statement_line WHERE statement_id = $1 ORDER BY position", statement_id
    )
    payments = await connection.fetch(
        "SELECT * FROM inbound_payment WHERE id = ANY ($1)", [line["line_id"] for line in lines]
    )
    tenant_id = new_id()

    async def copy() -> None:
        async with connection.transaction():
            for table, rows in (("inbound_payment", payments), ("bank_statement_line", lines)):
                await connection.copy_records_to_table(
                    table, records=_of_tenant(tenant_id, rows), columns=list(rows[0].keys())
                )

    return await time_a_row(copy, LINES)


def _of_tenant(tenant_id: UUID, rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [tuple({**row, "tenant_id": tenant_id}.values()) for row in rows]


async def _require_booked(connection: "asyncpg.Connection[Any]", statement_id: UUID) -> None:
    counted = await connection.fetch(
        "SELECT p.state, count(*) FROM bank_statement_line l JOIN inbound_payment p"
        " ON (p.tenant_id, p.id) = (l.tenant_id, l.line_id) WHERE l.statement_id = $1 GROUP BY 1",
        statement_id,
    )
    states = dict(map(tuple, counted))
    assert states.get("booked") == SURE and sum(states.values()) == LINES, states
