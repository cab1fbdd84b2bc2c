"""Dead letters: what a consumer could not understand, with where it came from and why; listed and
replayed by command.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError

from shared.bus.records import Rejected

_PREFIX = "dl_"


def topic_for(topic: str, consumer: str) -> str:
    """Where `consumer` puts aside what it could not read on `topic`."""
    return f"{topic}.dlq.{consumer}"


@dataclass(slots=True)
class DeadLetterLimit:
    """Tells a few bad records from a flood of them: more than `limit` within a minute."""

    limit: int
    _times: deque[float] = field(default_factory=deque)

    def would_exceed(self, count: int, now: float | None = None) -> bool:
        """Whether `count` more would be too many."""
        moment = monotonic() if now is None else now
        while self._times and self._times[0] < moment - 60:
            self._times.popleft()
        return len(self._times) + count > self.limit

    def count(self, count: int, now: float | None = None) -> None:
        """Remembers `count` more."""
        self._times.extend([monotonic() if now is None else now] * count)


class DeadLetters:
    """Publishes to the dead-letter topics of one consumer."""

    def __init__(self, consumer: str, kafka: str) -> None:
        self._consumer = consumer
        self._kafka = kafka
        self._producer: AIOKafkaProducer | None = None

    async def dead_letter(self, rejected: Sequence[Rejected]) -> None:
        """Returns once the broker holds them all.

        Raises `KafkaError` where it does not: then nothing may be committed.
        """
        if self._producer is None:
            self._producer = await self._started()
        promises = [await self._send(letter) for letter in rejected]
        outcomes = await asyncio.gather(*promises, return_exceptions=True)
        for letter, outcome in zip(rejected, outcomes, strict=True):
            if isinstance(
                outcome, MessageSizeTooLargeError
            ):  # the broker's word: the producer does not count headers
                await (await self._send(letter, whole=False))
            elif isinstance(outcome, BaseException):
                raise outcome

    async def _started(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._kafka, enable_idempotence=True, request_timeout_ms=15_000
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def stop(self) -> None:
        if self._producer:
            await self._producer.stop()
            self._producer = None

    async def _send(self, letter: Rejected, whole: bool = True) -> Any:
        assert self._producer
        record = letter.record
        told = {
            "topic": record.topic,
            "partition": str(record.partition),
            "offset": str(record.offset),
            "consumer": self._consumer,
            "reason": letter.reason[:1000],
            "at": datetime.now(UTC).isoformat(),
        }
        kept = [(name, value) for name, value in record.headers if not name.startswith(_PREFIX)]
        headers = [*kept, *((_PREFIX + name, text.encode()) for name, text in told.items())]
        target = topic_for(record.topic, self._consumer)
        if whole:
            try:
                return await self._producer.send(
                    target, record.value, key=record.key, headers=headers
                )
            except MessageSizeTooLargeError:
                pass
        headers.append(("dl_value", b"too large to keep; read it at its offset"))
        return await self._producer.send(target, b"", key=record.key, headers=headers)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record put aside, as it was where it came from."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    reason: str
    at: str
    position: tuple[TopicPartition, int]


def _restored(record: Any) -> DeadLetter:
    told = {
        name.removeprefix(_PREFIX): value.decode("utf-8", "replace")
        for name, value in record.headers
        if name.startswith(_PREFIX)
    }
    return DeadLetter(
        topic=told.get("topic", ""),
        partition=int(told.get("partition", -1)),
        offset=int(told.get("offset", -1)),
        key=record.key,
        value=record.value,
        headers=tuple(
            (name, value) for name, value in record.headers if not name.startswith(_PREFIX)
        ),
        reason=told.get("reason", ""),
        at=told.get("at", ""),
        position=(TopicPartition(record.topic, record.partition), record.offset),
    )


@asynccontextmanager
async def _reader(
    topics: Iterable[str], consumer: str, kafka: str, namespace: str
) -> AsyncIterator[AIOKafkaConsumer]:
    """A reader of the consumer's dead letters whose committed offsets say what was dealt with."""
    reader = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        group_id=f"{namespace}{consumer}.dead-letters",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await reader.start()
    try:
        names = [topic_for(namespace + topic, consumer) for topic in topics]
        # `partitions_for_topic` knows only topics that are subscribed to, and nothing is yet.
        cluster = await reader._client.fetch_all_metadata()
        reader.assign(
            [
                TopicPartition(name, part)
                for name in names
                for part in cluster.partitions_for_topic(name) or ()
            ]
        )
        yield reader
    finally:
        await reader.stop()


async def waiting(
    topics: Iterable[str], consumer: str, kafka: str, namespace: str = ""
) -> list[DeadLetter]:
    """The consumer's dead letters that nobody has dealt with yet, oldest first."""
    async with _reader(topics, consumer, kafka, namespace) as reader:
        return await _unread(reader)


async def _unread(reader: AIOKafkaConsumer) -> list[DeadLetter]:
    letters: list[DeadLetter] = []
    ends = await reader.end_offsets(list(reader.assignment())) if reader.assignment() else {}
    behind = {part for part, end in ends.items() if await reader.position(part) < end}
    while behind:
        found = await reader.getmany(timeout_ms=500)
        for records in found.values():
            letters.extend(
                _restored(record)
                for record in records
                if record.offset < ends[TopicPartition(record.topic, record.partition)]
            )
        behind = {part for part in behind if await reader.position(part) < ends[part]}
    return sorted(letters, key=lambda letter: letter.at)


async def replay(
    topics: Iterable[str],
    consumer: str,
    kafka: str,
    again: Callable[[DeadLetter], Awaitable[str]],
    namespace: str = "",
) -> list[tuple[DeadLetter, str]]:
    """Hands each waiting letter to `again`, which says what became of it; each counts as dealt
    with, what fails again is put aside anew.
    """
    outcomes = []
    async with _reader(topics, consumer, kafka, namespace) as reader:
        for letter in await _unread(reader):
            outcomes.append((letter, await again(letter)))
        done: dict[TopicPartition, int] = {}
        for letter, _ in outcomes:
            partition, offset = letter.position
            done[partition] = max(done.get(partition, 0), offset + 1)
        if done:
            await reader.commit(done)
    return outcomes
