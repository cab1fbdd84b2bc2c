"""Topics that change under their readers, and what readers keep of their progress."""

import asyncio
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.records_to_delete import RecordsToDelete

from shared.bus.consumer import Consumer
from shared.bus.offsets import OffsetStore
from shared.db import Database
from shared.events import ACTIVITIES
from shared.ids import new_id
from tests.integration.shared.scratch import READER, Scratch, eventually, good
from tests.integration.shared.things import TENANT, affected


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


async def send_to(scratch: Scratch, partition: int, key: Any, value: Any, headers: Any) -> None:
    async with AIOKafkaProducer(**scratch.kafka.client_options()) as producer:
        await producer.send_and_wait(
            scratch.topic(), value, key=key, headers=headers, partition=partition
        )


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
