"""Records that are gone before they are read, offsets that are lost, topics that change under their
readers: seen, told, and never passed over.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.records_to_delete import RecordsToDelete

from shared.bus import positions
from shared.bus.consumer import Consumer
from shared.bus.offsets import OffsetStore
from shared.db import Database
from shared.events import ACTIVITIES, PEOPLE
from shared.ids import new_id
from tests.integration.shared.scratch import READER, Scratch, eventually, good
from tests.integration.shared.things import TENANT, affected, counted

HEARD_SECONDS = 30


@pytest_asyncio.fixture
async def kafka(scratch: Scratch) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**scratch.kafka.client_options())
    await admin.start()
    yield admin
    await admin.close()


def first(scratch: Scratch) -> TopicPartition:
    """The partition that `send` writes to."""
    return TopicPartition(scratch.topic(), 0)


async def cut(scratch: Scratch, kafka: AIOKafkaAdminClient, before: int = -1) -> None:
    """Deletes the records of the first partition before an offset, all of them by default."""
    await kafka.delete_records({first(scratch): RecordsToDelete(before_offset=before)})


async def consume(scratch: Scratch, database: Database, count: int) -> list[UUID]:
    """Sends so many events, and a consumer takes them in."""
    subjects = [new_id() for _ in range(count)]
    await scratch.send(*(good(TENANT, subject) for subject in subjects))
    async with scratch.runs(scratch.consumer(database)):
        await eventually(affected(database, subjects[-1]))
    return subjects


async def send_new(scratch: Scratch, count: int = 1) -> list[UUID]:
    subjects = [new_id() for _ in range(count)]
    await scratch.send(*(good(TENANT, subject) for subject in subjects))
    return subjects


def stored(scratch: Scratch, database: Database) -> Any:
    return OffsetStore(READER, database).load()


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


async def test_added_partitions_are_heard_soon_and_told(
    scratch: Scratch, kafka: AIOKafkaAdminClient
) -> None:
    database = await scratch.database()
    (subject,) = await send_new(scratch)
    consumer = scratch.consumer(database)
    async with scratch.runs(consumer):
        await eventually(affected(database, subject))
        assert consumer.partitions[scratch.topic()] == "3 of 3"
        await kafka.create_partitions({scratch.topic(): NewPartitions(5)})
        added, started = new_id(), monotonic()
        await _send_to(scratch, 4, *good(TENANT, added))
        await eventually(affected(database, added), HEARD_SECONDS)
        assert monotonic() - started < HEARD_SECONDS
        assert consumer.partitions[scratch.topic()] == "5 of 5"


async def _send_to(scratch: Scratch, partition: int, key: Any, value: Any, headers: Any) -> None:
    async with AIOKafkaProducer(**scratch.kafka.client_options()) as producer:
        await producer.send_and_wait(
            scratch.topic(), value, key=key, headers=headers, partition=partition
        )


async def test_a_topic_that_is_made_again_is_heard_soon_and_told(
    scratch: Scratch, kafka: AIOKafkaAdminClient
) -> None:
    database = await scratch.database()
    consumer = scratch.consumer(database)
    subjects = await send_new(scratch, 4)
    async with scratch.runs(consumer):
        await eventually(affected(database, subjects[-1]))
        await kafka.delete_topics([scratch.topic(ACTIVITIES)])
        await asyncio.sleep(1)
        await kafka.create_topics([NewTopic(scratch.topic(ACTIVITIES), 3, 1)])
        await asyncio.sleep(0.5)
        (subject,) = await send_new(scratch)
        await eventually(affected(database, subject), HEARD_SECONDS)
        assert (
            consumer._metrics.registry.get_sample_value(
                "sales_scratch_topics_made_again_total", {"topic": scratch.topic()}
            )
            == 1
        )
        assert not consumer.holes
    assert (await stored(scratch, database))[first(scratch)].offset == 1


async def make_again(scratch: Scratch, kafka: AIOKafkaAdminClient, count: int) -> list[UUID]:
    """Deletes the topic and makes it again with so many events."""
    await kafka.delete_topics([scratch.topic(ACTIVITIES)])
    await asyncio.sleep(1)
    await kafka.create_topics([NewTopic(scratch.topic(ACTIVITIES), 3, 1)])
    await asyncio.sleep(0.5)
    return await send_new(scratch, count)


def made_again(consumer: Consumer, scratch: Scratch) -> float | None:
    return consumer._metrics.registry.get_sample_value(
        "sales_scratch_topics_made_again_total", {"topic": scratch.topic()}
    )


async def test_a_topic_made_again_with_more_records_than_were_read_is_read_from_its_beginning(
    scratch: Scratch, kafka: AIOKafkaAdminClient
) -> None:
    database = await scratch.database()
    consumer = scratch.consumer(database)
    before = await send_new(scratch, 2)
    async with scratch.runs(consumer):
        await eventually(affected(database, before[-1]))
        subjects = await make_again(scratch, kafka, 7)
        for subject in subjects:
            await eventually(affected(database, subject), HEARD_SECONDS)
        await eventually(lambda: made_again(consumer, scratch) == 1, HEARD_SECONDS)
        await eventually(lambda: not consumer.positions.being_read_again)
        assert not consumer.holes
    assert await counted(database) == dict.fromkeys([*before, *subjects], (1, 1))


async def test_a_topic_made_again_while_its_reader_was_stopped_is_read_from_its_beginning(
    scratch: Scratch, kafka: AIOKafkaAdminClient
) -> None:
    database, released = await scratch.database(), asyncio.Event()
    before = await consume(scratch, database, 2)
    subjects = await make_again(scratch, kafka, 5)

    async def wait(batch: Any) -> None:
        await released.wait()
        await batch.apply()

    consumer = scratch.consumer(database, wait)
    async with scratch.runs(consumer):
        await eventually(lambda: consumer.positions.being_read_again)
        assert consumer.positions.being_read_again == [
            f"{scratch.topic()}[0] was made again and is read from its beginning"
        ]
        released.set()
        await eventually(affected(database, subjects[0]))
        await eventually(lambda: not consumer.positions.being_read_again)
        assert made_again(consumer, scratch) == 1
    assert await counted(database) == dict.fromkeys([*before, *subjects], (1, 1))


async def test_a_topic_whose_last_offset_is_no_record_is_read_to_its_end(
    scratch: Scratch, kafka: AIOKafkaAdminClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "TOPICS_SECONDS", 0.5)
    database = await scratch.database()
    before = await consume(scratch, database, 1)
    await make_again(scratch, kafka, 0)
    subject = new_id()
    transactional = {"transactional_id": f"{scratch.namespace}holes"}
    async with AIOKafkaProducer(**scratch.kafka.client_options(), **transactional) as producer:
        key, value, headers = good(TENANT, subject)
        async with producer.transaction():
            await producer.send(scratch.topic(), value, key=key, headers=headers, partition=0)
    consumer = scratch.consumer(database)
    async with scratch.runs(consumer):
        await eventually(affected(database, subject))
        await eventually(lambda: made_again(consumer, scratch) == 1)
        await eventually(lambda: not consumer.positions.being_read_again)
    assert set(await counted(database)) == {*before, subject}


async def test_offsets_from_before_ids_were_kept_are_believed_and_gain_one(
    scratch: Scratch,
) -> None:
    database, admin = await scratch.database(), await scratch.admin()
    await consume(scratch, database, 3)
    await admin.execute("UPDATE consumer_offset SET topic_id = NULL")
    consumer = scratch.consumer(database)
    async with scratch.runs(consumer):
        place = await eventually(lambda: _with_id(scratch, database))
        assert place.offset == 3
        assert made_again(consumer, scratch) is None


async def _with_id(scratch: Scratch, database: Database) -> Any:
    place = (await stored(scratch, database))[first(scratch)]
    return place if place.topic_id else None


async def test_people_are_consumed_from_where_the_database_says(scratch: Scratch) -> None:
    database = await scratch.database()
    await scratch.send((b"key", b"{}", []), topic=PEOPLE)
    async with scratch.runs(scratch.consumer(database)):
        await eventually(lambda: _saved(scratch, database, 1))


async def _saved(scratch: Scratch, database: Database, offset: int) -> bool:
    offsets = await stored(scratch, database)
    place = offsets.get(TopicPartition(scratch.topic(PEOPLE), 0))
    return bool(place and place.offset == offset)
