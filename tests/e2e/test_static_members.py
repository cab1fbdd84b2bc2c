"""Two replicas of a service with names of their own: one that is killed, or restarted, holds up
nobody else's events.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import aiohttp
import asyncpg
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer

from deploy.environment import Installation
from shared.events import ACTIVITIES
from tests.e2e.office import Office, open_office
from tests.support.client import ApiClient
from tests.support.servers import Servers, free_ports
from tests.support.servers import provisioned as a_provisioned_namespace
from tests.support.service_process import Service
from tests.support.wait import eventually

PARTITIONS = 6


@dataclass
class Replicas:
    """Two processes of motivation, in an installation whose activities publish."""

    installation: Installation
    office: Office
    first: Service
    second: Service

    async def register_during(self, act: Callable[[], object]) -> dict[int, float]:
        """Registers all the while; the longest delay of an event by partition, in seconds."""
        since = datetime.now(UTC)
        acting = asyncio.create_task(asyncio.to_thread(act))
        until = asyncio.get_running_loop().time() + 8
        while not acting.done() or asyncio.get_running_loop().time() < until:
            await self.office.register("plain", by=self.office.anna)
            await asyncio.sleep(0.05)
        await acting
        return await self._delays(since)

    async def _delays(self, since: datetime) -> dict[int, float]:
        partitions = await self._partitions(since)
        connection = await asyncpg.connect(self.installation.admin_url("motivation"))

        async def seen() -> dict[UUID, datetime]:
            rows = await connection.fetch(
                "SELECT event_id, seen_at FROM inbox WHERE event_id = ANY($1)", list(partitions)
            )
            return {row["event_id"]: row["seen_at"] for row in rows}

        async def all_seen() -> bool:
            return len(await seen()) == len(partitions)

        try:
            await eventually(all_seen, seconds=60)
            longest: dict[int, float] = defaultdict(float)
            for event_id, seen_at in (await seen()).items():
                partition, sent_at = partitions[event_id]
                delay = (seen_at - sent_at).total_seconds()
                longest[partition] = max(longest[partition], delay)
            return longest
        finally:
            await connection.close()

    async def _partitions(self, since: datetime) -> dict[UUID, tuple[int, datetime]]:
        """The partition of each event that motivation handles, and when Kafka had it."""
        events: dict[UUID, tuple[int, datetime]] = {}
        async with AIOKafkaConsumer(
            self.installation.namespace + ACTIVITIES,
            **self.installation.kafka.client_options(),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        ) as reader:
            while batch := await reader.getmany(timeout_ms=1000):
                for records in batch.values():
                    for record in records:
                        sent_at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
                        headers = {name: value.decode() for name, value in record.headers}
                        if sent_at >= since and headers["ce_type"] == "activity.registered":
                            events[UUID(headers["ce_id"])] = (record.partition, sent_at)
        return events


@pytest.fixture
def provisioned(servers: Servers) -> Iterator[Installation]:
    """A set-up that no other test's processes join."""
    with a_provisioned_namespace(servers) as installation:
        yield installation


@pytest_asyncio.fixture
async def replicas(
    provisioned: Installation, service: Callable[..., Service]
) -> AsyncIterator[Replicas]:
    first = service("motivation", SALES_INSTANCE="motivation-0")
    second = service("motivation", port=free_ports(1)[0], SALES_INSTANCE="motivation-1")
    processes = [first, second, *(service(name) for name in ("activities", "vip", "gateway"))]
    for process in processes:
        process.spawn()
    for process in processes:
        process.wait_ready()
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(provisioned.url("gateway"), timeout=timeout) as http:
        office = await open_office(ApiClient(http), provisioned.secrets.operator_key)
        running = Replicas(provisioned, office, first, second)
        await running.register_during(lambda: None)
        yield running


async def test_a_killed_replica_delays_only_its_own_events(replicas: Replicas) -> None:
    def kill_and_start() -> None:
        replicas.second.kill()
        replicas.second.start()

    delays = await replicas.register_during(kill_and_start)
    others, own = _halves(delays)
    # A group of strangers stands still until the dead one's session ends, 10 s later.
    assert others < 6, delays
    assert others < own, delays


@pytest.mark.slow
async def test_a_restarted_replica_delays_nobody_elses_events(replicas: Replicas) -> None:
    def restart() -> None:
        replicas.second.stop()
        replicas.second.start()

    others, _ = _halves(await replicas.register_during(restart))
    assert others < 0.5


def _halves(delays: dict[int, float]) -> tuple[float, float]:
    """The longest delay of the half of the partitions that were served better, and of the rest."""
    assert len(delays) == PARTITIONS, f"some partition got no event: {delays}"
    ordered = sorted(delays.values())
    return ordered[PARTITIONS // 2 - 1], ordered[-1]
