"""A consumer: batches of records in, effects in the order of each aggregate, offsets committed
after the effects.

What fails for a while is tried again; what fails for good becomes a dead letter so that nothing
waits behind it; a tenant with too many dead letters is parked, and the others go on.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from shared.bus.applier import Applier
from shared.bus.broker import EventBroker, RecordBatch
from shared.bus.connection import KafkaConnection
from shared.bus.dead_letters import DeadLetterLimits, DeadLetters
from shared.bus.middlewares import metrics_middleware, tracing_middleware
from shared.bus.parking import Parking
from shared.bus.positions import Positions
from shared.bus.subscription import ConsumerContext, Subscription
from shared.errors import Unavailable
from shared.metrics import Metrics

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
# Below Kafka's `max.poll.interval.ms`: who handles one batch for longer is out of the group.
GIVE_BACK_SECONDS = 120.0
LAG_SECONDS = 1.0

ALTOGETHER = 10
"""How many tenants' limits of dead letters slow the consumer down for everybody."""


class Consumer:
    """A service's member of its group: a FastStream subscriber whose handler is `handle`.

    `dead_letters` and `positions` are for who reads what it may miss; by default nothing is lost.
    """

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
        dead_letters: DeadLetters | None = None,
        positions: Positions | None = None,
    ) -> None:
        self.name, self.parking = name, parking
        self.stopped_because = ""
        self.subscription, self._metrics = subscription, metrics
        self._limits = DeadLetterLimits(
            dead_letters_per_minute, ALTOGETHER * dead_letters_per_minute
        )
        self._stopping = asyncio.Event()
        self._broker = EventBroker(kafka, f"{name}-consumer", [metrics_middleware(name, metrics)])
        self._dead_letters = dead_letters or DeadLetters(name, kafka)
        self.applier = Applier(
            name,
            namespace,
            subscription,
            context,
            metrics,
            parking,
            self._dead_letters,
            self._limits,
        )
        self.positions = positions or Positions(name, namespace, context.database, metrics)
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
            await self.positions.look_at_topics(self._subscriber.consumer)
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
                await self.parking.read_for(self._generation)
                await self.applier.apply(batch.raw_message)
            except self.applier.transient as failure:
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

    @property
    def _generation(self) -> Any:
        """Another one whenever partitions may have changed hands."""
        consumer: Any = self._subscriber.consumer
        return consumer._coordinator.generation if consumer else None

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
