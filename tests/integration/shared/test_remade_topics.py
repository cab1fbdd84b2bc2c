"""Partitions that are added and topics that are made again: heard soon, told, read from their
beginning.
"""

import asyncio
from time import monotonic
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic

from shared.bus import positions
from shared.db import Database
from shared.events import ACTIVITIES
from shared.ids import new_id
from tests.integration.shared.offsets import (
    consume,
    first,
    made_again,
    make_again,
    send_new,
    send_to,
    stored,
)
from tests.integration.shared.scratch import Scratch, eventually, good
from tests.integration.shared.things import TENANT, affected, counted

HEARD_SECONDS = 30


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
        await send_to(scratch, 4, *good(TENANT, added))
        await eventually(affected(database, added), HEARD_SECONDS)
        assert monotonic() - started < HEARD_SECONDS
        assert consumer.partitions[scratch.topic()] == "5 of 5"


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
