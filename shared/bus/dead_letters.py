"""Dead letters: records that a consumer cannot understand or apply, with where they come from and
why.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from aiokafka.errors import MessageSizeTooLargeError

from shared.bus.broker import EventBroker
from shared.bus.records import Rejected

PREFIX = "dl_"
WINDOW_SECONDS = 60.0
_TOO_LARGE = (PREFIX + "value", b"too large to keep; read it at its offset")


def topic_for(topic: str, consumer: str) -> str:
    """The topic for what `consumer` could not read on `topic`."""
    return f"{topic}.dlq.{consumer}"


@dataclass(slots=True)
class DeadLetterLimit:
    """Tells a few bad records from too many: more than `limit` within a minute."""

    limit: int
    _times: deque[float] = field(default_factory=deque)

    def would_exceed(self, count: int, now: float | None = None) -> bool:
        """Whether `count` more would be too many."""
        moment = monotonic() if now is None else now
        while self._times and self._times[0] < moment - WINDOW_SECONDS:
            self._times.popleft()
        return len(self._times) + count > self.limit

    def count(self, count: int, now: float | None = None) -> None:
        """Remembers `count` more."""
        self._times.extend([monotonic() if now is None else now] * count)


class DeadLetters:
    """Publishes to the dead-letter topics of one consumer, through its broker's producer."""

    def __init__(self, consumer: str, broker: EventBroker) -> None:
        self._consumer = consumer
        self._broker = broker

    async def publish(self, rejected: Sequence[Rejected]) -> None:
        """Returns once the broker holds them all.

        Raises `KafkaError` where it does not: then nothing may be committed.
        """
        # An operator's replay consumes nothing and so has started no broker.
        await self._broker.connect()
        promises = [await self._send(rejection) for rejection in rejected]
        outcomes = await asyncio.gather(*promises, return_exceptions=True)
        for rejection, outcome in zip(rejected, outcomes, strict=True):
            # The broker has the last word: the producer does not count headers.
            if isinstance(outcome, MessageSizeTooLargeError):
                await (await self._send(rejection, with_value=False))
            elif isinstance(outcome, BaseException):
                raise outcome

    async def _send(self, rejection: Rejected, with_value: bool = True) -> "asyncio.Future[Any]":
        record, producer = rejection.record, self._broker.event_producer
        topic = topic_for(record.topic, self._consumer)
        headers = [
            *((name, value) for name, value in record.headers if not name.startswith(PREFIX)),
            *self._origin(rejection),
        ]
        if with_value:
            try:
                return await producer.send(topic, record.value, key=record.key, headers=headers)
            except MessageSizeTooLargeError:
                pass
        return await producer.send(topic, b"", key=record.key, headers=[*headers, _TOO_LARGE])

    def _origin(self, rejection: Rejected) -> list[tuple[str, bytes]]:
        """Headers that say where a record comes from and why it was rejected."""
        record = rejection.record
        values = {
            "topic": record.topic,
            "partition": str(record.partition),
            "offset": str(record.offset),
            "consumer": self._consumer,
            "reason": rejection.reason[:1000],
            "at": datetime.now(UTC).isoformat(),
        }
        return [(PREFIX + name, value.encode()) for name, value in values.items()]
