"""Dead letters listed, applied once more, or dropped by an operator's command."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.bus.connection import KafkaConnection
from shared.bus.dead_letters import AT_ITS_OFFSET, PREFIX, topic_for
from shared.bus.originals import Gone, originals, whole
from shared.bus.records import tenant_of
from shared.bus.settled import Decision, settle, settled_ids
from shared.db import Database
from shared.ids import TenantId, derived_id

APPLIED = "applied"
GONE = "gone: a later record took its place, it was erased, or its topic was cut"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A rejected record, as it was at its origin.

    `id` is the letter's; `ids` are those of all letters about the same record. The value of a
    pointer lies at the origin.
    """

    id: UUID
    ids: tuple[UUID, ...]
    tenant_id: TenantId
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, Any], ...]
    is_pointer: bool
    reason: str
    at: str

    @property
    def origin(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"


@dataclass(frozen=True, slots=True)
class DeadLetterBox:
    """The dead letters of one consumer, and what was done about them in its database."""

    topics: tuple[str, ...]
    consumer: str
    kafka: KafkaConnection
    namespace: str
    database: Database
    worker: Database

    async def waiting(self) -> list[DeadLetter]:
        """The letters that nobody has dealt with yet, one for each record, oldest first.

        Raises `KafkaError`, `Unavailable`.
        """
        settled = await settled_ids(self.worker)
        names = [topic_for(self.namespace + topic, self.consumer) for topic in self.topics]
        records: dict[str, DeadLetter] = {}
        for letter in sorted(await _read(self.kafka, names), key=lambda letter: letter.at):
            if letter.id not in settled:
                earlier = records.get(letter.origin)
                ids = (*earlier.ids, letter.id) if earlier else (letter.id,)
                records[letter.origin] = replace(letter, ids=ids)
        return sorted(records.values(), key=lambda letter: letter.at)

    async def replay(
        self, apply: Callable[[DeadLetter], Awaitable[str]], by: str
    ) -> list[tuple[DeadLetter, str]]:
        """Hands each waiting letter to `apply`, which returns the outcome; what was not applied
        goes on waiting, unless it is gone.
        """
        letters = await self.waiting()
        by_place = await originals(self.kafka, [letter for letter in letters if letter.is_pointer])
        outcomes = []
        for letter in letters:
            try:
                outcome = await apply(whole(letter, by_place) if letter.is_pointer else letter)
            except Gone:
                outcome = GONE
            if outcome in (APPLIED, GONE):
                await self._settle(letter, Decision(outcome.partition(":")[0], "replayed", by))
            outcomes.append((letter, outcome))
        return outcomes

    async def drop(
        self, chosen: Callable[[DeadLetter], bool], reason: str, by: str
    ) -> list[DeadLetter]:
        """Records that the waiting letters that are `chosen` need nothing more, and returns
        them.
        """
        dropped = [letter for letter in await self.waiting() if chosen(letter)]
        for letter in dropped:
            await self._settle(letter, Decision("dropped", reason, by))
        return dropped

    async def _settle(self, letter: DeadLetter, decision: Decision) -> None:
        await settle(self.database, letter.tenant_id, letter.ids, letter.origin, decision)


async def _read(kafka: KafkaConnection, topics: Collection[str]) -> list[DeadLetter]:
    """Every letter on `topics` up to now."""
    reader = AIOKafkaConsumer(
        **kafka.client_options(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await reader.start()
    try:
        parts = await _partitions(reader, topics)
        reader.assign(parts)
        ends = await reader.end_offsets(parts) if parts else {}
        letters: list[DeadLetter] = []
        behind = await _behind(reader, ends)
        while behind:
            for partition, records in (await reader.getmany(timeout_ms=500)).items():
                letters += [
                    _restored(record) for record in records if record.offset < ends[partition]
                ]
            behind = await _behind(reader, behind)
        return letters
    finally:
        await reader.stop()


async def _partitions(reader: AIOKafkaConsumer, topics: Iterable[str]) -> Sequence[TopicPartition]:
    # `partitions_for_topic` knows only topics that are subscribed to, and nothing is.
    cluster = await reader._client.fetch_all_metadata()
    return [
        TopicPartition(name, partition)
        for name in topics
        for partition in cluster.partitions_for_topic(name) or ()
    ]


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
    # Letters had no ids of their own once.
    place = derived_id(record.topic, str(record.partition), str(record.offset))
    id_ = UUID(origin["id"]) if "id" in origin else place
    tenant_id = TenantId(UUID(origin["tenant"])) if "tenant" in origin else tenant_of(record)
    return DeadLetter(
        id=id_,
        ids=(id_,),
        tenant_id=tenant_id,
        topic=origin.get("topic", ""),
        partition=int(origin.get("partition", -1)),
        offset=int(origin.get("offset", -1)),
        key=record.key,
        value=record.value,
        headers=tuple(header for header in record.headers if not header[0].startswith(PREFIX)),
        is_pointer=AT_ITS_OFFSET[0].removeprefix(PREFIX) in origin,
        reason=origin.get("reason", ""),
        at=origin.get("at", ""),
    )
