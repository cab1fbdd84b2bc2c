"""Dead letters: records that a consumer cannot understand or apply, with where they come from and
why.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from aiokafka.errors import MessageSizeTooLargeError

from shared.bus.connection import KafkaConnection
from shared.bus.producer import EventProducer
from shared.bus.records import Rejected
from shared.events import INBOUND_PAYMENTS, INBOUND_PAYOUTS, PEOPLE
from shared.ids import TenantId, new_id

PREFIX = "dl_"
WINDOW_SECONDS = 60.0
SHORT_HEADERS = 2_000
"""Bytes of a record's own headers that a letter without a value keeps; more are left out."""
SHORT_KEY = 500
AT_ITS_OFFSET = (PREFIX + "value", b"read it at its offset")
"""Says that the letter is a pointer: the record was too large, or is about a person."""


def topic_for(topic: str, consumer: str) -> str:
    """The topic for what `consumer` could not read on `topic`."""
    return f"{topic}.dlq.{consumer}"


def is_about_people(topic: str) -> bool:
    """Whether values of `topic` (with or without namespace) identify people and may be erased."""
    return topic.endswith(PEOPLE)


def holds_personal_data(topic: str) -> bool:
    """Whether a letter would keep what `topic` (with or without namespace) tells of people for
    longer than the topic itself.
    """
    return topic.endswith((PEOPLE, INBOUND_PAYMENTS, INBOUND_PAYOUTS))


@dataclass(slots=True)
class DeadLetterLimit:
    """Tells a few bad records from too many: more than `limit` within a minute."""

    limit: int
    _times: deque[float] = field(default_factory=deque)

    def remaining(self, now: float | None = None) -> int:
        """How many more are few."""
        moment = monotonic() if now is None else now
        while self._times and self._times[0] < moment - WINDOW_SECONDS:
            self._times.popleft()
        return max(0, self.limit - len(self._times))

    def count(self, count: int, now: float | None = None) -> None:
        """Remembers `count` more."""
        self._times.extend([monotonic() if now is None else now] * count)


class DeadLetterLimits:
    """A limit of its own for each tenant, and one for all of them together."""

    def __init__(self, by_tenant: int, altogether: int) -> None:
        self.by_tenant = by_tenant
        self.altogether = DeadLetterLimit(altogether)
        self._limits: dict[TenantId, DeadLetterLimit] = {}

    def remaining(self, tenant_id: TenantId) -> int:
        """How many more dead letters the tenant may have at this moment."""
        limit = self._limits.get(tenant_id)
        return limit.remaining() if limit else self.by_tenant

    def count(self, tenant_id: TenantId, count: int) -> None:
        """Remembers `count` more of the tenant, and forgets tenants that had none of late."""
        self._limits = {
            tenant: limit
            for tenant, limit in self._limits.items()
            if limit.remaining() < self.by_tenant
        }
        self._limits.setdefault(tenant_id, DeadLetterLimit(self.by_tenant)).count(count)
        self.altogether.count(count)


class DeadLetters:
    """Publishes to the dead-letter topics of one consumer.

    Its producer is made for the first letter, and anew after any failure: a record that the broker
    refuses uses up a number of its sequence, and whatever follows would be refused for ever.
    """

    def __init__(self, consumer: str, kafka: KafkaConnection) -> None:
        self._consumer, self._kafka = consumer, kafka
        self._producer: EventProducer | None = None
        self._refused_size: dict[str, int] = {}

    async def publish(self, rejected: Sequence[Rejected]) -> None:
        """Returns once the broker holds them all.

        Raises `KafkaError` where it does not: then nothing may be committed.
        """
        outcomes = await self._send_together(rejected)
        for rejection, outcome in zip(rejected, outcomes, strict=True):
            # What was refused may only have been gathered with what is too large.
            if isinstance(outcome, MessageSizeTooLargeError):
                await self._send_alone(rejection)
            elif isinstance(outcome, BaseException):
                raise outcome

    async def close(self) -> None:
        """Drops the producer; the next letter makes another."""
        producer, self._producer = self._producer, None
        if producer:
            with suppress(Exception):
                await producer.close()

    async def _send_together(self, rejected: Sequence[Rejected]) -> list[Any]:
        try:
            promises = [await self._send(rejection) for rejection in rejected]
            outcomes = await asyncio.gather(*promises, return_exceptions=True)
        except BaseException:
            await self.close()
            raise
        if any(isinstance(outcome, BaseException) for outcome in outcomes):
            await self.close()
        return outcomes

    async def _send_alone(self, rejection: Rejected) -> None:
        """Sends the whole record, or a pointer to it where it alone is too large."""
        record = rejection.record
        (outcome,) = await self._send_together([rejection])
        if isinstance(outcome, MessageSizeTooLargeError):
            size = len(record.value or b"")
            self._refused_size[record.topic] = min(size, self._refused_size.get(record.topic, size))
            (outcome,) = await self._send_together([rejection.as_pointer()])
        if isinstance(outcome, BaseException):
            raise outcome

    async def _send(self, rejection: Rejected) -> "asyncio.Future[Any]":
        if self._producer is None:
            producer = EventProducer()
            await producer.open(self._kafka, f"{self._consumer}-dead-letters")
            self._producer = producer
        record = rejection.record
        topic = topic_for(record.topic, self._consumer)
        if not self._is_pointer(rejection):
            with suppress(MessageSizeTooLargeError):
                headers = [*self._own_headers(record), *self._origin(rejection)]
                return await self._producer.send(
                    topic, record.value, key=record.key, headers=headers
                )
        headers = [*self._own_headers(record, SHORT_HEADERS), *self._origin(rejection)]
        short_key = record.key[:SHORT_KEY] if record.key else record.key
        return await self._producer.send(
            topic, b"", key=short_key, headers=[*headers, AT_ITS_OFFSET]
        )

    def _is_pointer(self, rejection: Rejected) -> bool:
        record = rejection.record
        if rejection.is_pointer:
            return True
        if record.value and holds_personal_data(record.topic):
            return True
        refused_size = self._refused_size.get(record.topic)
        return refused_size is not None and len(record.value or b"") >= refused_size > 0

    def _own_headers(self, record: Any, limit: int | None = None) -> list[tuple[str, Any]]:
        """The record's headers; none at all where they are more bytes than `limit`."""
        headers = [(name, value) for name, value in record.headers if not name.startswith(PREFIX)]
        size = sum(len(name) + len(value or b"") for name, value in headers)
        return [] if limit is not None and size > limit else headers

    def _origin(self, rejection: Rejected) -> list[tuple[str, bytes]]:
        """Headers that say where a record comes from and why it was rejected."""
        record = rejection.record
        values = {
            "id": str(new_id()),
            "topic": record.topic,
            "partition": str(record.partition),
            "offset": str(record.offset),
            "consumer": self._consumer,
            "tenant": str(rejection.tenant_id),
            "reason": rejection.reason[:1000],
            "at": datetime.now(UTC).isoformat(),
        }
        return [(PREFIX + name, value.encode()) for name, value in values.items()]
