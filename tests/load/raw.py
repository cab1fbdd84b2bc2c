"""The bus without us: aiokafka alone, sending and reading the very records that relays and consumers are measured with."""

import asyncio
import time
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.load.stage import Stage
from tests.servers import Servers

GATHERED = 2_000
PARTITIONS = 6


def topic(stage: Stage) -> str:
    """One that nobody of ours reads."""
    return f"{stage.installation.namespace}load"


async def create_topic(stage: Stage) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stage.servers.kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic(stage), PARTITIONS, 1, topic_configs={"compression.type": "zstd"})])
    finally:
        await admin.close()


async def send(stage: Stage, records: list[Any]) -> float:
    """Sends `records` with idempotence, acknowledged by all, zstd, gathered; records a second."""
    producer = AIOKafkaProducer(bootstrap_servers=stage.servers.kafka, enable_idempotence=True, acks="all", compression_type="zstd")
    await producer.start()
    try:
        name = topic(stage)
        await producer.send_and_wait(name, b"warm")
        began = time.perf_counter()
        for start in range(0, len(records), GATHERED):
            part = records[start : start + GATHERED]
            promises = [await producer.send(name, each.value, key=each.key, headers=list(each.headers)) for each in part]
            await asyncio.gather(*promises)
        return len(records) / (time.perf_counter() - began)
    finally:
        await producer.stop()


Offsets = dict[TopicPartition, int]


async def ends(servers: Servers, topics: list[str]) -> Offsets:
    """Where each partition ends now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=servers.kafka)
    await consumer.start()
    try:
        partitions = [TopicPartition(each, number) for each in topics for number in range(PARTITIONS)]
        found: Offsets = await consumer.end_offsets(partitions)
        return found
    finally:
        await _stop(consumer)


async def read(servers: Servers, since: Offsets) -> tuple[list[Any], float]:
    """Everything after `since` and how many records a second that was: `getmany`, nothing looked at."""
    until = await ends(servers, sorted({partition.topic for partition in since}))
    wanted = sum(until.values()) - sum(since.values())
    consumer = AIOKafkaConsumer(bootstrap_servers=servers.kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(list(since))
        for partition, offset in since.items():
            consumer.seek(partition, offset)
        records: list[Any] = []
        began = time.perf_counter()
        while len(records) < wanted:
            for batch in (await consumer.getmany(timeout_ms=1000, max_records=2_000)).values():
                records += batch
        return records, wanted / (time.perf_counter() - began)
    finally:
        await _stop(consumer)


async def _stop(consumer: AIOKafkaConsumer) -> None:
    """A consumer without a group cancels its own task and lets the cancellation out."""
    with suppress(asyncio.CancelledError):
        await consumer.stop()
