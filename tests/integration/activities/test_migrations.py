"""Upgrades of a database that is in use."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from deploy.environment import Installation
from tests.support.servers import ROOT


@pytest.fixture
async def empty_database(provisioned: Installation) -> AsyncIterator[str]:
    """The owner's address of a database without tables."""
    name = f"{provisioned.database('activities')}_old"
    admin = await asyncpg.connect(provisioned.admin_url("activities"))
    owner = provisioned.role("activities", "owner")
    await admin.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE template0')
    url = make_url(provisioned.database_url("activities", "owner")).set(database=name)
    # Migrations read words by it, which an admin installs.
    within = await asyncpg.connect(_admin_url(provisioned, name))
    await within.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    await within.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
    await within.close()
    yield url.render_as_string(hide_password=False)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


def _admin_url(provisioned: Installation, database: str) -> str:
    url = make_url(provisioned.admin_url("activities")).set(database=database)
    return url.render_as_string(hide_password=False)


async def upgrade(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "services/activities/migrations"))
    config.attributes["url"] = url
    await asyncio.to_thread(command.upgrade, config, revision)


async def test_numbers_of_before_are_found_as_new_ones_are(
    provisioned: Installation, empty_database: str
) -> None:
    await upgrade(empty_database, "0028_merged_clients")
    admin = await asyncpg.connect(_admin_url(provisioned, f"{make_url(empty_database).database}"))
    await admin.executemany(
        "INSERT INTO invoice_number (tenant_id, company_id, year, number, activity_id, invoice_id)"
        " VALUES ($1, $2, 2026, $3, $4, $5)",
        [
            (uuid4(), uuid4(), number, uuid4(), uuid4())
            for number in ("Счёт № 0118", "2026-1", *(f"А-{n:05}" for n in range(1, 1200)))
        ],
    )
    await upgrade(empty_database, "head")
    rows = await admin.fetch("SELECT number, search_number FROM invoice_number")
    await admin.close()
    by_number = {row["number"]: row["search_number"] for row in rows}
    assert (by_number["Счёт № 0118"], by_number["2026-1"]) == ("118", "2026-1")
    assert by_number["А-00042"] == "a-42"
    assert None not in by_number.values()
