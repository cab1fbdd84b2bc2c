"""The schemas as migrations make them are those that the code declares."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.environment import SERVICES, Installation
from services.activities.storage.tables.renewals import renewal
from services.gateway.storage.tables import metadata as of_gateway
from services.motivation.storage.month_tables import metadata as of_motivation
from services.vip.storage.tables import metadata as of_vip

DECLARED: dict[str, MetaData] = {
    "activities": renewal.metadata,
    "gateway": of_gateway,
    "motivation": of_motivation,
    "vip": of_vip,
}


@pytest.mark.parametrize("service", SERVICES)
async def test_the_migrations_make_what_the_tables_declare(
    provisioned: Installation, service: str
) -> None:
    engine = create_async_engine(
        make_url(provisioned.admin_url(service)).set(drivername="postgresql+asyncpg")
    )

    def differences(connection: Connection) -> list[object]:
        return list(
            compare_metadata(
                MigrationContext.configure(connection, opts={"compare_type": True}),
                DECLARED[service],
            )
        )

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()
