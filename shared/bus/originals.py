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
    found: dict[tuple[str, int, int], Any] = {}
    wanted: dict[TopicPartition, set[int]] = {}
    for pointer in pointers:
        place = TopicPartition(pointer.topic, pointer.partition)
        wanted.setdefault(place, set()).add(pointer.offset)
    if not wanted:
        return found
    reader = AIOKafkaConsumer(
        **kafka.client_options(), enable_auto_commit=False, isolation_level="read_committed"
    )
    await reader.start()
    try:
        begins = await reader.beginning_offsets(list(wanted))
        ends = await reader.end_offsets(list(wanted))
        for place, offsets in wanted.items():
            there = {offset for offset in offsets if begins[place] <= offset < ends[place]}
            if there:
                found |= await _from(reader, place, there, ends[place])
    finally:
        await reader.stop()
    return found


async def _from(
    reader: AIOKafkaConsumer, place: TopicPartition, offsets: set[int], end: int
) -> dict[tuple[str, int, int], Any]:
    """Of people the partition is read to its end, to know which records are the last of a key."""
    found: dict[tuple[str, int, int], Any] = {}
    last: dict[bytes | None, int] = {}
    people = is_about_people(place.topic)
    until = end if people else max(offsets) + 1
    reader.assign([place])
    reader.seek(place, min(offsets))
    while await reader.position(place) < until:
        for record in (await reader.getmany(place, timeout_ms=500)).get(place, ()):
            last[record.key] = record.offset
            if record.offset in offsets:
                found[record.topic, record.partition, record.offset] = record
    if not people:
        return found
    return {at: record for at, record in found.items() if last[record.key] == record.offset}


def whole(record: Any, found: dict[tuple[str, int, int], Any]) -> Any:
    """`record`, with its value, key and headers as they are at its place.

    Raises `Gone`.
    """
    original = found.get((record.topic, record.partition, record.offset))
    if original is None:
        raise Gone
    return replace(record, key=original.key, value=original.value, headers=tuple(original.headers))
