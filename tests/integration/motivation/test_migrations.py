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

_PLAN = """
    INSERT INTO plan (tenant_id, plan_id, version, company_id, room_id, name, effective_from, rules,
        plan_version, created_at, created_by, published_at, settled_at)
    VALUES ($1, $2, 1, $1, $1, 'A', '2026-11-01', '[]', $3, now(), $1, now(), $4)
"""


@pytest.fixture
async def empty_database(provisioned: Installation) -> AsyncIterator[str]:
    """The owner's address of a database without tables."""
    name = f"{provisioned.database('motivation')}_old"
    admin = await asyncpg.connect(provisioned.admin_url("motivation"))
    owner = provisioned.role("motivation", "owner")
    await admin.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE template0')
    url = make_url(provisioned.database_url("motivation", "owner")).set(database=name)
    yield url.render_as_string(hide_password=False)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


async def upgrade(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "services/motivation/migrations"))
    config.attributes["url"] = url
    await asyncio.to_thread(command.upgrade, config, revision)


async def test_a_publication_under_way_goes_on_as_a_job(
    provisioned: Installation, empty_database: str
) -> None:
    await upgrade(empty_database, "0004")
    admin_url = make_url(provisioned.admin_url("motivation"))
    database = make_url(empty_database).database
    admin = await asyncpg.connect(
        admin_url.set(database=database).render_as_string(hide_password=False)
    )
    tenant_id, under_way, finished = uuid4(), uuid4(), uuid4()
    now = await admin.fetchval("SELECT now()")
    await admin.execute(_PLAN, tenant_id, under_way, 1, None)
    await admin.execute(_PLAN, tenant_id, finished, 2, now)
    await upgrade(empty_database, "head")
    (job,) = await admin.fetch("SELECT tenant_id, kind, arguments, state, next_run_at FROM job")
    await admin.close()
    assert (job["tenant_id"], job["kind"], job["state"]) == (
        tenant_id,
        "accrue_waiting_wins",
        "queued",
    )
    assert str(under_way) in job["arguments"]
    assert job["next_run_at"]
