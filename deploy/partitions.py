"""`python -m deploy.partitions 12`: give every topic so many partitions, and keep each key's order.

A key's partition follows from their number. So the relays pause (commands go on, events wait in
outboxes), what was published is read to its end, and only then are partitions added. A relay goes
on with a producer that knows of them; consumers hear of them within 30 s.

Reads what `deploy.provision` reads; set its SALES_PARTITIONS for topics that come later.
"""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.errors import KafkaError

from deploy.environment import SERVICES, Installation, with_file
from deploy.topics import DeclaredTopic, declared
from shared.outbox.relay import LOCK_CLASS, pause_name

SECONDS = 300
SHARDS = 64
"""More than any installation has: a lock that no relay takes is ours at once."""


class NotAdded(Exception):
    """Not every topic got its partitions; the text says why. Events flow as before."""


async def add_partitions(
    installation: Installation, count: int, seconds: float = SECONDS
) -> list[str]:
    """Raises the partitions of every topic to `count`; which had fewer, in words.

    Raises:
        NotAdded: a topic has more, a relay did not pause, or a consumer did not get to the end
            within `seconds`.
    """
    options = installation.kafka.client_options()
    admin = AIOKafkaAdminClient(**options)
    await admin.start()
    try:
        fewer = await _with_fewer(admin, installation, count)
        if not fewer:
            return []
        async with AsyncExitStack() as pauses, AIOKafkaConsumer(**options) as reader:
            until = monotonic() + seconds
            await asyncio.gather(
                *(
                    pauses.enter_async_context(_relays_paused(installation, service, until))
                    for service in SERVICES
                )
            )
            await _eventually(lambda: _unread(installation, admin, reader), until)
            await _add(admin, dict.fromkeys(fewer, count))
    except KafkaError as failed:
        raise NotAdded(f"Kafka: {failed}") from failed
    finally:
        await admin.close()
    return [f"{topic}: {before} -> {count}" for topic, before in fewer.items()]


async def _with_fewer(
    admin: AIOKafkaAdminClient, installation: Installation, count: int
) -> dict[str, int]:
    names = [installation.namespace + topic.name for topic in declared()]
    present = {
        topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics(names)
    }
    for topic, partitions in present.items():
        if not partitions:
            raise NotAdded(f"{topic} does not exist: provision first")
        if partitions > count:
            raise NotAdded(f"{topic} has {partitions} already, which cannot be made fewer")
    return {topic: partitions for topic, partitions in present.items() if partitions < count}


@asynccontextmanager
async def _relays_paused(
    installation: Installation, service: str, until: float
) -> AsyncIterator[None]:
    """Within the block no relay of the service publishes; should we die, they go on."""
    connection = await asyncpg.connect(
        installation.database_url(service, "worker"),
        server_settings={"application_name": pause_name(service)},
    )

    async def kept() -> str:
        taken = await connection.fetchval(
            "SELECT count(*) FROM generate_series(0, $2 - 1) AS shard"
            " WHERE NOT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
            " AND classid = $1::int AND objid = shard AND pid = pg_backend_pid()"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
            " AND NOT pg_try_advisory_lock($1::int, shard)",
            LOCK_CLASS,
            SHARDS,
        )
        return f"relays of {service} still publish" if taken else ""

    try:
        await _eventually(kept, until)
        yield
    finally:
        await connection.close()


async def _unread(
    installation: Installation, admin: AIOKafkaAdminClient, reader: AIOKafkaConsumer
) -> str:
    """Who has not read all that we published yet, in words; guests read at their own pace."""
    topics = [topic for topic in declared() if set(topic.writers) & set(SERVICES)]
    ends = await _ends(installation, admin, reader, topics)
    for topic in topics:
        for service in topic.readers:
            for group in (service, *topic.groups.get(service, ())):
                offsets = await admin.list_consumer_group_offsets(installation.namespace + group)
                name = installation.namespace + topic.name
                behind = sum(
                    end - (offsets[partition].offset if partition in offsets else 0)
                    for partition, end in ends.items()
                    if partition.topic == name
                )
                if behind:
                    return f"{group} is {behind} records behind on {name}"
    return ""


async def _ends(
    installation: Installation,
    admin: AIOKafkaAdminClient,
    reader: AIOKafkaConsumer,
    topics: list[DeclaredTopic],
) -> Mapping[TopicPartition, int]:
    described = await admin.describe_topics(
        [installation.namespace + topic.name for topic in topics]
    )
    partitions = [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in described
        for partition in topic["partitions"]
    ]
    ends: Mapping[TopicPartition, int] = await reader.end_offsets(partitions)
    return ends


async def _add(admin: AIOKafkaAdminClient, counts: Mapping[str, int]) -> None:
    """Returns when the broker tells of them all."""
    await admin.create_partitions({topic: NewPartitions(count) for topic, count in counts.items()})

    async def missing() -> str:
        for topic in await admin.describe_topics(list(counts)):
            if len(topic["partitions"]) < counts[topic["topic"]]:
                return f"{topic['topic']} has not got them yet"
        return ""

    await _eventually(missing, monotonic() + 30)


async def _eventually(obstacle: Callable[[], Coroutine[Any, Any, str]], until: float) -> None:
    """Waits until nothing is in the way. Raises `NotAdded` with what still is."""
    while text := await obstacle():
        if monotonic() >= until:
            raise NotAdded(text)
        await asyncio.sleep(0.2)


def main() -> None:
    """One line for each topic; one line and exit 1 where they could not be added."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("count", type=int, help="partitions of each topic from now on")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long to wait at most")
    arguments = parser.parse_args()
    try:
        installation = Installation.from_environment(with_file(os.environ))
        changes = asyncio.run(add_partitions(installation, arguments.count, arguments.seconds))
    except KeyError as missing:
        sys.exit(f"partitions: {missing.args[0]} is not set")
    except (NotAdded, OSError, asyncpg.PostgresError) as reason:
        sys.exit(f"partitions: {reason}")
    print("\n".join(changes) or f"partitions: every topic has {arguments.count} already")


if __name__ == "__main__":
    main()
