"""The relay: every committed event is published, in each aggregate's order, whatever dies."""

import asyncio
import signal
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiokafka.errors import KafkaTimeoutError

from deploy import ready
from deploy.local.servers import Kafka
from shared.db import Database
from shared.ids import TenantId, new_id
from shared.outbox.relay import Relay
from tests.integration.shared.scratch import SHARDS, Scratch, eventually
from tests.integration.shared.things import a_caller, change, enter
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


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[tuple[Kafka, Any]]:
    """A broker of this test's own, to be killed."""
    port, controller = free_ports(2)
    kafka = Kafka(tmp_path / "kafka", port, controller_port=controller)
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
    mine = Scratch(scratch.installation, scratch.namespace, kafka.address)
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
