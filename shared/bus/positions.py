"""Where a consumer reads on in each of its partitions, and never silently past a hole.

The service's own database has the first word, then Kafka's group. `auto_offset_reset` has none:
whatever it chose would be a loss or a repetition that nobody hears of.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal
from uuid import UUID

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.bus.offsets import Hole, OffsetStore, Place
from shared.bus.topic_ids import topic_ids
from shared.db import Database
from shared.errors import Unavailable
from shared.events import EXPIRING
from shared.metrics import Metrics

log = structlog.get_logger()

TOPICS_SECONDS = 10.0
CONFIRM_SECONDS = 2.0
"""A new leader may know less than the old one for a moment."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where to read on in a partition, and what is wrong there."""

    offset: int
    problem: Literal["", "hole", "made_again"] = ""


def start_of(
    last_offset: int | None, begin: int, end: int, expires: bool, same_topic: bool = True
) -> Start:
    """Where a reader goes on whose next offset is `known`, in a partition that holds the offsets
    from `begin` up to `end`.

    None is a reader that has never read here: it misses what came before `begin`. `expires` is a
    topic whose old records nobody needs. Not `same_topic`: what `known` counts is gone, however
    many records the topic of that name has by now.
    """
    if last_offset is not None and (last_offset > end or not same_topic):
        return Start(begin, "made_again")
    if (last_offset or 0) < begin:
        return Start(begin) if expires else Start(begin, "hole")
    return Start(last_offset or 0)


class Positions:
    """The partitions of one consumer: where it stands, which of them it cannot go on in.

    `ends` are the offsets behind what has taken effect, `read_again` those up to which a topic
    that was made again is read from its beginning; what is gone of `expiring` topics is missed
    by nobody.
    """

    def __init__(
        self,
        consumer: str,
        namespace: str,
        database: Database,
        metrics: Metrics,
        expiring: Iterable[str] = EXPIRING,
    ) -> None:
        self.store = OffsetStore(consumer, database)
        self.ends: dict[TopicPartition, int] = {}
        self.holes: dict[TopicPartition, Hole] = {}
        self.read_again: dict[TopicPartition, int] = {}
        self._topic_ids: dict[str, UUID] = {}
        self._fetched: Counter[TopicPartition] = Counter()
        self._look_at = 0.0
        self._consumer, self._metrics = consumer, metrics
        self._expiring = frozenset(namespace + topic for topic in expiring)
        self._settled: frozenset[TopicPartition] = frozenset()
        self._saved: dict[TopicPartition, int] = {}
        self._assignment: Any = None

    def is_settled(self, partition: TopicPartition) -> bool:
        """Whether records of the partition come from where they should, without a hole."""
        return partition in self._settled and partition not in self.holes

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Makes `settle` look at partitions again, as their positions were found wrong."""
        self._settled -= frozenset(partitions)

    async def settle(self, reader: Any) -> None:
        """Sends `reader` to its place in each partition that it has newly got.

        Raises `Unavailable` or `KafkaError`; then nothing may be read.
        """
        assigned, assignment = frozenset(reader.assignment()), _assignment_of(reader)
        if assignment is not self._assignment:
            # After a rebalance all positions and pauses are gone, also of the same partitions.
            self._assignment, self._settled = assignment, frozenset()
        if assigned == self._settled:
            return
        for partition in self.holes.keys() - assigned:
            del self.holes[partition]
        for partition in self.read_again.keys() - assigned:
            del self.read_again[partition]
        new = sorted(assigned - self._settled)
        starts = await self._starts(reader, new)
        if any(start.problem == "made_again" for start, _, _ in starts.values()):
            await asyncio.sleep(CONFIRM_SECONDS)
            starts = await self._starts(reader, new)
        for partition, (start, last_offset, end) in starts.items():
            # A rebalance meanwhile: the next call sees to it.
            if partition in reader.assignment():
                await self._begin(reader, partition, start, last_offset)
                if start.problem == "made_again" and start.offset < end:
                    self.read_again[partition] = end
                    self._fetched[partition] = 0
        self._count_holes()

    async def save(self) -> None:
        """Stores how far effects have come; the database being away, the next call does."""
        changed = {
            partition: end
            for partition, end in self.ends.items()
            if self._saved.get(partition) != end
        }
        for partition, end in list(self.read_again.items()):
            if self.ends.get(partition, 0) >= end:
                del self.read_again[partition]
        if not changed:
            return
        try:
            await self.store.advance(
                {partition: self._place(partition, end) for partition, end in changed.items()}
            )
        except Unavailable as failure:
            log.info("offsets_not_saved", consumer=self._consumer, reason=str(failure))
            return
        self._saved |= changed

    @property
    def being_read_again(self) -> list[str]:
        """The partitions of topics that were made again, until they are read up to where they ended
        then. Nobody needs to do anything.
        """
        return [
            f"{topic}[{partition}] was made again and is read from its beginning"
            for topic, partition in sorted(self.read_again)
        ]

    async def look_at_topics(self, reader: Any) -> None:
        """Makes `settle` look at the partitions of topics that have another id than before: one
        may have more records by now than were read of the former. Asks every 10 s.
        """
        if reader is None or not self._settled or monotonic() < self._look_at:
            return
        self._look_at = monotonic() + TOPICS_SECONDS
        await self._end_reading_again(reader)
        try:
            ids = await topic_ids(reader._client, {part.topic for part in self._settled})
        except (KafkaError, OSError, TimeoutError):
            return
        self.forget(
            partition
            for partition in self._settled
            if ids.get(partition.topic) not in (None, self._topic_ids.get(partition.topic))
        )

    async def _end_reading_again(self, reader: Any) -> None:
        """Where the last records are gone by compaction, none of them takes effect: what has been
        fetched up to the end for three looks counts as read.
        """
        for partition, end in list(self.read_again.items()):
            if partition in reader.assignment() and await reader.position(partition) >= end:
                self._fetched[partition] += 1
                if self._fetched[partition] >= 3:
                    del self.read_again[partition]

    async def go_on_where_accepted(self) -> None:
        """Reads on behind those holes that an operator has accepted meanwhile."""
        if not self.holes:
            return
        try:
            waiting = {hole.partition for hole in await self.store.waiting_holes()}
        except Unavailable:
            return
        self.forget(self.holes.keys() - waiting)

    async def _starts(
        self, reader: Any, partitions: list[TopicPartition]
    ) -> dict[TopicPartition, tuple[Start, int | None, int]]:
        """Of each partition where to begin, what was known, and where it ends."""
        stored = await self.store.load()
        self._topic_ids |= await topic_ids(reader._client, {part.topic for part in partitions})
        begins = await reader.beginning_offsets(partitions)
        ends = await reader.end_offsets(partitions)
        starts = {}
        for partition in partitions:
            place, topic_id = stored.get(partition), self._topic_ids.get(partition.topic)
            last_offset = place.offset if place else await reader.committed(partition)
            same_topic = not (place and place.topic_id and topic_id) or place.topic_id == topic_id
            if place and place.topic_id:
                self._saved[partition] = place.offset
            if last_offset is not None and same_topic and partition not in self.holes:
                last_offset = max(last_offset, self.ends.get(partition, 0))
            expires = partition.topic in self._expiring
            begin, end = begins[partition], ends[partition]
            starts[partition] = (
                start_of(last_offset, begin, end, expires, same_topic),
                last_offset,
                end,
            )
        return starts

    def _place(self, partition: TopicPartition, offset: int) -> Place:
        return Place(offset, self._topic_ids.get(partition.topic))

    async def _begin(
        self, reader: Any, partition: TopicPartition, start: Start, last_offset: int | None
    ) -> None:
        if start.problem == "hole":
            hole = Hole(partition, last_offset or 0, start.offset)
            await self.store.add_hole(hole)
            reader.pause(partition)
            self.holes[partition] = hole
            log.critical("hole_found", consumer=self._consumer, hole=str(hole))
        else:
            self.holes.pop(partition, None)
            reader.resume(partition)
        if start.problem == "made_again":
            await self.store.replace({partition: self._place(partition, start.offset)})
            if last_offset:
                self._tell_made_again(partition, last_offset)
        # Also where the position is right already: what was fetched before is not trusted.
        reader.seek(partition, start.offset)
        self._settled |= {partition}
        if start.problem != "hole":
            self.ends[partition] = start.offset

    def _tell_made_again(self, partition: TopicPartition, last_offset: int) -> None:
        self._metrics.topics_made_again.labels(partition.topic).inc()
        log.critical(
            "topic_made_again",
            consumer=self._consumer,
            topic=partition.topic,
            partition=partition.partition,
            read_up_to=last_offset,
        )

    def _count_holes(self) -> None:
        self._metrics.consumer_holes.set(len(self.holes))


def _assignment_of(reader: Any) -> Any:
    """What a rebalance replaces by another, also where it gives the same partitions."""
    subscription = reader._subscription.subscription
    return subscription.assignment if subscription else None
