"""The relay: every committed event is published, in each aggregate's order, whatever dies."""

import asyncio
import signal
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from aiokafka.errors import KafkaTimeoutError

from deploy import ready
from deploy.local.servers import Kafka
from shared.db import Database
from shared.db.transaction import shard_of
from shared.events import ACTIVITIES, PEOPLE
from shared.ids import TenantId, new_id
from shared.outbox.reader import OutboxReader, statement
from shared.outbox.relay import Relay
from shared.outbox.resend import is_kept, resend
from shared.outbox.stuck import skip, stuck_events
from tests.integration.shared.scratch import SHARDS, Scratch, eventually
from tests.integration.shared.things import TENANT, a_caller, change, enter
from tests.support.servers import free_ports


async def publish_versions(
    database: Database, aggregates: int, versions: int
) -> set[tuple[str, int]]:
    """Enters things and changes each until its last version; the keys and versions to expect."""
    caller = a_caller()

    async def enter_and_change(subject: UUID) -> None:
        async with database.begin(caller) as tx:
            await enter(tx, subject)
        for _ in range(versions - 1):
            async with database.begin(caller) as tx:
                await change(tx, subject)

    subjects = [new_id() for _ in range(aggregates)]
    await asyncio.gather(*(enter_and_change(subject) for subject in subjects))
    return {
        (f"{caller.tenant_id}:{subject}", version)
        for subject in subjects
        for version in range(1, versions + 1)
    }


async def published(scratch: Scratch) -> dict[str, list[int]]:
    """The versions of each key, as they lie on the topic."""
    keys: dict[str, list[int]] = defaultdict(list)
    for record in await scratch.everything_on(scratch.topic()):
        keys[record.key.decode()].append(int(dict(record.headers)["ce_aggregateversion"]))
    return keys


def first_times(versions: list[int]) -> list[int]:
    return list(dict.fromkeys(versions))


async def waiting(scratch: Scratch) -> int:
    admin = await scratch.admin()
    count: int = await admin.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    await admin.close()
    return count


async def drained(scratch: Scratch) -> bool:
    return await waiting(scratch) == 0


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


async def test_an_unacknowledged_event_is_sent_again_and_nothing_is_marked_past_it(
    scratch: Scratch,
) -> None:
    database = await scratch.database(connections=8)
    expected = await publish_versions(database, 5, 4)
    relay, refused = scratch.relay(), set[UUID]()
    send = relay._send

    async def refuse_once(producer: Any, row: Any) -> Any:
        if row["aggregate_version"] == 2 and row["event_id"] not in refused:
            refused.add(row["event_id"])
            failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            failure.set_exception(KafkaTimeoutError())
            return failure
        return await send(producer, row)

    relay._send = refuse_once  # type: ignore[method-assign]
    async with scratch.runs(relay):
        await eventually(lambda: drained(scratch))
    keys = await published(scratch)
    assert {(name, version) for name, versions in keys.items() for version in versions} == expected
    assert all(versions == [1, 3, 4, 2, 3, 4] for versions in keys.values()), (
        "whatever was under way comes again behind what failed"
    )


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


async def test_an_event_too_large_to_send_holds_up_its_aggregate_alone(scratch: Scratch) -> None:
    database, admin = await scratch.database(connections=8), await scratch.admin()
    await publish_versions(database, 6, 3)
    large = await admin.fetchrow(
        "UPDATE outbox SET value = convert_to(repeat('x', 1100000), 'UTF8')"
        " WHERE (aggregate_id, aggregate_version) = (SELECT aggregate_id, 2 FROM outbox LIMIT 1)"
        " RETURNING tenant_id, aggregate_id, event_id, shard"
    )
    relay = scratch.relay()
    async with scratch.runs(relay):
        await eventually(lambda: relay.problem)
        # Of its own shard, too.
        while True:
            tenant, subject = TenantId(new_id()), new_id()
            if shard_of(tenant, subject, SHARDS) == large["shard"]:
                break
        async with database.begin(a_caller(tenant)) as tx:
            await enter(tx, subject)
        await eventually(lambda: _waits(scratch, 2))
        assert (relay.failing, relay._metrics.outbox_blocked._value.get()) == ("", 1)
        assert str(large["aggregate_id"]) in relay.problem
        await admin.execute("UPDATE outbox SET created_at = now() - interval '1 minute'")
        (stuck,) = await stuck_events(await scratch.worker())
        assert (stuck.event_id, stuck.size, stuck.waiting) == (large["event_id"], 1_100_000, 2)
        keys = await published(scratch)
        assert sorted(map(len, keys.values())) == [1, 1, 3, 3, 3, 3, 3], "nothing is sent twice"
        skipped = await skip(database, large["tenant_id"], large["event_id"], "a test's", "olga")
        assert skipped and not await skip(
            database, large["tenant_id"], large["event_id"], "a test's", "olga"
        )
        await eventually(lambda: drained(scratch))
        await eventually(lambda: not relay.problem)
    keys = await published(scratch)
    assert keys[f"{large['tenant_id']}:{large['aggregate_id']}"] == [1, 3]
    (decision,) = await admin.fetch("SELECT outcome, reason, settled_by FROM settled_letter")
    assert tuple(decision) == ("skipped", "a test's", "olga")


async def test_an_event_that_the_broker_refuses_holds_up_its_aggregate_alone(
    scratch: Scratch,
) -> None:
    database, admin = await scratch.database(connections=8), await scratch.admin()
    await scratch.set_largest_record(scratch.topic(), 20_000)
    await publish_versions(database, 12, 3)
    # As random bytes: what is compressed is measured.
    large = await admin.fetch(
        "UPDATE outbox SET value = (SELECT string_agg(decode(md5(random()::text || n), 'hex'), '')"
        " FROM generate_series(1, 3000) n) WHERE aggregate_version = 2 AND aggregate_id IN"
        " (SELECT DISTINCT aggregate_id FROM outbox LIMIT 2) RETURNING aggregate_id"
    )
    relay = scratch.relay()
    async with scratch.runs(relay):
        await eventually(lambda: relay._metrics.outbox_blocked._value.get() == 2)
        await eventually(lambda: _waits(scratch, 4))
        await publish_versions(database, 3, 2)
        await eventually(lambda: _waits(scratch, 4))
        await scratch.set_largest_record(scratch.topic(), 1_000_000)
        await eventually(lambda: drained(scratch))
        await eventually(lambda: not relay.problem)
    assert len(large) == 2
    assert all(
        first_times(versions) in ([1, 2, 3], [1, 2])
        for versions in (await published(scratch)).values()
    )


async def _waits(scratch: Scratch, count: int) -> bool:
    return await waiting(scratch) == count


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
    monkeypatch.setattr("shared.outbox.relay.PRUNE_SECONDS", 0.5)
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


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[tuple[Kafka, Any]]:
    """A broker of this test's own, to be killed."""
    port, controller = free_ports(2)
    kafka = Kafka(tmp_path / "kafka", port, controller_port=controller, password="p" * 32)
    kafka.prepare()
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(
            subprocess.Popen(
                kafka.command(), cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        )
        return started[-1]

    yield kafka, start
    for process in started:
        process.kill()
        process.wait()


async def test_a_broker_killed_under_way_loses_nothing_and_no_order(
    scratch: Scratch, broker: tuple[Kafka, Any]
) -> None:
    kafka, start = broker
    process = start()
    await ready.wait("Kafka", kafka.check, 60)
    mine = Scratch(scratch.installation, scratch.namespace, kafka.connection)
    await mine.make_topics()
    database = await scratch.database(connections=8)
    relay: Relay = mine.relay()
    async with scratch.runs(relay):
        writing = asyncio.create_task(publish_versions(database, 40, 25))
        await asyncio.sleep(0.5)
        process.send_signal(signal.SIGKILL)
        process.wait()
        expected = await writing
        assert await waiting(scratch) > 0
        await asyncio.sleep(1)
        start()
        await ready.wait("Kafka", kafka.check, 60)
        await eventually(lambda: drained(scratch), seconds=60)
    keys = await published(mine)
    assert {(name, version) for name, versions in keys.items() for version in versions} == expected
    assert all(first_times(versions) == list(range(1, 26)) for versions in keys.values())


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
