"""Publishes events onto real topics and reads them back."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.environment import Installation
from shared.events import PEOPLE, PublishedEvent, headers, key, read_envelope, read_event


class Bus:
    """Publishes as the services do; everything is acknowledged on return."""

    def __init__(self, producer: AIOKafkaProducer, installation: Installation) -> None:
        self._producer, self._installation = producer, installation

    async def publish(self, events: Iterable[PublishedEvent]) -> None:
        """Publishes each event on its own topic."""
        deliveries = [
            await self._producer.send(
                self._installation.namespace + event.event.topic,
                event.event.to_json(),
                key=key(event.envelope.tenant_id, event.envelope.subject),
                headers=headers(event.envelope, event.event.noun, "tests"),
            )
            for event in events
        ]
        for delivery in deliveries:
            await delivery

    async def erase(self, tenant_id: UUID, subject: UUID) -> None:
        """Publishes that the person `subject` is erased."""
        await self._producer.send_and_wait(
            self._installation.namespace + PEOPLE, None, key=key(tenant_id, subject)
        )

    async def read(self, topic: str, tenant_id: UUID) -> list[PublishedEvent]:
        """The tenant's events on a topic up to now, those of one subject in order."""
        events: list[PublishedEvent] = []
        async with AIOKafkaConsumer(
            self._installation.namespace + topic,
            **self._installation.kafka.client_options(),
            auto_offset_reset="earliest",
        ) as consumer:
            await consumer.seek_to_beginning()
            ends = await consumer.end_offsets(consumer.assignment())
            while any(
                [await consumer.position(partition) < end for partition, end in ends.items()]
            ):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        envelope = read_envelope(dict(record.headers))
                        if envelope.tenant_id == tenant_id:
                            event = read_event(envelope, record.value)
                            events.append(PublishedEvent(envelope, event))
        return events


@asynccontextmanager
async def open_bus(installation: Installation) -> AsyncIterator[Bus]:
    async with AIOKafkaProducer(
        **installation.kafka.client_options(), enable_idempotence=True
    ) as producer:
        yield Bus(producer, installation)
