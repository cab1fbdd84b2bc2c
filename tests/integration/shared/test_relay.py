"""The relay: what was committed is published, in each aggregate's order, whatever dies
meanwhile.
"""

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


async def facts_of(database: Database, aggregates: int, each: int) -> set[tuple[str, int]]:
    """`aggregates` things, each entered and changed until version `each`; what must be
    published.
    """
    caller = a_caller()

    async def one(subject: UUID) -> None:
        async with database.begin(caller) as tx:
            await enter(tx, subject)
        for _ in range(each - 1):
            async with database.begin(caller) as tx:
                await change(tx, subject)

    subjects = [new_id() for _ in range(aggregates)]
    await asyncio.gather(*(one(subject) for subject in subjects))
    return {
        (f"{caller.tenant_id}:{subject}", version)
        for subject in subjects
        for version in range(1, each + 1)
    }


async def published(scratch: Scratch) -> dict[str, list[int]]:
    """The versions of each key, as they lie on the topic."""
    found: dict[str, list[int]] = defaultdict(list)
    for record in await scratch.everything_on(scratch.topic()):
        found[record.key.decode()].append(int(dict(record.headers)["ce_aggregateversion"]))
    return found


def first_times(versions: list[int]) -> list[int]:
    return list(dict.fromkeys(versions))


async def waiting(scratch: Scratch) -> int:
    admin = await scratch.admin()
    count: int = await admin.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    await admin.close()
    return count


async def drained(scratch: Scratch) -> bool:
    return await waiting(scratch) == 0


async def test_everything_is_published_once_and_in_the_order_of_each_aggregate(
    scratch: Scratch,
) -> None:
    database = await scratch.database(connections=8)
    async with scratch.runs(scratch.relay()):
        wanted = await facts_of(database, 20, 15)
        await eventually(lambda: drained(scratch))
    found = await published(scratch)
    assert {(name, version) for name, versions in found.items() for version in versions} == wanted
    assert all(versions == list(range(1, 16)) for versions in found.values())


async def test_a_commit_wakes_the_relay(scratch: Scratch) -> None:
    database, relay = await scratch.database(), scratch.relay()
    relay._poll = 30.0
    database.on_commit(relay.wake)
    async with scratch.runs(relay):
        await eventually(lambda: len(relay._owned) == SHARDS)
        await facts_of(database, 1, 1)
        await eventually(lambda: drained(scratch), seconds=5)


async def test_two_relays_share_the_shards_and_ones_death_moves_them(scratch: Scratch) -> None:
    database = await scratch.database(connections=8)
    one, two = scratch.relay(), scratch.relay()
    async with scratch.runs(one):
        dying = asyncio.create_task(two.run())
        await eventually(lambda: (len(one._owned), len(two._owned)) == (SHARDS // 2, SHARDS // 2))
        assert one._owned.isdisjoint(two._owned)
        writing = asyncio.create_task(facts_of(database, 30, 10))
        await asyncio.sleep(0.2)
        dying.cancel()
        wanted = await writing
        await eventually(lambda: len(one._owned) == SHARDS)
        await eventually(lambda: drained(scratch))
    found = await published(scratch)
    assert {(name, version) for name, versions in found.items() for version in versions} == wanted
    assert all(first_times(versions) == list(range(1, 11)) for versions in found.values())


async def test_a_crash_between_sending_and_marking_repeats_and_loses_nothing(
    scratch: Scratch,
) -> None:
    database = await scratch.database(connections=8)
    wanted = await facts_of(database, 5, 4)
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
    assert await waiting(scratch) == len(wanted), "sent, and not marked"
    async with scratch.runs(scratch.relay()):
        await eventually(lambda: drained(scratch))
    found = await published(scratch)
    assert {(name, version) for name, versions in found.items() for version in versions} == wanted
    assert all(versions == [1, 2, 3, 4, 1, 2, 3, 4] for versions in found.values())


async def test_an_unacknowledged_event_is_sent_again_and_nothing_is_marked_past_it(
    scratch: Scratch,
) -> None:
    database = await scratch.database(connections=8)
    wanted = await facts_of(database, 5, 4)
    relay, refused = scratch.relay(), set[UUID]()
    sending = relay._send

    async def refused_once(producer: Any, row: Any) -> Any:
        if row["aggregate_version"] == 2 and row["event_id"] not in refused:
            refused.add(row["event_id"])
            failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            failure.set_exception(KafkaTimeoutError())
            return failure
        return await sending(producer, row)

    relay._send = refused_once  # type: ignore[method-assign]
    async with scratch.runs(relay):
        await eventually(lambda: drained(scratch))
    found = await published(scratch)
    assert {(name, version) for name, versions in found.items() for version in versions} == wanted
    assert all(versions == [1, 3, 4, 2, 3, 4] for versions in found.values()), (
        "whatever was under way comes again behind what failed"
    )


async def test_a_relay_whose_database_connection_dies_goes_on(scratch: Scratch) -> None:
    database, admin = await scratch.database(connections=8), await scratch.admin()
    async with scratch.runs(scratch.relay()):
        for _ in range(3):
            await facts_of(database, 3, 3)
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
                " 'relay:scratch'"
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
        writing = asyncio.create_task(facts_of(database, 40, 25))
        await asyncio.sleep(0.5)
        process.send_signal(signal.SIGKILL)
        process.wait()
        wanted = await writing
        assert await waiting(scratch) > 0, "commands went on without the broker"
        await asyncio.sleep(1)
        start()
        await ready.wait("Kafka", kafka.check, 60)
        await eventually(lambda: drained(scratch), seconds=60)
    found = await published(mine)
    assert {(name, version) for name, versions in found.items() for version in versions} == wanted
    assert all(first_times(versions) == list(range(1, 26)) for versions in found.values())


async def test_a_tenant_never_leaves_its_key(scratch: Scratch) -> None:
    database, subject = await scratch.database(), new_id()
    tenants = [TenantId(new_id()) for _ in range(3)]
    for tenant in tenants:
        async with database.begin(a_caller(tenant)) as tx:
            await enter(tx, subject)
    async with scratch.runs(scratch.relay()):
        await eventually(lambda: drained(scratch))
    assert set(await published(scratch)) == {f"{tenant}:{subject}" for tenant in tenants}
