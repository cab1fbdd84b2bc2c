"""A consumer: batches of records in, effects in the order of each aggregate, offsets committed
after the effects.

What fails for a while is tried again; what fails for good becomes a dead letter so that nothing
waits behind it; a tenant with too many dead letters is parked, and the others go on.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from shared.bus.attempt import Attempt
from shared.bus.broker import EventBroker, RecordBatch
from shared.bus.connection import KafkaConnection
from shared.bus.dead_letter_replay import APPLIED, DeadLetter
from shared.bus.dead_letters import DeadLetterLimits, DeadLetters
from shared.bus.middlewares import metrics_middleware, tracing_middleware
from shared.bus.parking import Parking
from shared.bus.positions import Positions
from shared.bus.records import Erasure, Rejected, parse, tenant_of
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

ALTOGETHER = 10
"""How many tenants' limits of dead letters slow the consumer down for everybody."""

Parsed = tuple[Any, PublishedEvent | Erasure | Unreadable]


class Consumer:
    """A service's member of its group: a FastStream subscriber whose handler is `handle`."""

    def __init__(
        self,
        name: str,
        kafka: KafkaConnection,
        namespace: str,
        subscription: Subscription,
        context: ConsumerContext,
        metrics: Metrics,
        parking: Parking,
        dead_letters_per_minute: int = 100,
    ) -> None:
        self.name, self.parking = name, parking
        self.stopped_because = ""
        self._namespace = namespace
        self.subscription, self._context = subscription, context
        self._metrics = metrics
        self._limits = DeadLetterLimits(
            dead_letters_per_minute, ALTOGETHER * dead_letters_per_minute
        )
        self._stopping = asyncio.Event()
        self._broker = EventBroker(kafka, f"{name}-consumer", [metrics_middleware(name, metrics)])
        self._dead_letters = DeadLetters(name, kafka)
        self.positions = Positions(name, namespace, context.database, metrics)
        self._topics = [namespace + topic for topic in subscription.topics]
        self._subscriber = self._broker.event_subscriber(
            self._topics, namespace + name, self.positions
        )
        self._subscriber(self.handle)

    @property
    def failing(self) -> str:
        """The error that keeps the consumer from going on; empty where there is none."""
        return self._subscriber.failing

    @property
    def problem(self) -> str:
        """What keeps the consumer, or some tenants, from going on; empty where nothing does."""
        return self.stopped_because or self.failing or self.parking.problem

    @property
    def holes(self) -> list[str]:
        """The records that were gone before they were read, by partition; where there are any, the
        partition waits for an operator.
        """
        return [str(hole) for hole in self.positions.holes.values()]

    @property
    def partitions(self) -> dict[str, str]:
        """How many of each topic's partitions this process consumes."""
        return {
            topic: f"{assigned} of {known}"
            for topic, (assigned, known) in self._count_partitions().items()
        }

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
            await self.positions.save()
            await self.positions.go_on_where_accepted()
            self._measure_lag()
            await self._look_at_parked()
            await self._pause(LAG_SECONDS)

    async def stop(self) -> None:
        """Finishes the batch at hand and leaves the group."""
        self._stopping.set()
        await self._broker.stop()
        await self._dead_letters.close()
        await self.positions.save()

    async def handle(self, batch: RecordBatch) -> None:
        """Applies a batch and acknowledges it; tries again, ever less often, what fails for a
        while.
        """
        await self._slow_down()
        pause, waited = FIRST_PAUSE_SECONDS, 0.0
        while not self._stopping.is_set() and waited <= GIVE_BACK_SECONDS:
            try:
                await self.apply(batch.raw_message)
            except TRANSIENT as failure:
                self._note("batch_retried", failure)
                await self._pause(pause)
                waited, pause = waited + pause, min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                self._subscriber.failing = ""
                self.positions.ends |= batch.ends
                return await batch.ack()
        # It has had no effect, and polling must go on for the group's sake.
        await batch.nack()
        return None

    async def apply(self, records: Sequence[Any]) -> list[Rejected]:
        """Applies what can be understood, dead-letters the rest and returns it; puts aside what
        belongs to parked tenants.

        Raises what may pass by itself (`TRANSIENT`).
        """
        await self.parking.read_for(self._generation)
        rejected: list[Rejected] = []
        for tenant_id, parsed in self._by_tenant(records).items():
            parked = tenant_id in self.parking.tenants
            if not parked or not await self._put_aside(tenant_id, parsed):
                attempt = await self._attempt(tenant_id, parsed)
                if attempt.left:
                    await self._park(attempt)
                rejected += attempt.rejected
        if rejected:
            await self._reject(rejected)
        return rejected

    async def replay(self, letter: DeadLetter) -> str:
        """Applies a dead letter once more, as if it had just come, also of a parked tenant: its
        letters are older than what was put aside. Returns `APPLIED` or why it cannot be.
        """
        for tenant_id, parsed in self._by_tenant([letter]).items():
            for rejected in (await self._attempt(tenant_id, parsed, may_reject=1)).rejected:
                return rejected.reason
        return APPLIED

    async def apply_parked(self, records: Sequence[Any]) -> tuple[list[Rejected], list[Any]]:
        """Applies records of a tenant that is to be released; returns those that became dead
        letters, and those that are left where they were too many.
        """
        rejected: list[Rejected] = []
        left: list[Any] = []
        for tenant_id, parsed in self._by_tenant(records).items():
            attempt = await self._attempt(tenant_id, parsed)
            rejected += attempt.rejected
            left += attempt.left
        if rejected:
            await self._reject(rejected)
        return rejected, left

    @property
    def _generation(self) -> Any:
        """Another one whenever partitions may have changed hands."""
        consumer: Any = self._subscriber.consumer
        return consumer._coordinator.generation if consumer else None

    def _by_tenant(self, records: Sequence[Any]) -> dict[TenantId, list[Parsed]]:
        """What the service handles of `records`, or cannot read, by tenant and in order."""
        tenants: dict[TenantId, list[Parsed]] = defaultdict(list)
        for record in records:
            topic = record.topic.removeprefix(self._namespace)
            try:
                event = parse(record, topic, self.subscription.handles)
            except Unreadable as failure:
                tenants[tenant_of(record)].append((record, failure))
                continue
            if event is None:
                self._metrics.consumed.labels(record.topic, "ignored").inc()
                continue
            tenants[event.tenant_id].append((record, event))
        return tenants

    async def _attempt(
        self, tenant_id: TenantId, parsed: Sequence[Parsed], may_reject: int | None = None
    ) -> Attempt:
        """Applies a tenant's records up to the last dead letter that it may have."""
        limit = self._limits.remaining(tenant_id) if may_reject is None else may_reject
        attempt = Attempt(tenant_id, limit)
        for kind, run in groupby(parsed, key=lambda pair: type(pair[1])):
            if kind is Unreadable:
                for record, failure in run:
                    attempt.reject(record, str(failure))
            else:
                await self._apply_or_halve(attempt, list(run))
        return attempt

    async def _apply_or_halve(self, attempt: Attempt, parsed: Sequence[Parsed]) -> None:
        """Applies a tenant's events (or erasures) together, or in halves until the one that fails
        for good is found.
        """
        if attempt.left:
            attempt.left += [record for record, _ in parsed]
            return
        events = [event for _, event in parsed if isinstance(event, PublishedEvent)]
        erased = [event.subject for _, event in parsed if isinstance(event, Erasure)]
        try:
            await self.subscription.consume(self._context, attempt.tenant_id, events, erased)
        except TRANSIENT:
            raise
        except Exception as failure:
            if len(parsed) == 1:
                log.error("handler_failed", consumer=self.name, exc_info=failure)
                attempt.reject(parsed[0][0], f"{type(failure).__name__}: its handler failed")
                return
            middle = len(parsed) // 2
            await self._apply_or_halve(attempt, parsed[:middle])
            await self._apply_or_halve(attempt, parsed[middle:])
            return
        self._count_applied(parsed)

    async def _put_aside(self, tenant_id: TenantId, parsed: Sequence[Parsed]) -> bool:
        """Puts the records aside if their tenant is still parked, which it returns."""
        put_aside = await self.parking.put_aside(tenant_id, [record for record, _ in parsed])
        if put_aside:
            self._metrics.parked_records.inc(len(parsed))
        return put_aside

    async def _park(self, attempt: Attempt) -> None:
        """Parks a tenant with more dead letters than it may have; what is left of it waits."""
        reason = (
            f"more than {self._limits.by_tenant} dead letters in a minute;"
            f" the last: {attempt.excess}"
        )
        await self.parking.park(attempt.tenant_id, reason, self.name, attempt.left)
        self._metrics.parked_records.inc(len(attempt.left))
        log.critical(
            "tenant_parked", consumer=self.name, tenant_id=str(attempt.tenant_id), reason=reason
        )

    def _count_applied(self, parsed: Sequence[Parsed]) -> None:
        now = datetime.now(UTC)
        topics: dict[str, list[Any]] = defaultdict(list)
        for record, event in parsed:
            topics[record.topic].append(event)
        for topic, events in topics.items():
            self._metrics.consumed.labels(topic, "applied").inc(len(events))
            delays = self._metrics.event_delay.labels(topic)
            for event in events:
                if isinstance(event, PublishedEvent):
                    delays.observe((now - event.envelope.time).total_seconds())

    async def _reject(self, rejected: Sequence[Rejected]) -> None:
        await self._dead_letters.publish(rejected)
        for tenant_id, count in Counter(each.tenant_id for each in rejected).items():
            self._limits.count(tenant_id, count)
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

    async def _slow_down(self) -> None:
        """Waits while the tenants together have had too many dead letters within a minute: then it
        is rather our fault than theirs.
        """
        while not self._limits.altogether.remaining() and not self._stopping.is_set():
            if not self.stopped_because:
                self.stopped_because = (
                    f"more than {self._limits.altogether.limit} dead letters of all tenants in a"
                    " minute: goes on when it has passed"
                )
                log.critical("consumer_slowed", consumer=self.name, reason=self.stopped_because)
            self._metrics.consumer_stopped.set(1)
            await self._pause(1)
        self.stopped_because = ""
        self._metrics.consumer_stopped.set(0)

    async def _look_at_parked(self) -> None:
        """Learns whom others have parked or released, and names them in the metrics."""
        with suppress(Unavailable):
            await self.parking.read()
        self.parking.measure(self._metrics)

    def _measure_lag(self) -> None:
        consumer: Any = self._subscriber.consumer
        assigned = consumer.assignment() if consumer else frozenset()
        ends = self.positions.ends
        for partition in ends.keys() - assigned:
            # Another member's by now, who measures it.
            del ends[partition]
            with suppress(KeyError):
                self._metrics.lag.remove(partition.topic, str(partition.partition))
        for partition in assigned:
            highwater, end = consumer.highwater(partition), ends.get(partition)
            if highwater is not None and end is not None:
                lag = self._metrics.lag.labels(partition.topic, str(partition.partition))
                lag.set(max(0, highwater - end))
        for topic, (here, known) in self._count_partitions().items():
            self._metrics.consumer_partitions.labels(topic).set(here)
            self._metrics.topic_partitions.labels(topic).set(known)

    def _count_partitions(self) -> dict[str, tuple[int, int]]:
        """Of each topic, the partitions assigned here and those that are known."""
        consumer: Any = self._subscriber.consumer
        if not consumer:
            return {}
        assigned = Counter(partition.topic for partition in consumer.assignment())
        return {
            topic: (assigned[topic], len(consumer.partitions_for_topic(topic) or ()))
            for topic in self._topics
        }

    def _note(self, log_event: str, failure: Exception) -> None:
        cause = failure.__cause__ or failure
        self._subscriber.failing = type(cause).__name__
        text = f"{failure}: {cause}" if cause is not failure else str(failure)
        log.warning(log_event, consumer=self.name, reason=text[:200])

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


def degraded_consumers(consumers: Iterable[Consumer]) -> dict[str, str]:
    """What is wrong with each consumer, by name; empty where nothing is."""
    return {consumer.name: problem for consumer in consumers if (problem := consumer.problem)}
