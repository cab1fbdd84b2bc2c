"""Records that are gone before they are read, offsets that are lost, topics that change under their
readers: seen, told, and never passed over.
"""

import asyncio
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.bus.consumer import Consumer
from shared.bus.offsets import OffsetStore
from shared.db import Database
from shared.events import PEOPLE
from tests.integration.shared.offsets import consume, cut, first, send_new, stored
from tests.integration.shared.scratch import READER, Scratch, eventually
from tests.integration.shared.things import affected, counted


async def test_a_hole_stops_the_partition_until_an_operator_accepts_it(
    scratch: Scratch, kafka: AIOKafkaAdminClient
) -> None:
    database = await scratch.database()
    before = await consume(scratch, database, 2)
    lost = await send_new(scratch, 5)
    await cut(scratch, kafka)
    (after,) = await send_new(scratch)
    consumer = scratch.consumer(database)
    async with scratch.runs(consumer):
        await eventually(lambda: consumer.holes)
        assert consumer.holes == [f"{scratch.topic()}[0] offsets 2 to 6 are gone unread"]
        assert consumer._metrics.registry.get_sample_value("sales_scratch_consumer_holes") == 1
        await asyncio.sleep(1.5)
        assert set(await counted(database)) == set(before), "nothing is read behind the hole"
        store = OffsetStore(READER, database)
        assert [str(hole) for hole in await store.waiting_holes()] == consumer.holes
        assert not await store.accept(TopicPartition(scratch.topic(), 1), "another partition")
        assert await store.accept(first(scratch), "refilled")
        await eventually(affected(database, after))
        await eventually(lambda: not consumer.holes)
    assert set(await counted(database)) == {*before, after}
    assert not set(lost) & set(await counted(database))


async def test_a_hole_is_still_there_after_a_restart(
    scratch: Scratch, kafka: AIOKafkaAdminClient
) -> None:
    database = await scratch.database()
    before = await consume(scratch, database, 1)
    await send_new(scratch, 2)
    await cut(scratch, kafka)
    await send_new(scratch)
    for consumer in (scratch.consumer(database), scratch.consumer(database)):
        async with scratch.runs(consumer):
            await eventually(partial(_holes, consumer))
    assert set(await counted(database)) == set(before)
    assert len(await OffsetStore(READER, database).waiting_holes()) == 1


async def test_a_topic_cut_under_a_running_consumer_is_a_hole(
    scratch: Scratch, kafka: AIOKafkaAdminClient
) -> None:
    database, released = await scratch.database(), asyncio.Event()

    async def wait(batch: Any) -> None:
        await released.wait()
        await batch.apply()

    consumer = scratch.consumer(database, wait)
    (held,) = await send_new(scratch)
    async with scratch.runs(consumer):
        await eventually(lambda: _position(consumer, first(scratch)) == 1)
        reader: Any = consumer._subscriber.consumer
        reader.pause(first(scratch))
        await send_new(scratch, 5)
        await cut(scratch, kafka)
        reader.seek(first(scratch), 1)
        reader.resume(first(scratch))
        released.set()
        await eventually(affected(database, held))
        await eventually(lambda: consumer.holes)


def _holes(consumer: Consumer) -> list[str]:
    return consumer.holes


def _position(consumer: Consumer, partition: TopicPartition) -> int:
    reader: Any = consumer._subscriber.consumer
    if not reader or partition not in reader.assignment():
        return -1
    state = reader._subscription.subscription.assignment.state_value(partition)
    return int(state.position) if state.has_valid_position else -1


async def test_the_first_start_on_a_whole_topic_is_no_hole_and_on_a_cut_one_is(
    scratch: Scratch, kafka: AIOKafkaAdminClient
) -> None:
    database = await scratch.database()
    await consume(scratch, database, 3)
    await cut(scratch, kafka, 2)
    another = scratch.consumer(database, name="another")
    async with scratch.runs(another):
        await eventually(lambda: another.holes)


async def test_lost_offsets_and_a_pruned_inbox_repeat_nothing(scratch: Scratch) -> None:
    database, admin = await scratch.database(), await scratch.admin()
    subjects = await consume(scratch, database, 5)
    await _reset_group(scratch)
    await admin.execute("TRUNCATE inbox")
    (last,) = await send_new(scratch)
    async with scratch.runs(scratch.consumer(database)):
        await eventually(affected(database, last))
    assert await counted(database) == dict.fromkeys([*subjects, last], (1, 1))


async def test_a_database_of_an_earlier_moment_is_told_again_what_it_lacks(
    scratch: Scratch,
) -> None:
    database, admin = await scratch.database(), await scratch.admin()
    await consume(scratch, database, 3)
    at_backup = await stored(scratch, database)
    later = await consume(scratch, database, 2)
    await admin.execute("DELETE FROM thing WHERE id = ANY($1)", later)
    await admin.execute("TRUNCATE inbox")
    for partition, (offset, _) in at_backup.items():
        await admin.execute(
            "UPDATE consumer_offset SET next_offset = $3 WHERE topic = $1 AND partition = $2",
            *partition,
            offset,
        )
    async with scratch.runs(scratch.consumer(database)):
        await eventually(affected(database, later[-1]))
    assert set(later) <= set(await counted(database))


async def _reset_group(scratch: Scratch) -> None:
    """Puts the group's offsets back to the beginning, as a lost offsets topic may."""
    reader = AIOKafkaConsumer(
        **scratch.kafka.client_options(),
        group_id=scratch.namespace + READER,
        enable_auto_commit=False,
    )
    await reader.start()
    reader.assign([first(scratch)])
    await reader.commit({first(scratch): 0})
    await reader.stop()
    assert await scratch.committed() == 0


async def test_people_are_consumed_from_where_the_database_says(scratch: Scratch) -> None:
    database = await scratch.database()
    await scratch.send((b"key", b"{}", []), topic=PEOPLE)
    async with scratch.runs(scratch.consumer(database)):
        await eventually(lambda: _saved(scratch, database, 1))


async def _saved(scratch: Scratch, database: Database, offset: int) -> bool:
    offsets = await stored(scratch, database)
    place = offsets.get(TopicPartition(scratch.topic(PEOPLE), 0))
    return bool(place and place.offset == offset)
