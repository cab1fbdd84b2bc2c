"""One tenant does not hold the whole pool, and waits for itself."""

import asyncio
from time import monotonic

import pytest

from shared.db import Database
from shared.errors import Unavailable
from shared.ids import TenantId, new_id
from tests.integration.shared.scratch import Scratch


async def sleep(database: Database, tenant_id: TenantId, seconds: float) -> float:
    """Holds a transaction; the seconds that it took altogether."""
    started = monotonic()
    async with database.begin_for(tenant_id) as tx:
        await tx.connection.execute(f"SELECT pg_sleep({seconds})")
    return monotonic() - started


async def test_a_tenant_with_long_transactions_leaves_the_others_a_part(scratch: Scratch) -> None:
    database = await scratch.database(connections=8)
    greedy, modest = TenantId(new_id()), TenantId(new_id())
    await asyncio.gather(*(sleep(database, greedy, 0) for _ in range(8)))
    held = [asyncio.create_task(sleep(database, greedy, 1)) for _ in range(20)]
    await asyncio.sleep(0.2)
    took = await asyncio.gather(*(sleep(database, modest, 0) for _ in range(10)))
    assert max(took) < 0.5
    assert max(await asyncio.gather(*held)) > 3, "at most six at once"


async def test_waiting_tenants_come_before_the_one_that_holds_more(scratch: Scratch) -> None:
    database = await scratch.database(connections=4)
    greedy, modest, order = TenantId(new_id()), TenantId(new_id()), []

    async def work(tenant_id: TenantId, name: str) -> None:
        await sleep(database, tenant_id, 0.2)
        order.append(name)

    tenants = [(greedy, "greedy")] * 12 + [(TenantId(new_id()), "filler")] + [(modest, "modest")]
    await asyncio.gather(*(work(*tenant) for tenant in tenants))
    assert order.index("modest") < 8


async def test_a_turn_is_given_back_when_the_transaction_fails_or_waits_too_long(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await scratch.database(connections=4)
    tenant_id = TenantId(new_id())
    await asyncio.gather(*(sleep(database, tenant_id, 0.1) for _ in range(4)))
    monkeypatch.setattr("shared.db.database._WAIT_SECONDS", 0.2)
    for _ in range(10):
        with pytest.raises(ZeroDivisionError):
            async with database.begin_for(tenant_id):
                raise ZeroDivisionError
    held = [asyncio.create_task(sleep(database, tenant_id, 1)) for _ in range(3)]
    await asyncio.sleep(0.1)
    with pytest.raises(Unavailable):
        await sleep(database, tenant_id, 0)
    await asyncio.gather(*held)
    assert await sleep(database, tenant_id, 0) < 0.2
