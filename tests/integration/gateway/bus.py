"""Publishes events onto real topics."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

from aiokafka import AIOKafkaProducer

from deploy.environment import Installation
from shared.events import PEOPLE, PublishedEvent, headers, key


class Bus:
    """Publishes as the services do; everything is acknowledged on return."""

    def __init__(self, producer: AIOKafkaProducer, namespace: str) -> None:
        self._producer, self._namespace = producer, namespace

    async def publish(self, events: Iterable[PublishedEvent]) -> None:
        deliveries = [
            await self._producer.send(
                self._namespace + event.event.topic,
                event.event.to_json(),
                key=key(event.envelope.tenant_id, event.envelope.subject),
                headers=headers(event.envelope, event.event.noun, "tests"),
            )
            for event in events
        ]
        for delivery in deliveries:
            await delivery

    async def erase(self, tenant_id: UUID, subject: UUID) -> None:
        await self._producer.send_and_wait(
            self._namespace + PEOPLE, None, key=key(tenant_id, subject)
        )


@asynccontextmanager
async def open_bus(installation: Installation) -> AsyncIterator[Bus]:
    producer = AIOKafkaProducer(bootstrap_servers=installation.kafka, enable_idempotence=True)
    await producer.start()
    try:
        yield Bus(producer, installation.namespace)
    finally:
        await producer.stop()
