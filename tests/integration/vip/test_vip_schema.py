"""The schema as migrated is the one that the code declares, and keeps the rules of tenancy."""

import asyncpg
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.environment import Installation
from services.vip.storage.tables import metadata
from shared.ids import TenantId, new_id
from tests.integration.vip.conftest import NewWorld

_NOT_LED_BY_TENANT = """
    SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
    WHERE t.relnamespace = 'public'::regnamespace AND t.relname <> 'alembic_version' AND a.attname <> 'tenant_id'
"""
_SWEPT_BY_DUE = {"ix_outbox_waiting", "ix_outbox_published", "ix_inbox_seen_at", "ix_answer_answered_at", "ix_vip_reset_due"}


@pytest_asyncio.fixture
async def admin(provisioned: Installation) -> asyncpg.Connection:
    connection = await asyncpg.connect(provisioned.admin_url("vip"))
    yield connection
    await connection.close()


async def test_the_migrations_make_what_the_tables_declare(provisioned: Installation) -> None:
    engine = create_async_engine(make_url(provisioned.admin_url("vip")).set(drivername="postgresql+asyncpg"))

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_the_tenant_leads_every_key_and_index(admin: asyncpg.Connection) -> None:
    found = {row["relname"] for row in await admin.fetch(_NOT_LED_BY_TENANT)}
    assert found == _SWEPT_BY_DUE


async def test_every_table_is_walled_and_nothing_is_triggered(admin: asyncpg.Connection) -> None:
    bare = await admin.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'"
        " AND NOT (relrowsecurity AND relforcerowsecurity)"
    )
    assert bare == []
    assert await admin.fetchval("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal") == 0


async def test_a_transaction_sees_its_own_tenant_only(new_world: NewWorld) -> None:
    world = await new_world()
    await world.claim(await world.seller(), await world.client())
    for tenant_id, count in ((world.tenant_id, 1), (TenantId(new_id()), 0)):
        async with world.database.begin_for(tenant_id) as tx:
            assert await tx.connection.fetchval("SELECT count(*) FROM vip") == count
    assert await world.database.pool.fetchval("SELECT count(*) FROM vip") == 0
