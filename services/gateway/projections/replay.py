"""Reads everything published until now into one generation of the read models."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from redis.exceptions import RedisError

from services.gateway.projections.completeness import Completeness
from services.gateway.projections.projector import Projector
from services.gateway.projections.registry import PROJECTED
from services.gateway.read_models.keys import Keys
from shared.bus.applier import TRANSIENT
from shared.bus.connection import KafkaConnection
from shared.bus.records import Erasure, parse
from shared.events import EXPIRING, TOPICS, PublishedEvent, Unreadable
from shared.ids import TenantId

log = structlog.get_logger()
_BATCH = 2_000

Report = Callable[[str], None]


class TopicCut(Exception):
    """A topic no longer holds its first records: what is built from it would lack them."""


@dataclass(slots=True)
class Counts:
    """What a replay read; `ends` are the offsets up to which it reads, `incomplete` the aggregates
    of which a version is missing.
    """

    records: int = 0
    events: int = 0
    skipped: int = 0
    incomplete: int = 0
    ends: dict[TopicPartition, int] = field(default_factory=dict)


async def require_whole_topics(kafka: KafkaConnection, namespace: str) -> None:
    """Raises `TopicCut`, or what Kafka raises when it is away."""
    async with _reader(kafka, namespace) as reader:
        await _require_whole(reader, namespace)


@asynccontextmanager
async def _reader(kafka: KafkaConnection, namespace: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A reader of all topics.

    Without a group all partitions are its own; a missing topic is an error, not an empty model. The
    beginning is where it starts by default: sought afterwards, it may be answered with the default
    that was requested before.
    """
    reader = AIOKafkaConsumer(
        *(namespace + topic for topic in TOPICS),
        **kafka.client_options(),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    await reader.start()
    try:
        yield reader
    finally:
        await reader.stop()


async def _require_whole(reader: AIOKafkaConsumer, namespace: str) -> None:
    begins: Mapping[TopicPartition, int] = await reader.beginning_offsets(
        [
            partition
            for partition in reader.assignment()
            if partition.topic.removeprefix(namespace) not in EXPIRING
        ]
    )
    cut = [
        f"{partition.topic}[{partition.partition}] begins at offset {begin}"
        for partition, begin in sorted(begins.items())
        if begin > 0
    ]
    if cut:
        raise TopicCut("; ".join(cut))


class Replay:
    """Applies the topics, from their beginning, to `target`.

    Topics that lack their first records are refused, unless `accept_cut`.
    """

    def __init__(
        self,
        projector: Projector,
        kafka: KafkaConnection,
        target: Keys,
        report: Report,
        accept_cut: bool = False,
    ) -> None:
        self._projector, self._kafka = projector, kafka
        self._target, self._report = target, report
        self._accept_cut, self._completeness = accept_cut, Completeness()
        self.counts = Counts()

    async def run(self) -> Counts:
        """Reads up to the offsets at which the topics end as it starts.

        Raises `TopicCut`, or what Redis and Kafka raise when they are away.
        """
        async with _reader(self._kafka, self._target.namespace) as reader:
            ends = self.counts.ends = await reader.end_offsets(list(reader.assignment()))
            total = sum(ends.values())
            while [part for part, end in ends.items() if await reader.position(part) < end]:
                batches = await reader.getmany(timeout_ms=500, max_records=_BATCH)
                await self._apply([record for records in batches.values() for record in records])
                self._report(f"{self.counts.records} of about {total} records")
            # Afterwards: what is there now was there all the time.
            if not self._accept_cut:
                await _require_whole(reader, self._target.namespace)
        self.counts.incomplete = self._completeness.incomplete
        return self.counts

    async def _apply(self, records: Sequence[Any]) -> None:
        self.counts.records += len(records)
        by_tenant: dict[TenantId, list[PublishedEvent]] = defaultdict(list)
        erasures = []
        for record in records:
            match self._parse(record):
                case Erasure() as erasure:
                    erasures.append(erasure)
                case PublishedEvent() as event:
                    self._completeness.see(event)
                    by_tenant[event.envelope.tenant_id].append(event)
        self.counts.events += len(erasures) + sum(map(len, by_tenant.values()))
        for tenant_id, events in by_tenant.items():
            await self._project(tenant_id, events)
        # Erasures outrank every description, earlier or later: their order among events is free.
        for erasure in erasures:
            await self._projector.erase(erasure.tenant_id, erasure.subject, self._target)

    def _parse(self, record: Any) -> PublishedEvent | Erasure | None:
        topic = record.topic.removeprefix(self._target.namespace)
        try:
            return parse(record, topic, PROJECTED.__contains__)
        except Unreadable:
            self.counts.skipped += 1
            return None

    async def _project(self, tenant_id: TenantId, events: list[PublishedEvent]) -> None:
        """Applies events; one that fails for good is found by halves and skipped."""
        try:
            await self._projector.apply(tenant_id, events, self._target)
        except (*TRANSIENT, RedisError):
            raise
        except Exception as error:
            if len(events) > 1:
                middle = len(events) // 2
                await self._project(tenant_id, events[:middle])
                await self._project(tenant_id, events[middle:])
                return
            self.counts.skipped += 1
            log.error("event_skipped", type=events[0].envelope.type, exc_info=error)
