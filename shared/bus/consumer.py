"""A consumer: batches of records in, effects in the order of each aggregate, offsets committed
after the effects.

What fails for a while is tried again; what fails for good becomes a dead letter so that nothing
waits behind it; too many dead letters stop the consumer.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from shared.bus.broker import EventBroker, RecordBatch
from shared.bus.dead_letter_replay import DeadLetter
from shared.bus.dead_letters import DeadLetterLimit, DeadLetters
from shared.bus.middlewares import metrics_middleware, tracing_middleware
from shared.bus.records import Erasure, Rejected, parse
from shared.bus.subscription import ConsumerContext, Subscription
from shared.errors import Unavailable
from shared.events import PublishedEvent, Unreadable
from shared.ids import TenantId
from shared.metrics import Metrics

log = structlog.get_logger()

TRANSIENT = (Unavailable, RedisError, KafkaError, OSError, TimeoutError)
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
# Below Kafka's `max.poll.interval.ms`: who handles one batch for longer is out of the group.
GIVE_BACK_SECONDS = 120.0
LAG_SECONDS = 1.0

Parsed = tuple[Any, PublishedEvent | Erasure]


class Consumer:
    """A service's member of its group: a FastStream subscriber whose handler is `handle`."""

    def __init__(
        self,
        name: str,
        kafka: str,
        namespace: str,
        subscription: Subscription,
        context: ConsumerContext,
        metrics: Metrics,
        dead_letters_per_minute: int = 100,
    ) -> None:
        self.name = name
        self.stopped_because = ""
        self._namespace = namespace
        self.subscription, self._context = subscription, context
        self._metrics = metrics
        self._limit = DeadLetterLimit(dead_letters_per_minute)
        self._ends: dict[TopicPartition, int] = {}
        self._stopping = asyncio.Event()
        self._broker = EventBroker(kafka, f"{name}-consumer", [metrics_middleware(name, metrics)])
        self._dead_letters = DeadLetters(name, self._broker)
        self._subscriber = self._broker.event_subscriber(
            [namespace + topic for topic in subscription.topics], namespace + name
        )
        self._subscriber(self.handle)

    @property
    def failing(self) -> str:
        """The error that keeps the consumer from going on; empty where there is none."""
        return self._subscriber.failing

    async def run(self) -> None:
        """Consumes until `stop`; waits for a broker that is away."""
        if traces := tracing_middleware(self.name):
            self._broker.add_middleware(traces)
        while not self._stopping.is_set():
            try:
                await self._broker.start()
            except (KafkaError, OSError, TimeoutError) as failure:
                self._note("broker_unavailable", failure)
                await self._broker.stop()
                await self._pause(1)
            else:
                break
        while not self._stopping.is_set():
            await self._measure_lag()
            await self._pause(LAG_SECONDS)

    async def stop(self) -> None:
        """Finishes the batch at hand and leaves the group."""
        self._stopping.set()
        await self._broker.stop()

    async def handle(self, batch: RecordBatch) -> None:
        """Applies a batch and acknowledges it; tries again, ever less often, what fails for a
        while.
        """
        pause, waited = FIRST_PAUSE_SECONDS, 0.0
        while not self._stopping.is_set() and waited <= GIVE_BACK_SECONDS:
            try:
                await self.apply(batch.raw_message)
            except TRANSIENT as failure:
                self._note("batch_retried", failure)
                await self._pause(pause)
                waited, pause = waited + pause, min(pause * 2, LONGEST_PAUSE_SECONDS)
            except _LimitExceeded as excess:
                return await self._halt(str(excess))
            else:
                self._subscriber.failing = ""
                self._ends |= batch.ends
                return await batch.ack()
        # It has had no effect, and polling must go on for the group's sake.
        await batch.nack()
        return None

    async def apply(self, records: Sequence[Any]) -> list[Rejected]:
        """Applies what can be understood, dead-letters the rest and returns it.

        Raises what may pass by itself (`TRANSIENT`).
        """
        tenants, rejected = self._parsed(records)
        for tenant_id, parsed in tenants.items():
            for _, run in groupby(parsed, key=lambda pair: isinstance(pair[1], Erasure)):
                rejected += await self._apply_or_halve(tenant_id, list(run))
        if rejected:
            await self._reject(rejected)
        return rejected

    async def replay(self, letter: DeadLetter) -> str:
        """Applies a dead letter once more, as if it had just come; returns `applied` or why it was
        rejected again.
        """
        rejected = await self.apply([letter])
        return rejected[0].reason if rejected else "applied"

    def _parsed(
        self, records: Sequence[Any]
    ) -> tuple[dict[TenantId, list[Parsed]], list[Rejected]]:
        """Records that the service handles by tenant, in their order, and those it cannot read."""
        tenants: dict[TenantId, list[Parsed]] = defaultdict(list)
        rejected: list[Rejected] = []
        for record in records:
            topic = record.topic.removeprefix(self._namespace)
            try:
                event = parse(record, topic, self.subscription.handles)
            except Unreadable as failure:
                rejected.append(Rejected(record, str(failure)))
                continue
            if event is None:
                self._metrics.consumed.labels(record.topic, "ignored").inc()
                continue
            tenants[event.tenant_id].append((record, event))
        return tenants, rejected

    async def _apply_or_halve(
        self, tenant_id: TenantId, parsed: Sequence[Parsed]
    ) -> list[Rejected]:
        """Applies a tenant's events (or erasures) together, or in halves until the one that fails
        for good is found.
        """
        events = [event for _, event in parsed if isinstance(event, PublishedEvent)]
        erased = [event.subject for _, event in parsed if isinstance(event, Erasure)]
        try:
            await self.subscription.consume(self._context, tenant_id, events, erased)
        except TRANSIENT:
            raise
        except Exception as failure:
            if len(parsed) == 1:
                log.error("handler_failed", consumer=self.name, exc_info=failure)
                return [Rejected(parsed[0][0], f"{type(failure).__name__}: its handler failed")]
            middle = len(parsed) // 2
            return [
                *await self._apply_or_halve(tenant_id, parsed[:middle]),
                *await self._apply_or_halve(tenant_id, parsed[middle:]),
            ]
        self._count_applied(parsed)
        return []

    def _count_applied(self, parsed: Sequence[Parsed]) -> None:
        now = datetime.now(UTC)
        topics: dict[str, list[PublishedEvent | Erasure]] = defaultdict(list)
        for record, event in parsed:
            topics[record.topic].append(event)
        for topic, events in topics.items():
            self._metrics.consumed.labels(topic, "applied").inc(len(events))
            delays = self._metrics.event_delay.labels(topic)
            for event in events:
                if isinstance(event, PublishedEvent):
                    delays.observe((now - event.envelope.time).total_seconds())

    async def _reject(self, rejected: Sequence[Rejected]) -> None:
        if self._limit.would_exceed(len(rejected)):
            raise _LimitExceeded(
                f"more than {self._limit.limit} dead letters in a minute; "
                f"the last: {rejected[-1].reason}"
            )
        await self._dead_letters.publish(rejected)
        self._limit.count(len(rejected))
        for rejection in rejected:
            record = rejection.record
            self._metrics.dead_letters.labels(record.topic).inc()
            log.error(
                "dead_letter",
                consumer=self.name,
                topic=record.topic,
                offset=record.offset,
                reason=rejection.reason,
            )

    async def _halt(self, reason: str) -> None:
        """Keeps its partitions, so that no other replica goes the same way, and reads no more."""
        self.stopped_because = reason
        self._metrics.consumer_stopped.set(1)
        log.critical("consumer_stopped", consumer=self.name, reason=reason)
        consumer: Any = self._subscriber.consumer
        consumer.pause(*consumer.assignment())
        await self._stopping.wait()

    async def _measure_lag(self) -> None:
        consumer: Any = self._subscriber.consumer
        assigned = consumer.assignment() if consumer else frozenset()
        for partition in self._ends.keys() - assigned:
            # Another member's by now, who measures it.
            del self._ends[partition]
            with suppress(KeyError):
                self._metrics.lag.remove(partition.topic, str(partition.partition))
        for partition in assigned:
            if partition not in self._ends:
                with suppress(KafkaError):
                    self._ends.setdefault(partition, await consumer.committed(partition) or 0)
            highwater, end = consumer.highwater(partition), self._ends.get(partition)
            if highwater is not None and end is not None:
                lag = self._metrics.lag.labels(partition.topic, str(partition.partition))
                lag.set(max(0, highwater - end))

    def _note(self, log_event: str, failure: Exception) -> None:
        self._subscriber.failing = type(failure).__name__
        log.warning(log_event, consumer=self.name, reason=str(failure)[:200])

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


class _LimitExceeded(Exception):
    """Too many dead letters: something is wrong with us or with the producer, not with single
    records.
    """


def degraded_consumers(consumers: Iterable[Consumer]) -> dict[str, str]:
    """What is wrong with each consumer, by name; empty where nothing is."""
    return {
        consumer.name: problem
        for consumer in consumers
        if (problem := consumer.stopped_because or consumer.failing)
    }
