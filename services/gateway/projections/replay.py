"""Reads everything published until now into one generation of the read models."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.gateway.projections.projector import Projector
from services.gateway.projections.registry import PROJECTED
from services.gateway.read_models.keys import Keys
from shared.bus.connection import KafkaConnection
from shared.bus.consumer import TRANSIENT
from shared.bus.records import Erasure, parse
from shared.events import TOPICS, PublishedEvent, Unreadable
from shared.ids import TenantId

log = structlog.get_logger()
_BATCH = 2_000

Report = Callable[[str], None]


@dataclass(slots=True)
class Counts:
    """What a replay read; `ends` are the offsets up to which it reads."""

    records: int = 0
    events: int = 0
    skipped: int = 0
    ends: dict[TopicPartition, int] = field(default_factory=dict)


class Replay:
    """Applies the topics, from their beginning, to `target`."""

    def __init__(
        self, projector: Projector, kafka: KafkaConnection, target: Keys, report: Report
    ) -> None:
        self._projector, self._kafka = projector, kafka
        self._target, self._report = target, report
        self.counts = Counts()

    async def run(self) -> Counts:
        """Reads up to the offsets at which the topics end as it starts.

        Raises what Redis and Kafka raise when they are away.
        """
        # Without a group all partitions are this reader's; a missing topic is an error, not an
        # empty model. The beginning is where it starts by default: sought afterwards, it may be
        # answered with the default that was requested before.
        reader = AIOKafkaConsumer(
            *(self._target.namespace + topic for topic in TOPICS),
            **self._kafka.client_options(),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            isolation_level="read_committed",
        )
        await reader.start()
        try:
            ends = self.counts.ends = await reader.end_offsets(list(reader.assignment()))
            total = sum(ends.values())
            while [part for part, end in ends.items() if await reader.position(part) < end]:
                batches = await reader.getmany(timeout_ms=500, max_records=_BATCH)
                await self._apply([record for records in batches.values() for record in records])
                self._report(f"{self.counts.records} of about {total} records")
            return self.counts
        finally:
            await reader.stop()

    async def _apply(self, records: Sequence[Any]) -> None:
        self.counts.records += len(records)
        by_tenant: dict[TenantId, list[PublishedEvent]] = defaultdict(list)
        erasures = []
        for record in records:
            match self._parse(record):
                case Erasure() as erasure:
                    erasures.append(erasure)
                case PublishedEvent() as event:
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
        except TRANSIENT:
            raise
        except Exception as error:
            if len(events) > 1:
                middle = len(events) // 2
                await self._project(tenant_id, events[:middle])
                await self._project(tenant_id, events[middle:])
                return
            self.counts.skipped += 1
            log.error("event_skipped", type=events[0].envelope.type, exc_info=error)
