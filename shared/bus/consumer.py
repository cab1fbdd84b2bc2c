"""A consumer: batches of records in, effects in the order of each aggregate, offsets committed
after the effects.

What fails for a while is tried again; what fails for good is put aside so that nothing waits behind
it; a flood stops the consumer.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, groupby
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError
from faststream.kafka import KafkaBroker
from faststream.middlewares import AckPolicy
from redis.exceptions import RedisError

from shared.bus.dead_letters import DeadLetter, DeadLetterLimit, DeadLetters
from shared.bus.records import Erasure, Rejected, parse
from shared.bus.subscription import ConsumerContext, Subscription
from shared.errors import Unavailable
from shared.events import PublishedEvent, Unreadable
from shared.ids import TenantId
from shared.metrics import Metrics

log = structlog.get_logger()

TRANSIENT = (Unavailable, RedisError, KafkaError, OSError, TimeoutError)
GIVE_BACK_SECONDS = 120.0
MAX_RECORDS = 1_000
# `getmany` ends as soon as there is a record; until then nothing runs.
IDLE_MS = 1_000
GRACE_SECONDS = 20.0


class Consumer:
    """One group member reading the topics of `subscription` for the service `name`."""

    def __init__(
        self,
        name: str,
        kafka: str,
        namespace: str,
        subscription: Subscription,
        context: ConsumerContext,
        metrics: Metrics,
        letters_per_minute: int = 100,
    ) -> None:
        self.name = name
        self._namespace = namespace
        self._subscription, self._context = subscription, context
        self._metrics = metrics
        self._letters = DeadLetters(name, kafka)
        self._flood = DeadLetterLimit(letters_per_minute)
        self._done: dict[TopicPartition, int] = {}
        self._stopping = False
        self.stopped_because = ""
        self.failing = ""
        self._between_batches = asyncio.Event()
        self._between_batches.set()
        self._broker = KafkaBroker(
            kafka, apply_types=False, logger=None, client_id=f"{name}-consumer"
        )
        # It has no handler: FastStream's own loop sleeps for as long as it has waited in vain,
        # while a record may be there already.
        self._subscriber: Any = self._broker.subscriber(
            *(namespace + topic for topic in subscription.topics),
            batch=True,
            group_id=namespace + name,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            # While one partition's records are being taken in, the client asks for the others
            # alone, and waits that long for them.
            fetch_max_wait_ms=100,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
        )

    async def run(self) -> None:
        """Consumes until `stop`; waits for a broker that is away."""
        while not self._stopping:
            try:
                await self._broker.start()
            except (KafkaError, OSError, TimeoutError) as away:
                self.failing = type(away).__name__
                log.warning(
                    "the broker does not answer", consumer=self.name, reason=str(away)[:200]
                )
                await self._broker.stop()
                await asyncio.sleep(1)
            else:
                break
        await asyncio.gather(self._read(), self._watch())

    async def _read(self) -> None:
        """Batch after batch, whatever is there at the time."""
        while not self._stopping:
            try:
                found = await self._subscriber.consumer.getmany(
                    timeout_ms=IDLE_MS, max_records=MAX_RECORDS
                )
            except ConsumerStoppedError:
                return
            except KafkaError as away:
                self.failing = type(away).__name__
                log.warning("nothing can be read", consumer=self.name, reason=str(away)[:200])
                await asyncio.sleep(1)
                continue
            if found:
                await self._take_on(list(chain.from_iterable(found.values())))

    async def _take_on(self, records: Sequence[Any]) -> None:
        self._between_batches.clear()
        try:
            await self._consume(records)
        except Exception as failure:
            # Whatever it is, a later commit must not pass over these records.
            self.failing = type(failure).__name__
            log.error("a batch comes again", consumer=self.name, exc_info=failure)
            self._requeue(records)
            await asyncio.sleep(1)
        finally:
            self._between_batches.set()

    async def _watch(self) -> None:
        while not self._stopping:
            self._measure_lag()
            await asyncio.sleep(1)

    async def stop(self) -> None:
        """Finishes the batch at hand and leaves the group."""
        self._stopping = True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._between_batches.wait(), GRACE_SECONDS)
        await self._broker.stop()
        await self._letters.stop()

    async def _consume(self, records: Sequence[Any]) -> None:
        pause, waited = 0.1, 0.0
        while not self._stopping:
            try:
                await self.take_in(records)
                self.failing = ""
                await self._commit(records)
                return
            except TRANSIENT as away:
                self.failing = type(away).__name__
                log.warning("a batch waits", consumer=self.name, reason=str(away)[:200])
            except _LimitExceeded as flood:
                await self._halt(str(flood))
                return
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, 5.0)
            if waited > GIVE_BACK_SECONDS:
                break
        self._requeue(records)

    async def take_in(self, records: Sequence[Any]) -> list[Rejected]:
        """Applies what can be understood, puts aside the rest and returns it.

        Raises what may pass by itself (`TRANSIENT`).
        """
        facts: dict[TenantId, list[tuple[Any, PublishedEvent | Erasure]]] = defaultdict(list)
        rejected: list[Rejected] = []
        for record in records:
            try:
                fact = parse(
                    record, record.topic.removeprefix(self._namespace), self._subscription.handles
                )
            except Unreadable as why:
                rejected.append(Rejected(record, str(why)))
                continue
            if fact is None:
                self._metrics.consumed.labels(record.topic, "ignored").inc()
                continue
            facts[fact.tenant_id if isinstance(fact, Erasure) else fact.envelope.tenant_id].append(
                (record, fact)
            )
        for tenant_id, mine in facts.items():
            for erasing, run in groupby(mine, key=lambda pair: isinstance(pair[1], Erasure)):
                pairs = list(run)
                rejected += await (self._erase(pairs) if erasing else self._apply(tenant_id, pairs))
        if rejected:
            await self._dead_letter(rejected)
        return rejected

    async def _apply(self, tenant_id: TenantId, pairs: Sequence[tuple[Any, Any]]) -> list[Rejected]:
        """Applies a tenant's facts together, or in halves until the one that fails for good is
        found.
        """
        try:
            await self._subscription.consume(self._context, tenant_id, [fact for _, fact in pairs])
        except TRANSIENT:
            raise
        except Exception as failure:
            if len(pairs) == 1:
                log.error(
                    "a fact has no effect",
                    consumer=self.name,
                    type=pairs[0][1].envelope.type,
                    exc_info=failure,
                )
                return [Rejected(pairs[0][0], f"{type(failure).__name__}: its effect failed")]
            middle = len(pairs) // 2
            return [
                *await self._apply(tenant_id, pairs[:middle]),
                *await self._apply(tenant_id, pairs[middle:]),
            ]
        self._count(pairs)
        return []

    def _count(self, pairs: Sequence[tuple[Any, Any]]) -> None:
        now = datetime.now(UTC)
        for topic, count in Counter(record.topic for record, _ in pairs).items():
            self._metrics.consumed.labels(topic, "applied").inc(count)
            delays = self._metrics.event_delay.labels(topic)
            for record, fact in pairs:
                if record.topic == topic:
                    delays.observe((now - fact.envelope.time).total_seconds())

    async def _erase(self, pairs: Sequence[tuple[Any, Any]]) -> list[Rejected]:
        rejected: list[Rejected] = []
        for record, erasure in pairs:
            try:
                await self._subscription.consume(
                    self._context, erasure.tenant_id, erased=[erasure.subject]
                )
            except TRANSIENT:
                raise
            except Exception as failure:
                log.error("an erasure has no effect", consumer=self.name, exc_info=failure)
                rejected.append(Rejected(record, f"{type(failure).__name__}: its effect failed"))
        return rejected

    async def _dead_letter(self, rejected: Sequence[Rejected]) -> None:
        if self._flood.would_exceed(len(rejected)):
            raise _LimitExceeded(
                f"more than {self._flood.limit} dead letters in a minute; the last: {rejected[-1].reason}"
            )
        await self._letters.dead_letter(rejected)
        self._flood.count(len(rejected))
        for letter in rejected:
            self._metrics.dead_letters.labels(letter.record.topic).inc()
            log.error(
                "dead letter",
                consumer=self.name,
                topic=letter.record.topic,
                offset=letter.record.offset,
                reason=letter.reason,
            )

    async def replay(self, letter: DeadLetter) -> str:
        """Takes a dead letter in once more, as if it had just come; returns `applied` or why it was
        put aside again.
        """
        rejected = await self.take_in([letter])
        return rejected[0].reason if rejected else "applied"

    async def _commit(self, records: Sequence[Any]) -> None:
        ends: dict[TopicPartition, int] = {}
        for record in records:
            ends[TopicPartition(record.topic, record.partition)] = record.offset + 1
        self._done |= ends
        try:
            await self._subscriber.consumer.commit(ends)
        except (KafkaError, AttributeError, ValueError) as lost:
            log.warning(
                "offsets were not committed; the records will come again",
                consumer=self.name,
                reason=str(lost)[:200],
            )

    def _requeue(self, records: Sequence[Any]) -> None:
        """Reads the batch again later: it has had no effect, and polling must go on for the group's
        sake.
        """
        for record in reversed(records):
            partition = TopicPartition(record.topic, record.partition)
            if self._subscriber.consumer and partition in self._subscriber.consumer.assignment():
                self._subscriber.consumer.seek(partition, record.offset)

    async def _halt(self, why: str) -> None:
        self.stopped_because = why
        self._metrics.consumer_stopped.set(1)
        log.critical("consumer stopped", consumer=self.name, reason=why)
        consumer = self._subscriber.consumer
        consumer.pause(*consumer.assignment())
        while not self._stopping:
            await asyncio.sleep(1)

    def _measure_lag(self) -> None:
        consumer = self._subscriber.consumer
        for partition in consumer.assignment() if consumer else ():
            end = consumer.highwater(partition)
            done = self._done.get(partition)
            if end is not None and done is not None:
                self._metrics.lag.labels(partition.topic, str(partition.partition)).set(
                    max(0, end - done)
                )


class _LimitExceeded(Exception):
    """Too many dead letters: something is wrong with us or with the producer, not with single
    records.
    """


def waits_behind(consumers: Iterable[Consumer]) -> dict[str, str]:
    """What is wrong with each consumer, by name; empty where nothing is."""
    return {
        consumer.name: consumer.stopped_because or consumer.failing
        for consumer in consumers
        if consumer.stopped_because or consumer.failing
    }
