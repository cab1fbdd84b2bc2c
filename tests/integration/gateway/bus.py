"""Facts onto real topics."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

from aiokafka import AIOKafkaProducer

from deploy.environment import Installation
from shared.events import PEOPLE, PublishedEvent, headers, key


class Bus:
    def __init__(self, producer: AIOKafkaProducer, namespace: str) -> None:
        self._producer, self._namespace = producer, namespace

    async def say(self, facts: Iterable[PublishedEvent]) -> None:
        promises = [
            await self._producer.send(
                self._namespace + fact.event.topic,
                fact.event.to_json(),
                key=key(fact.envelope.tenant_id, fact.envelope.subject),
                headers=headers(fact.envelope, fact.event.noun, "tests"),
            )
            for fact in facts
        ]
        for promise in promises:
            await promise

    async def forget(self, tenant_id: UUID, subject: UUID) -> None:
        await self._producer.send_and_wait(
            self._namespace + PEOPLE, None, key=key(tenant_id, subject)
        )


@asynccontextmanager
async def bus_of(installation: Installation) -> AsyncIterator[Bus]:
    producer = AIOKafkaProducer(bootstrap_servers=installation.kafka, enable_idempotence=True)
    await producer.start()
    try:
        yield Bus(producer, installation.namespace)
    finally:
        await producer.stop()
