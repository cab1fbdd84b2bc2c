"""FastStream's Kafka broker for published events: batches of raw records that are never lost, and a
producer of bytes.

It differs from FastStream's own in what `docs/adr/0014-faststream-consumers.md` measures: records
reach the handler as they are, the loop waits for them instead of sleeping, offsets are committed
for one batch, and whatever goes wrong the batch comes again.
"""

import asyncio
from collections.abc import Sequence
from itertools import chain
from typing import Any, cast

import structlog
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import (
    ConsumerStoppedError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from faststream._internal.broker.registrator import Registrator
from faststream._internal.endpoint.subscriber.call_item import CallsCollection
from faststream.kafka import KafkaBroker
from faststream.kafka.configs import KafkaBrokerConfig
from faststream.kafka.message import KafkaAckableMessage
from faststream.kafka.schemas import Topic
from faststream.kafka.subscriber.config import (
    KafkaSubscriberConfig,
    KafkaSubscriberSpecificationConfig,
)
from faststream.kafka.subscriber.specification import KafkaSubscriberSpecification
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.message import StreamMessage
from faststream.message.message import AckStatus
from faststream.middlewares import AckPolicy

from shared.bus.connection import KafkaConnection
from shared.bus.positions import Positions
from shared.bus.producer import EventProducer

log = structlog.get_logger()

MAX_RECORDS = 1_000
# `getmany` ends as soon as there is a record; until then nothing runs.
WAIT_MS = 1_000
GRACE_SECONDS = 20.0
RETRY_SECONDS = 1.0
AGAIN_SECONDS = 0.2
CONSUMER_OPTIONS = {
    # Never a place that nobody decided on: `Positions` sees to each partition.
    "auto_offset_reset": "none",
    # New partitions, and a topic that was made again, are heard of this late at most.
    "metadata_max_age_ms": 15_000,
    # While one partition's records are being handled, the client asks for the others alone, and
    # waits that long for them.
    "fetch_max_wait_ms": 100,
    "session_timeout_ms": 10_000,
    "heartbeat_interval_ms": 2_000,
}
STATIC_SESSION_MS = 30_000
"""How long a named member's partitions wait for it to come back before others get them: longer than
a restart takes."""


class RecordBatch(KafkaAckableMessage):
    """Records of several partitions, each partition's in order, as Kafka gave them.

    `ack` commits where this batch ends, `nack` goes back to where it begins.
    """

    raw_message: tuple[ConsumerRecord, ...]
    consumer: Any

    @property
    def ends(self) -> dict[TopicPartition, int]:
        """The offset behind the batch in each partition."""
        last = {(record.topic, record.partition): record.offset for record in self.raw_message}
        return {TopicPartition(*partition): offset + 1 for partition, offset in last.items()}

    async def ack(self) -> None:
        """Commits; a commit that fails is logged, for the records only come again."""
        if self.committed is None:
            try:
                await self.consumer.commit(self.ends)
            except (KafkaError, AttributeError, ValueError) as failure:
                log.warning("commit_failed", reason=str(failure)[:200])
            self.committed = AckStatus.ACKED

    async def nack(self) -> None:
        """Seeks back in those partitions that are still ours."""
        if self.committed is None:
            assigned = self.consumer.assignment()
            for record in reversed(self.raw_message):
                if _partition(record) in assigned:
                    self.consumer.seek(_partition(record), record.offset)
            self.committed = AckStatus.NACKED


class EventSubscriber(BatchSubscriber):
    """A batch subscriber that waits for records, passes them on as they are and loses none.

    `failing` names the error that keeps it from reading or its handler from ending.
    """

    __slots__ = ("failing", "positions")

    def __init__(self, positions: Positions, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parser, self._decoder = self._batch_of, _records_of
        self.positions, self.failing = positions, ""

    async def get_msg(self, consumer: Any) -> tuple[ConsumerRecord, ...]:
        """The records that are there, once there are any; FastStream's own sleeps in between."""
        try:
            await self.positions.settle(consumer)
            batches = await consumer.getmany(
                timeout_ms=self.batch_timeout_ms, max_records=self.max_records
            )
        except ConsumerStoppedError:
            raise
        except NoOffsetForPartitionError:
            # Partitions that came while we waited: they are settled before the next wait.
            return ()
        except OffsetOutOfRangeError as failure:
            self.positions.forget(failure.args[0])
            await asyncio.sleep(AGAIN_SECONDS)
            return ()
        except Exception as failure:
            self.failing = type(failure).__name__
            log.warning("fetch_failed", topics=self.topic_names, reason=str(failure)[:200])
            await asyncio.sleep(RETRY_SECONDS)
            return ()
        self.failing = ""
        settled = self.positions.is_settled
        return tuple(
            chain.from_iterable(
                records for partition, records in batches.items() if settled(partition)
            )
        )

    async def consume(self, msg: tuple[ConsumerRecord, ...]) -> None:
        """Handles a batch; one that fails unexpectedly, in a middleware too, comes again.

        FastStream's own would go on, and the next commit would pass over these records.
        """
        if not self.running:
            return
        try:
            await self.process_message(msg)
        except Exception as failure:
            self.failing = type(failure).__name__
            log.error("batch_requeued", topics=self.topic_names, exc_info=failure)
            await (await self._batch_of(msg)).nack()
            await asyncio.sleep(RETRY_SECONDS)

    async def _batch_of(self, records: tuple[ConsumerRecord, ...]) -> RecordBatch:
        return RecordBatch(raw_message=records, body=records, consumer=self.consumer)


class EventBroker(KafkaBroker):
    """A connection to Kafka for one consumer and what it publishes."""

    def __init__(
        self, kafka: KafkaConnection, client_id: str, middlewares: Sequence[Any] = ()
    ) -> None:
        super().__init__(
            kafka.bootstrap,
            security=kafka.security(),
            client_id=client_id,
            middlewares=middlewares,
            enable_idempotence=True,
            allow_auto_create_topics=False,
            graceful_timeout=GRACE_SECONDS,
            apply_types=False,
            logger=None,
        )
        self._instance = kafka.instance
        self.event_producer = EventProducer()
        self.config.broker_config.producer = self.event_producer

    def event_subscriber(
        self, topics: Sequence[str], group_id: str, positions: Positions
    ) -> EventSubscriber:
        """A member of the group `group_id` that reads `topics` from where `positions` says."""
        declared = [Topic(topic) for topic in topics]
        calls = CallsCollection[Any]()
        outer = cast("KafkaBrokerConfig", self.config)
        config = KafkaSubscriberConfig(
            topics=declared,
            group_id=group_id,
            connection_args=_consumer_options(self._instance),
            _outer_config=outer,
            _ack_policy=AckPolicy.MANUAL,
        )
        specification = KafkaSubscriberSpecification(
            _outer_config=outer,
            calls=calls,
            specification_config=KafkaSubscriberSpecificationConfig(
                topics=declared, title_=None, description_=None
            ),
        )
        subscriber = EventSubscriber(
            positions,
            config,
            specification,
            calls,
            batch_timeout_ms=WAIT_MS,
            max_records=MAX_RECORDS,
        )
        Registrator.subscriber(self, subscriber)
        return subscriber


def _consumer_options(instance: str) -> dict[str, Any]:
    if not instance:
        return dict(CONSUMER_OPTIONS)
    return CONSUMER_OPTIONS | {
        "group_instance_id": instance,
        "session_timeout_ms": STATIC_SESSION_MS,
    }


def _partition(record: ConsumerRecord) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)


async def _records_of(batch: StreamMessage[Any]) -> StreamMessage[Any]:
    return batch
