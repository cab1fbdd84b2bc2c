"""How often the gateway's database was asked for a row, as PostgreSQL counts it."""

import asyncio

import asyncpg

from deploy.environment import Installation

REPORTED_SECONDS = 11
"""A backend that did something within a second of its last report waits ten with the next."""


async def lookups(provisioned: Installation, table: str) -> int:
    """Scans of a table so far, once every backend has told of its own."""
    connection = await asyncpg.connect(provisioned.admin_url("gateway"))
    try:
        await asyncio.sleep(REPORTED_SECONDS)
        return int(
            await connection.fetchval(
                "SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_user_tables"
                " WHERE relname = $1",
                table,
            )
        )
    finally:
        await connection.close()
