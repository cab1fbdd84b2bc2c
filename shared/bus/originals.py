"""Records read where they lie: what a letter that is only a pointer points at."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.bus.connection import KafkaConnection
from shared.bus.dead_letters import is_about_people


class Gone(Exception):
    """The record that a letter points at is not there any more, or a later one took its place."""


async def originals(
    kafka: KafkaConnection, pointers: Sequence[Any]
) -> dict[tuple[str, int, int], Any]:
    """The records at the topic, partition and offset of each of `pointers`, by that place.

    One that is gone is missing. On a topic about people so is one whose subject has a later
    record: it must not take effect after an erasure.
    """
    by_place: dict[tuple[str, int, int], Any] = {}
    offsets_by_partition: dict[TopicPartition, set[int]] = {}
    for pointer in pointers:
        place = TopicPartition(pointer.topic, pointer.partition)
        offsets_by_partition.setdefault(place, set()).add(pointer.offset)
    if not offsets_by_partition:
        return by_place
    reader = AIOKafkaConsumer(
        **kafka.client_options(), enable_auto_commit=False, isolation_level="read_committed"
    )
    await reader.start()
    try:
        begins = await reader.beginning_offsets(list(offsets_by_partition))
        ends = await reader.end_offsets(list(offsets_by_partition))
        for place, offsets in offsets_by_partition.items():
            there = {offset for offset in offsets if begins[place] <= offset < ends[place]}
            if there:
                by_place |= await _from(reader, place, there, ends[place])
    finally:
        await reader.stop()
    return by_place


async def _from(
    reader: AIOKafkaConsumer, place: TopicPartition, offsets: set[int], end: int
) -> dict[tuple[str, int, int], Any]:
    """Of people the partition is read to its end, to know which records are the last of a key."""
    by_place: dict[tuple[str, int, int], Any] = {}
    last: dict[bytes | None, int] = {}
    people = is_about_people(place.topic)
    until = end if people else max(offsets) + 1
    reader.assign([place])
    reader.seek(place, min(offsets))
    while await reader.position(place) < until:
        for record in (await reader.getmany(place, timeout_ms=500)).get(place, ()):
            last[record.key] = record.offset
            if record.offset in offsets:
                by_place[record.topic, record.partition, record.offset] = record
    if not people:
        return by_place
    return {at: record for at, record in by_place.items() if last[record.key] == record.offset}


def whole(record: Any, by_place: dict[tuple[str, int, int], Any]) -> Any:
    """`record`, with its value, key and headers as they are at its place.

    Raises `Gone`.
    """
    original = by_place.get((record.topic, record.partition, record.offset))
    if original is None:
        raise Gone
    return replace(record, key=original.key, value=original.value, headers=tuple(original.headers))
