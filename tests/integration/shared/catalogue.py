"""What the catalogue of PostgreSQL says of a service, and rows planted in it."""

from typing import Any

import asyncpg

from deploy.environment import SERVICES
from shared.db.tables import WITHOUT_TENANT

ALEMBIC = "alembic_version"
NOT_OF_A_TENANT = {
    (service, table): "a partition holds every tenant's events"
    for service in SERVICES
    for table in WITHOUT_TENANT
} | {
    ("gateway", "token_key"): "the installation's: names of generations of keys, nobody's data",
    ("gateway", "tenant_name"): "who logs in may name a tenant; the row answers which it is",
    ("gateway", "login"): "who logs in names an e-mail; the tenant is what the row answers",
}

TABLES = """
    SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relowner::regrole::text AS owner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'
        AND c.relkind IN ('r', 'p')
"""


KEYS = """
    SELECT c.relname, i.relname AS index, x.indisunique, a.attname AS first,
        pg_get_indexdef(x.indexrelid) AS definition
    FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
        WHERE n.nspname = 'public'
"""


REFERENCES = """
    SELECT c.conname, a.attname AS first, f.attname AS foreign_first FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]
        WHERE c.contype = 'f'
"""


async def tables_of(service: str, connection: Any) -> list[Any]:
    tables = [
        row
        for row in await connection.fetch(TABLES)
        if row["relname"] != ALEMBIC and (service, row["relname"]) not in NOT_OF_A_TENANT
    ]
    assert {"outbox", "inbox", "idempotent_response"} <= {row["relname"] for row in tables}
    return tables


async def rows_touched(connection: Any, statement: str) -> int:
    """How many rows; none where the role may not do it at all, as with a ledger."""
    attempt = connection.transaction()
    await attempt.start()
    try:
        return int((await connection.execute(statement)).rpartition(" ")[2])
    except asyncpg.InsufficientPrivilegeError:
        return 0
    finally:
        await attempt.rollback()


async def drop_checks(connection: Any, table: str) -> None:
    """What values mean is not the point here: the row need not make sense. Rolled back."""
    await connection.execute("SET LOCAL session_replication_role = replica")
    checks = "SELECT conname FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'c'"
    for row in await connection.fetch(checks, table):
        await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {row['conname']}")


async def plant(connection: Any, table: str, tenant: Any) -> None:
    """A row whose required columns hold anything of their type."""
    columns = await connection.fetch(
        "SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid"
        " = $1::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull AND attgenerated = ''"
        " AND attname <> 'tenant_id'",
        table,
    )
    names = ", ".join(["tenant_id", *(column["attname"] for column in columns)])
    values = ", ".join([f"'{tenant}'", *(_anything(column["type"]) for column in columns)])
    await connection.execute(f"INSERT INTO {table} ({names}) VALUES ({values})")


def _anything(kind: str) -> str:
    if kind.endswith("[]"):
        return f"'{{}}'::{kind}"
    samples = {
        "uuid": "gen_random_uuid()",
        "timestamp with time zone": "now()",
        "date": "'2026-11-23'",
        "boolean": "true",
        "text": "'x'",
    }
    samples |= {
        "bytea": "'x'",
        "jsonb": "'{}'",
        "json": "'{}'",
        "tstzrange": "'empty'",
        "daterange": "'empty'",
    }
    return samples.get(
        kind, "1" if kind.startswith(("int", "bigint", "smallint", "numeric")) else f"'1'::{kind}"
    )
