"""Dead letters listed, and applied once more by an operator's command."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.bus.dead_letters import PREFIX, topic_for


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A rejected record, as it was at its origin; `position` is its own in the dead letters."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    reason: str
    at: str
    position: tuple[TopicPartition, int]


async def waiting_dead_letters(
    topics: Iterable[str], consumer: str, kafka: str, namespace: str = ""
) -> list[DeadLetter]:
    """The consumer's dead letters that nobody has dealt with yet, oldest first."""
    async with _reader(topics, consumer, kafka, namespace) as reader:
        return await _unread(reader)


async def replay_dead_letters(
    topics: Iterable[str],
    consumer: str,
    kafka: str,
    apply: Callable[[DeadLetter], Awaitable[str]],
    namespace: str = "",
) -> list[tuple[DeadLetter, str]]:
    """Hands each waiting dead letter to `apply`, which returns the outcome.

    Each then counts as dealt with; what fails again is a new dead letter.
    """
    outcomes = []
    async with _reader(topics, consumer, kafka, namespace) as reader:
        for letter in await _unread(reader):
            outcomes.append((letter, await apply(letter)))
        ends: dict[TopicPartition, int] = {}
        for letter, _ in outcomes:
            partition, offset = letter.position
            ends[partition] = max(ends.get(partition, 0), offset + 1)
        if ends:
            await reader.commit(ends)
    return outcomes


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
        # `partitions_for_topic` knows only topics that are subscribed to, and nothing is yet.
        cluster = await reader._client.fetch_all_metadata()
        names = [topic_for(namespace + topic, consumer) for topic in topics]
        reader.assign(
            [
                TopicPartition(name, partition)
                for name in names
                for partition in cluster.partitions_for_topic(name) or ()
            ]
        )
        yield reader
    finally:
        await reader.stop()


async def _unread(reader: AIOKafkaConsumer) -> list[DeadLetter]:
    letters: list[DeadLetter] = []
    ends = await reader.end_offsets(list(reader.assignment())) if reader.assignment() else {}
    behind = await _behind(reader, ends)
    while behind:
        for partition, records in (await reader.getmany(timeout_ms=500)).items():
            letters += [_restored(record) for record in records if record.offset < ends[partition]]
        behind = await _behind(reader, behind)
    return sorted(letters, key=lambda letter: letter.at)


async def _behind(
    reader: AIOKafkaConsumer, ends: dict[TopicPartition, int]
) -> dict[TopicPartition, int]:
    return {part: end for part, end in ends.items() if await reader.position(part) < end}


def _restored(record: Any) -> DeadLetter:
    origin = {
        name.removeprefix(PREFIX): value.decode("utf-8", "replace")
        for name, value in record.headers
        if name.startswith(PREFIX)
    }
    return DeadLetter(
        topic=origin.get("topic", ""),
        partition=int(origin.get("partition", -1)),
        offset=int(origin.get("offset", -1)),
        key=record.key,
        value=record.value,
        headers=tuple(header for header in record.headers if not header[0].startswith(PREFIX)),
        reason=origin.get("reason", ""),
        at=origin.get("at", ""),
        position=(TopicPartition(record.topic, record.partition), record.offset),
    )
