"""The relay: every committed event is published, in each aggregate's order, whatever dies."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import pytest

from shared.events import ACTIVITIES, PEOPLE
from shared.ids import TenantId, new_id
from shared.outbox.reader import OutboxReader, statement
from shared.outbox.resend import is_kept, resend
from tests.integration.shared.publishing import (
    drained,
    first_times,
    publish_versions,
    published,
    waiting,
)
from tests.integration.shared.scratch import SHARDS, Scratch, eventually
from tests.integration.shared.things import TENANT, a_caller, enter


async def test_events_are_published_once_in_the_order_of_each_aggregate(
    scratch: Scratch,
) -> None:
    database = await scratch.database(connections=8)
    async with scratch.runs(scratch.relay()):
        expected = await publish_versions(database, 20, 15)
        await eventually(lambda: drained(scratch))
    keys = await published(scratch)
    assert {(name, version) for name, versions in keys.items() for version in versions} == expected
    assert all(versions == list(range(1, 16)) for versions in keys.values())


async def test_a_commit_wakes_the_relay(scratch: Scratch) -> None:
    database, relay = await scratch.database(), scratch.relay()
    relay._poll = 30.0
    database.on_commit(relay.wake)
    async with scratch.runs(relay):
        await eventually(lambda: len(relay._owned) == SHARDS)
        await publish_versions(database, 1, 1)
        await eventually(lambda: drained(scratch), seconds=5)


async def test_two_relays_share_the_shards_and_ones_death_moves_them(scratch: Scratch) -> None:
    database = await scratch.database(connections=8)
    first, second = scratch.relay(), scratch.relay()
    async with scratch.runs(first):
        dying = asyncio.create_task(second.run())
        await eventually(
            lambda: (len(first._owned), len(second._owned)) == (SHARDS // 2, SHARDS // 2)
        )
        assert first._owned.isdisjoint(second._owned)
        writing = asyncio.create_task(publish_versions(database, 30, 10))
        await asyncio.sleep(0.2)
        dying.cancel()
        expected = await writing
        await eventually(lambda: len(first._owned) == SHARDS)
        await eventually(lambda: drained(scratch))
    keys = await published(scratch)
    assert {(name, version) for name, versions in keys.items() for version in versions} == expected
    assert all(first_times(versions) == list(range(1, 11)) for versions in keys.values())


async def test_a_crash_between_sending_and_marking_repeats_and_loses_nothing(
    scratch: Scratch,
) -> None:
    database = await scratch.database(connections=8)
    expected = await publish_versions(database, 5, 4)
    dying = scratch.relay()
    sent = asyncio.Event()

    class Crashing:
        """The connection of a process that dies as it says what was sent."""

        def __init__(self, connection: Any) -> None:
            self._connection = connection

        async def execute(self, statement: str, *arguments: Any) -> Any:
            if "UPDATE outbox" in statement:
                sent.set()
                await asyncio.sleep(60)
            return await self._connection.execute(statement, *arguments)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._connection, name)

    relaying = dying._relay
    dying._relay = lambda connection, producer: relaying(Crashing(connection), producer)  # type: ignore[method-assign]
    task = asyncio.create_task(dying.run())
    await asyncio.wait_for(sent.wait(), 20)
    task.cancel()
    assert await waiting(scratch) == len(expected)
    async with scratch.runs(scratch.relay()):
        await eventually(lambda: drained(scratch))
    keys = await published(scratch)
    assert {(name, version) for name, versions in keys.items() for version in versions} == expected
    assert all(versions == [1, 2, 3, 4, 1, 2, 3, 4] for versions in keys.values())


async def test_a_relay_whose_database_connection_dies_goes_on(scratch: Scratch) -> None:
    database, admin = await scratch.database(connections=8), await scratch.admin()
    async with scratch.runs(scratch.relay()):
        for _ in range(3):
            await publish_versions(database, 3, 3)
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
                " 'relay:scratch' AND datname = current_database()"
            )
        await eventually(lambda: drained(scratch))
    assert all(
        first_times(versions) == [1, 2, 3] for versions in (await published(scratch)).values()
    )


async def test_an_event_committed_late_is_published_though_later_ones_were_before(
    scratch: Scratch,
) -> None:
    database = await scratch.database(connections=8)
    late = new_id()
    async with scratch.runs(scratch.relay()):
        async with database.begin(a_caller()) as tx:
            await enter(tx, late)
            await tx.flush()
            await publish_versions(database, 10, 3)
            await eventually(lambda: drained(scratch))
            await publish_versions(database, 10, 3)
            await eventually(lambda: drained(scratch))
            await asyncio.sleep(0.2)
        await eventually(lambda: drained(scratch))
    keys = await published(scratch)
    assert len(keys) == 21 and any(str(late) in name for name in keys)


async def test_what_an_operator_takes_back_is_published_again(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.outbox.relay.SEARCH_SECONDS", 0.5)
    database, admin = await scratch.database(connections=8), await scratch.admin()
    async with scratch.runs(scratch.relay()):
        await publish_versions(database, 3, 3)
        await eventually(lambda: drained(scratch))
        await asyncio.sleep(0.2)
        await admin.execute("UPDATE outbox SET published_at = NULL")
        await eventually(lambda: drained(scratch))
    assert all(versions == [1, 2, 3] * 2 for versions in (await published(scratch)).values())


async def test_dead_rows_under_a_held_snapshot_cost_the_relay_nothing(scratch: Scratch) -> None:
    database, holder = await scratch.database(connections=8), await scratch.admin()
    worker = await asyncpg.connect(scratch.url("worker"))
    reader = OutboxReader()
    shards = list(range(SHARDS))
    await holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM outbox")
    try:
        relay = scratch.relay()
        async with scratch.runs(relay):
            for _ in range(4):
                await publish_versions(database, 100, 10)
            await eventually(lambda: drained(scratch))
        assert await reader.read(worker, shards, 250) == []
        reader.published()
        everything = await touched_pages(worker, statement(False, False), shards, 250)
        lowest = [reader._lowest[shard] for shard in shards]
        recent = await touched_pages(worker, statement(True, False), shards, 250, lowest)
        assert everything > 200, "the dead rows are there"
        assert recent < 40, f"{recent} pages, {everything} with the dead rows"
    finally:
        await holder.execute("ROLLBACK")
        await worker.close()


async def touched_pages(connection: Any, query: str, *arguments: Any) -> int:
    """How many pages a query looks at."""
    (plan,) = orjson.loads(
        await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}", *arguments)
    )
    return int(plan["Plan"]["Shared Hit Blocks"]) + int(plan["Plan"]["Shared Read Blocks"])


async def test_a_tenant_never_leaves_its_key(scratch: Scratch) -> None:
    database, subject = await scratch.database(), new_id()
    tenants = [TenantId(new_id()) for _ in range(3)]
    for tenant in tenants:
        async with database.begin(a_caller(tenant)) as tx:
            await enter(tx, subject)
    async with scratch.runs(scratch.relay()):
        await eventually(lambda: drained(scratch))
    assert set(await published(scratch)) == {f"{tenant}:{subject}" for tenant in tenants}


async def test_published_events_are_sent_again_on_demand(scratch: Scratch) -> None:
    database, admin, subject = await scratch.database(), await scratch.admin(), new_id()
    since = await database.clock()
    async with database.begin_for(TENANT) as tx:
        await enter(tx, subject)
    async with scratch.runs(scratch.relay()):
        await eventually(lambda: scratch.everything_on(scratch.topic()))
        await eventually(lambda: admin.fetchval("SELECT published_at FROM outbox"))
        assert await resend(database, [TENANT], [PEOPLE], since) == 0
        assert await resend(database, [TENANT], [ACTIVITIES], since) == 1
        await eventually(lambda: _twice(scratch), 10)
    first, second = await scratch.everything_on(scratch.topic())
    assert (first.key, first.value, first.headers) == (second.key, second.value, second.headers)
    assert await is_kept(database, since)
    assert not await is_kept(database, since - timedelta(days=4))


async def _twice(scratch: Scratch) -> bool:
    return len(await scratch.everything_on(scratch.topic())) == 2
