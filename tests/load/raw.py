"""The bus without us: aiokafka and asyncpg alone, with the very records that relays and consumers
are measured with.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.outbox.relay import MAX_BATCH_BYTES
from tests.load.processes import cpu, server_pids
from tests.load.stage import Stage
from tests.support.servers import Servers

GATHERED = 2_000
PARTITIONS = 6
BATCH = 2_000


@dataclass(frozen=True)
class Pace:
    """Records a second, and the CPU seconds that each process spent on 1,000."""

    rate: float
    by_process: dict[str, float]

    @property
    def cpu(self) -> float:
        return sum(seconds for name, seconds in self.by_process.items() if name != "kafka") or 1e-9

    def spent(self) -> str:
        return ", ".join(
            f"{name} {seconds:.3f}"
            for name, seconds in self.by_process.items()
            if seconds >= 0.0005
        )


class Spent:
    """CPU from now on, of the servers and either `service` or this process."""

    def __init__(self, stage: Stage, service: str = "") -> None:
        self._began = time.process_time()
        servers = {name: pid for name, pid in server_pids().items() if name != "redis" or service}
        self._pids = servers | ({service: stage.services[service].pid} if service else {})
        self._own = not service
        self._before = {name: cpu(pid) for name, pid in self._pids.items()}

    def per_thousand(self, count: float) -> dict[str, float]:
        spent = {name: cpu(pid) - self._before[name] for name, pid in self._pids.items()}
        if self._own:
            spent["client"] = time.process_time() - self._began
        return {name: 1000 * seconds / max(count, 1) for name, seconds in spent.items()}


def topic(stage: Stage) -> str:
    """One that nobody of ours reads."""
    return f"{stage.installation.namespace}load"


async def create_topic(stage: Stage) -> None:
    admin = AIOKafkaAdminClient(**stage.servers.kafka.client_options())
    await admin.start()
    try:
        await admin.create_topics(
            [NewTopic(topic(stage), PARTITIONS, 1, topic_configs={"compression.type": "zstd"})]
        )
    finally:
        await admin.close()


async def send(stage: Stage, records: list[Any]) -> Pace:
    """Sends `records` with idempotence, acknowledged by all, zstd, gathered."""
    producer = AIOKafkaProducer(
        **stage.servers.kafka.client_options(),
        enable_idempotence=True,
        acks="all",
        compression_type="zstd",
        max_batch_size=MAX_BATCH_BYTES,
    )
    await producer.start()
    try:
        name = topic(stage)
        await producer.send_and_wait(name, b"warm")
        began, spent = time.perf_counter(), Spent(stage)
        for start in range(0, len(records), GATHERED):
            part = records[start : start + GATHERED]
            promises = [
                await producer.send(name, each.value, key=each.key, headers=list(each.headers))
                for each in part
            ]
            await asyncio.gather(*promises)
        return Pace(len(records) / (time.perf_counter() - began), spent.per_thousand(len(records)))
    finally:
        await producer.stop()


Offsets = dict[TopicPartition, int]


async def ends(servers: Servers, topics: list[str]) -> Offsets:
    """Where each partition ends now."""
    consumer = AIOKafkaConsumer(**servers.kafka.client_options())
    await consumer.start()
    try:
        partitions = [
            TopicPartition(each, number) for each in topics for number in range(PARTITIONS)
        ]
        offsets: Offsets = await consumer.end_offsets(partitions)
        return offsets
    finally:
        await _stop(consumer)


async def read(stage: Stage, since: Offsets) -> tuple[list[Any], Pace]:
    """Everything after `since`: `getmany`, nothing looked at."""
    records: list[Any] = []

    async def keep(batch: Sequence[Any]) -> None:
        records.extend(batch)

    return records, await _read(stage, since, keep)


_TABLES = """
    DROP TABLE IF EXISTS bare_inbox, bare_state;
    CREATE TABLE bare_inbox (tenant_id uuid, event_id uuid,
        seen_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (tenant_id, event_id));
    CREATE TABLE bare_state (tenant_id uuid, id uuid, version bigint NOT NULL, value bytea,
        PRIMARY KEY (tenant_id, id));
"""
_EFFECT = """
    WITH incoming AS (
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[],
            $5::bytea[]) AS t(event_id, tenant_id, id, version, value)
    ),
    claimed AS (INSERT INTO bare_inbox (tenant_id, event_id)
        SELECT tenant_id, event_id FROM incoming ON CONFLICT DO NOTHING RETURNING event_id)
    INSERT INTO bare_state AS kept (tenant_id, id, version, value)
    SELECT DISTINCT ON (tenant_id, id) tenant_id, id, version, value FROM incoming
        JOIN claimed USING (event_id)
    ORDER BY tenant_id, id, version DESC
    ON CONFLICT (tenant_id, id) DO UPDATE SET version = excluded.version, value = excluded.value
        WHERE kept.version < excluded.version
"""


async def read_with_effects(stage: Stage, since: Offsets) -> Pace:
    """The same records, and for each batch one statement: event ids claimed, one row per aggregate
    written.
    """
    connection = await stage.database("activities")

    async def write(batch: Sequence[Any]) -> None:
        heads = [dict(record.headers) for record in batch]
        keys = [record.key.decode().split(":") for record in batch]
        await connection.execute(
            _EFFECT,
            [UUID(head["ce_id"].decode()) for head in heads],
            [UUID(tenant) for tenant, _ in keys],
            [UUID(subject) for _, subject in keys],
            [int(head["ce_aggregateversion"]) for head in heads],
            [record.value for record in batch],
        )

    try:
        await connection.execute(_TABLES)
        return await _read(stage, since, write)
    finally:
        await connection.execute("DROP TABLE IF EXISTS bare_inbox, bare_state")
        await connection.close()


async def _read(
    stage: Stage, since: Offsets, take: Callable[[Sequence[Any]], Awaitable[None]]
) -> Pace:
    until = await ends(stage.servers, sorted({partition.topic for partition in since}))
    expected, received = sum(until.values()) - sum(since.values()), 0
    consumer = AIOKafkaConsumer(**stage.servers.kafka.client_options(), enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(list(since))
        for partition, offset in since.items():
            consumer.seek(partition, offset)
        began, spent = time.perf_counter(), Spent(stage)
        while received < expected:
            polled = (await consumer.getmany(timeout_ms=1000, max_records=BATCH)).values()
            batch = [record for records in polled for record in records]
            if batch:
                await take(batch)
            received += len(batch)
        return Pace(expected / (time.perf_counter() - began), spent.per_thousand(expected))
    finally:
        await _stop(consumer)


async def _stop(consumer: AIOKafkaConsumer) -> None:
    """A consumer without a group cancels its own task and lets the cancellation out."""
    with suppress(asyncio.CancelledError):
        await consumer.stop()
