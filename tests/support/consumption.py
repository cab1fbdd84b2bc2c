"""Whether the product has taken in all that happened, and what it could not."""

import asyncio
from collections.abc import Mapping, Sequence

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.environment import SERVICES, Installation
from shared.bus.dead_letters import topic_for
from shared.contracts.services import subscriptions
from tests.support.servers import ROOT

WITH_OUTBOX = tuple(service for service in SERVICES if service != "gateway")


class Consumption:
    """Watches the outboxes, the groups' offsets and the dead-letter topics of an installation."""

    def __init__(
        self, installation: Installation, kafka: AIOKafkaConsumer, admin: AIOKafkaAdminClient
    ) -> None:
        self._installation, self._kafka, self._admin = installation, kafka, admin
        self._topics: dict[str, Sequence[str]] = {
            service: [installation.namespace + topic for topic in subscription.topics]
            for service, subscription in subscriptions(ROOT).items()
        }

    async def settle(self, seconds: float = 60) -> None:
        """Waits until every event was published and taken in, and those that followed from it."""
        quiet = 0
        async with asyncio.timeout(seconds):
            while quiet < 2:
                waiting = await self._unpublished() + await self._lag()
                quiet = 0 if waiting else quiet + 1
                await asyncio.sleep(0.05)

    async def dead_letters(self) -> dict[str, int]:
        """How many records each service could not take in, ever."""
        counts = {}
        for service, topics in self._topics.items():
            ends = await self._ends([topic_for(topic, service) for topic in topics])
            counts[service] = sum(ends.values())
        return counts

    async def _unpublished(self) -> int:
        count = 0
        for service in WITH_OUTBOX:
            connection = await asyncpg.connect(self._installation.admin_url(service))
            count += await connection.fetchval(
                "SELECT count(*) FROM outbox WHERE published_at IS NULL"
            )
            await connection.close()
        return count

    async def _lag(self) -> int:
        lag = 0
        for service, topics in self._topics.items():
            group = self._installation.namespace + service
            offsets = await self._admin.list_consumer_group_offsets(group)
            for partition, end in (await self._ends(topics)).items():
                lag += end - (offsets[partition].offset if partition in offsets else 0)
        return lag

    async def _ends(self, topics: Sequence[str]) -> Mapping[TopicPartition, int]:
        partitions = [
            TopicPartition(topic["topic"], partition["partition"])
            for topic in await self._admin.describe_topics(list(topics))
            for partition in topic["partitions"]
        ]
        assert len({partition.topic for partition in partitions}) == len(topics)
        ends: Mapping[TopicPartition, int] = await self._kafka.end_offsets(partitions)
        return ends
