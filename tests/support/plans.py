"""How PostgreSQL would answer a statement for a service: under the role that row-level security
holds for, with the plan that is kept for a prepared statement.

A superuser passes the policies by, and what they keep out of an index is planned otherwise.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from shared.db import Statement

KEPT = "SET LOCAL plan_cache_mode = force_generic_plan"


async def plan_of(
    connection: asyncpg.Connection,
    tenant_id: UUID,
    statement: Statement,
    values: Mapping[str, Any],
    without: Sequence[str] = (),
) -> str:
    """The plan as text; `without` are ways of reading that a table of a few rows would lead to, as
    `seqscan`.
    """
    rows = await _explain(connection, tenant_id, "COSTS OFF", statement, values, without)
    return "\n".join(row[0] for row in rows)


async def rows_and_blocks(
    connection: asyncpg.Connection,
    tenant_id: UUID,
    statement: Statement,
    values: Mapping[str, Any],
) -> tuple[int, int]:
    """How many rows the statement answers, and how many blocks it touches."""
    options = "ANALYZE, BUFFERS, FORMAT JSON"
    rows = await _explain(connection, tenant_id, options, statement, values, ())
    plan = orjson.loads(rows[0][0])[0]["Plan"]
    return plan["Actual Rows"], plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


async def _explain(
    connection: asyncpg.Connection,
    tenant_id: UUID,
    options: str,
    statement: Statement,
    values: Mapping[str, Any],
    without: Sequence[str],
) -> list[asyncpg.Record]:
    arguments = statement.arguments({"tenant_id": tenant_id, **values})
    database = await connection.fetchval("SELECT current_database()")
    async with connection.transaction():
        await connection.execute(f'SET LOCAL ROLE "{database}_app"')
        await connection.execute(f"SET LOCAL app.tenant_id = '{tenant_id}'")
        await connection.execute(KEPT)
        for way in without:
            await connection.execute(f"SET LOCAL enable_{way} = off")
        rows: list[asyncpg.Record] = await connection.fetch(
            f"EXPLAIN ({options}) {statement.sql}", *arguments
        )
        return rows
