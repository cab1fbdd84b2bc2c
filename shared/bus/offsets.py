"""A consumer's offsets and holes in its service's database, where they last as long as the effects.

Kafka forgets the offsets of a group that is silent for a week, and a database that was restored to
an earlier moment knows less than they say. Both tables hold no tenant's data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from aiokafka import TopicPartition

from shared.db import Database

_LOAD = "SELECT topic, partition, next_offset, topic_id FROM consumer_offset WHERE consumer = $1"
_NEW = (
    "INSERT INTO consumer_offset (consumer, topic, partition, next_offset, topic_id)"
    " SELECT $1, u.* FROM unnest($2::text[], $3::int[], $4::bigint[], $5::uuid[]) AS u"
    " ON CONFLICT (consumer, topic, partition)"
    " DO UPDATE SET next_offset = excluded.next_offset, saved_at = now(),"
    " topic_id = coalesce(excluded.topic_id, consumer_offset.topic_id)"
)
# An offset of the topic before must not pass over the beginning of the one made again.
_ADVANCE = (
    f"{_NEW} WHERE (consumer_offset.next_offset < excluded.next_offset"
    " AND coalesce(consumer_offset.topic_id = excluded.topic_id, true))"
    " OR (consumer_offset.next_offset = excluded.next_offset"
    " AND consumer_offset.topic_id IS NULL)"
)
_ADD_HOLE = (
    "INSERT INTO consumer_hole (consumer, topic, partition, lost_from, lost_to)"
    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
)
_HOLES = (
    "SELECT topic, partition, lost_from, lost_to FROM consumer_hole"
    " WHERE consumer = $1 AND accepted_at IS NULL ORDER BY topic, partition, lost_to"
)
_ACCEPT = (
    "WITH accepted AS (UPDATE consumer_hole SET accepted_at = now(), reason = $4"
    " WHERE consumer = $1 AND topic = $2 AND partition = $3 AND accepted_at IS NULL"
    " RETURNING lost_to), moved AS (INSERT INTO consumer_offset"
    " (consumer, topic, partition, next_offset)"
    " SELECT $1, $2, $3, max(lost_to) FROM accepted HAVING count(*) > 0"
    " ON CONFLICT (consumer, topic, partition)"
    " DO UPDATE SET next_offset = excluded.next_offset, saved_at = now())"
    " SELECT count(*) AS holes FROM accepted"
)


@dataclass(frozen=True, slots=True)
class Hole:
    """Records that a consumer has not read and that their topic no longer holds: from the offset
    `lost_from` up to, not including, `lost_to`.
    """

    partition: TopicPartition
    lost_from: int
    lost_to: int

    def __str__(self) -> str:
        name = f"{self.partition.topic}[{self.partition.partition}]"
        return f"{name} offsets {self.lost_from} to {self.lost_to - 1} are gone unread"


class Place(NamedTuple):
    """Where to read on in a partition: an offset, and the id of the topic that it is of; None where
    nobody tells it, or it was stored before ids were.
    """

    offset: int
    topic_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OffsetStore:
    """The rows of one consumer. Every method raises `Unavailable` where the database is away."""

    consumer: str
    database: Database

    async def load(self) -> dict[TopicPartition, Place]:
        """Where to read on, by partition."""
        return {
            TopicPartition(row["topic"], row["partition"]): Place(
                row["next_offset"], row["topic_id"]
            )
            for row in await self.database.fetch(_LOAD, self.consumer)
        }

    async def advance(self, places: Mapping[TopicPartition, Place]) -> None:
        """Stores places; one behind what is there, or of another topic, changes nothing."""
        await self.database.fetch(_ADVANCE, self.consumer, *_columns(places))

    async def replace(self, places: Mapping[TopicPartition, Place]) -> None:
        """Stores places, also backwards: their topics were made again."""
        await self.database.fetch(_NEW, self.consumer, *_columns(places))

    async def add_hole(self, hole: Hole) -> None:
        """Records a hole, once."""
        await self.database.fetch(
            _ADD_HOLE, self.consumer, *hole.partition, hole.lost_from, hole.lost_to
        )

    async def waiting_holes(self) -> list[Hole]:
        """The holes that nobody has accepted yet."""
        return [
            Hole(TopicPartition(row["topic"], row["partition"]), row["lost_from"], row["lost_to"])
            for row in await self.database.fetch(_HOLES, self.consumer)
        ]

    async def accept(self, partition: TopicPartition, reason: str) -> bool:
        """Lets the consumer go on behind the partition's holes; whether there was one."""
        (row,) = await self.database.fetch(_ACCEPT, self.consumer, *partition, reason)
        return bool(row["holes"])


def _columns(
    places: Mapping[TopicPartition, Place],
) -> tuple[list[str], list[int], list[int], list[UUID | None]]:
    return (
        [partition.topic for partition in places],
        [partition.partition for partition in places],
        [place.offset for place in places.values()],
        [place.topic_id for place in places.values()],
    )
