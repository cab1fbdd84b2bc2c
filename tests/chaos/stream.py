"""The topics as an outsider reads them: what was published, in which order."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.events import TOPICS
from tests.chaos.calls import Json
from tests.chaos.cluster import Cluster

Ends = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One record that is an event."""

    topic: str
    place: tuple[int, int]
    """Partition and offset."""
    id: str
    type: str
    tenant: str
    subject: str
    version: int
    cause: str
    """The id of the event that a consumer said this because of; nothing where a command did."""
    data: Json | None

    @property
    def aggregate(self) -> tuple[str, str]:
        return self.topic, self.subject


@asynccontextmanager
async def reader(cluster: Cluster) -> AsyncIterator[AIOKafkaConsumer]:
    """A reader of every record of our topics, outside of every group."""
    names = [cluster.installation.namespace + topic for topic in TOPICS]
    # Without a group all partitions are this reader's. Should the answer to where it starts by
    # default come after it has sought its place, it reads too much and not too little.
    consumer = AIOKafkaConsumer(
        *names,
        **cluster.installation.kafka.client_options(),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def ends(cluster: Cluster) -> Ends:
    """Where each partition ends now."""
    async with reader(cluster) as consumer:
        end_offsets: Ends = await consumer.end_offsets(list(consumer.assignment()))
        return end_offsets


async def published_events(cluster: Cluster, tenant: str, since: Ends) -> list[StreamEvent]:
    """The tenant's events from `since` until now, in each partition's order."""
    async with reader(cluster) as consumer:
        partitions = list(consumer.assignment())
        until = await consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, since.get(partition, 0))
        by_place: dict[tuple[str, tuple[int, int]], StreamEvent] = {}
        while [part for part in partitions if await consumer.position(part) < until[part]]:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                parsed = (_parsed(record, cluster.installation.namespace) for record in records)
                by_place |= {
                    (one.topic, one.place): one for one in parsed if one and one.tenant == tenant
                }
        return [by_place[place] for place in sorted(by_place)]


def _parsed(record: Any, namespace: str) -> StreamEvent | None:
    fields = {
        name: value.decode("utf-8", "replace")
        for name, value in record.headers
        if value is not None
    }
    try:
        return StreamEvent(
            topic=record.topic.removeprefix(namespace),
            place=(record.partition, record.offset),
            id=fields["ce_id"],
            type=fields["ce_type"],
            tenant=fields["ce_tenantid"],
            subject=fields["ce_subject"].rpartition("/")[2],
            version=int(fields["ce_aggregateversion"]),
            cause=fields.get("ce_causationid", ""),
            data=orjson.loads(record.value) if record.value else None,
        )
    except (KeyError, ValueError):
        return None


@asynccontextmanager
async def writer(cluster: Cluster) -> AsyncIterator[AIOKafkaProducer]:
    """Somebody who writes to our topics and should not."""
    producer = AIOKafkaProducer(
        **cluster.installation.kafka.client_options(),
        max_request_size=8 << 20,
        compression_type="zstd",
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()
