"""What the broker refuses, or dies under, loses no event and no order."""

import asyncio
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiokafka.errors import KafkaTimeoutError

from deploy import ready
from deploy.local.servers import Kafka
from shared.db.transaction import shard_of
from shared.ids import TenantId, new_id
from shared.outbox.relay import Relay
from shared.outbox.stuck import skip, stuck_events
from tests.integration.shared.publishing import (
    drained,
    first_times,
    publish_versions,
    published,
    waiting,
)
from tests.integration.shared.scratch import SHARDS, Scratch, eventually
from tests.integration.shared.things import a_caller, enter
from tests.support.servers import free_ports


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
