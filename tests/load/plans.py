"""How many blocks a list's statement touches, by PostgreSQL's own count: the same at every load of
the machine.

Under the role that row-level security holds for, and with the plan that is kept for a prepared
statement: what a service comes to use.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.activities.queries.listing import Filters, statement_of
from shared.db import Statement
from tests.load.grown import Grown

GENERIC = "SET plan_cache_mode = force_generic_plan"


async def blocks(
    grown: Grown, filters_by_name: Mapping[str, tuple[Filters, Sequence[UUID] | None]]
) -> dict[str, float]:
    """For the first page of each list."""
    return {name: counted for name, (counted, _) in (await explain(grown, filters_by_name)).items()}


async def explain(
    grown: Grown, filters_by_name: Mapping[str, tuple[Filters, Sequence[UUID] | None]]
) -> dict[str, tuple[float, str]]:
    """Blocks and the plan in full, by name."""
    connection = await asyncpg.connect(
        grown.world.stage.installation.database_url("activities", "app")
    )
    plans = {}
    try:
        await connection.execute(GENERIC)
        await connection.execute(f"SET app.tenant_id = '{UUID(grown.world.tenant_id)}'")
        for name, (filters, rooms) in filters_by_name.items():
            statement, values = statement_of(
                filters, list(rooms) if rooms is not None else None, 50, None
            )
            plans[name] = await _explain(
                connection, statement, {"tenant_id": UUID(grown.world.tenant_id), **values}
            )
    finally:
        await connection.close()
    return plans


async def _explain(
    connection: "asyncpg.Connection[Any]", statement: Statement, values: Mapping[str, Any]
) -> tuple[float, str]:
    arguments = ", ".join(_literal(each) for each in statement.arguments(values))
    await connection.execute(f"PREPARE list AS {statement.sql}")
    try:
        # The first execution fetches what is not yet in memory; blocks that have to be cleaned
        # count once.
        await connection.fetch(f"EXECUTE list({arguments})")
        plan = orjson.loads(
            await connection.fetchval(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE list({arguments})"
            )
        )[0]
        lines = await connection.fetch(
            f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) EXECUTE list({arguments})"
        )
    finally:
        await connection.execute("DEALLOCATE list")
    top = plan["Plan"]
    return float(top["Shared Hit Blocks"] + top["Shared Read Blocks"]), "\n".join(
        line[0] for line in lines
    )


def _literal(value: Any) -> str:
    """As SQL has it; these are our own benchmark's values."""
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return "'{" + ",".join(str(each) for each in value) + "}'"
    if isinstance(value, UUID | datetime | str):
        return "'" + str(value).replace("'", "''") + "'"
    return str(value)
