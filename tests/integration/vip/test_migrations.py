"""Upgrades of a database that is in use."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest_asyncio
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from deploy.environment import Installation
from tests.support.servers import ROOT

NOW = datetime(2026, 11, 27, tzinfo=UTC)
BEFORE = "0009"


@pytest_asyncio.fixture
async def empty_database(provisioned: Installation) -> AsyncIterator[str]:
    """The owner's address of a database without tables."""
    name = f"{provisioned.database('vip')}_old"
    admin = await asyncpg.connect(provisioned.admin_url("vip"))
    owner = provisioned.role("vip", "owner")
    await admin.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE template0')
    url = make_url(provisioned.database_url("vip", "owner")).set(database=name)
    yield url.render_as_string(hide_password=False)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


async def _upgrade(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "services/vip/migrations"))
    config.attributes["url"] = url
    await asyncio.to_thread(command.upgrade, config, revision)


async def test_refunds_of_before_are_taken_from_where_the_money_came(
    provisioned: Installation, empty_database: str
) -> None:
    await _upgrade(empty_database, BEFORE)
    name = make_url(empty_database).database
    address = make_url(provisioned.admin_url("vip")).set(database=name)
    admin = await asyncpg.connect(address.render_as_string(hide_password=False))
    tenant, company, client, deal = (uuid4() for _ in range(4))

    async def store(amount: int, days_ago: int, activity: UUID = deal) -> UUID:
        row: list[Any] = [tenant, company, client, uuid4(), activity, amount]
        await admin.execute(
            "INSERT INTO receipt (tenant_id, company_id, client_id, id, activity_id, amount,"
            " currency, received_at) VALUES ($1, $2, $3, $4, $5, $6, 'RUB', $7)",
            *row,
            NOW - timedelta(days=days_ago),
        )
        return UUID(str(row[3]))

    old, new = await store(1000, 400), await store(800, 10)
    await store(-100, 10)
    await store(-1050, 1)
    untouched = await store(5, 3, uuid4())
    for _ in range(600):
        other = uuid4()
        await store(7, 9, other)
        await store(-7, 9, other)
    await _upgrade(empty_database, "head")
    rows = await admin.fetch("SELECT id, amount, returned, payment_id FROM receipt")
    money = {row["id"]: row for row in rows}
    assert [money[id_]["returned"] for id_ in (old, new, untouched)] == [1000, 150, 0]
    named = [row["payment_id"] for row in rows if row["amount"] in (-100, -1050)]
    assert sorted(named, key=str) == sorted([None, new], key=str)
    assert {row["returned"] for row in rows if row["amount"] == 7} == {7}
    await admin.close()
