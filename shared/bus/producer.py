"""A thin producer: FastStream's, sending bytes as they are."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from faststream.kafka.publisher.producer import AioKafkaFastProducerImpl

from shared.bus.connection import KafkaConnection

log = structlog.get_logger()

REQUEST_TIMEOUT_MS = 15_000
CLOSE_SECONDS = 5.0


class EventProducer(AioKafkaFastProducerImpl):
    """FastStream's producer without its encoding.

    A broker connects it, or `open` does where there is no subscriber.
    """

    def __init__(self) -> None:
        super().__init__(parser=None, decoder=None)

    async def open(self, kafka: KafkaConnection, client_id: str, **options: Any) -> None:
        """Connects an idempotent client. Raises `KafkaError` where the broker is away."""
        client = AIOKafkaProducer(
            **kafka.client_options(),
            client_id=client_id,
            enable_idempotence=True,
            acks="all",
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            **options,
        )
        try:
            await self.connect(client, serializer=None)
        except BaseException:
            await client.stop()
            raise

    async def send(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> "asyncio.Future[Any]":
        """A promise of the broker's acknowledgement. Raises `KafkaError`."""
        promise: asyncio.Future[Any] = await self._producer.producer.send(
            topic, value, key=key, headers=headers
        )
        return promise

    async def close(self) -> None:
        """Sends what it holds, if the broker takes it in time."""
        try:
            await asyncio.wait_for(self.disconnect(), CLOSE_SECONDS)
        except (KafkaError, OSError, TimeoutError):
            log.warning("producer_stopped_late")
            await self._producer.producer._sender.close()
