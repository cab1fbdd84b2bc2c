"""Partitions that are added while people work: nothing is lost, and each key keeps its order."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator

import aiohttp
import asyncpg
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient

from deploy.environment import SERVICES, Installation
from deploy.partitions import NotAdded, add_partitions
from shared.events import ACTIVITIES
from shared.outbox.relay import LOCK_CLASS
from tests.e2e.office import Office, open_office
from tests.support.client import ApiClient
from tests.support.consumption import Consumption
from tests.support.servers import Servers
from tests.support.servers import provisioned as a_provisioned_namespace
from tests.support.service_process import Service

BEFORE, AFTER = 6, 16


@pytest.fixture(scope="module")
def provisioned(servers: Servers) -> Iterator[Installation]:
    """A set-up that no other test's processes join."""
    with a_provisioned_namespace(servers) as installation:
        yield installation


@pytest_asyncio.fixture
async def office(
    provisioned: Installation, service: Callable[..., Service]
) -> AsyncIterator[Office]:
    processes = [service(name) for name in SERVICES]
    for process in processes:
        process.spawn()
    for process in processes:
        process.wait_ready()
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(provisioned.url("gateway"), timeout=timeout) as http:
        yield await open_office(ApiClient(http), provisioned.secrets.operator_key)


@pytest.mark.timeout(240)
async def test_partitions_are_added_while_people_work_and_each_key_keeps_its_order(
    provisioned: Installation, office: Office
) -> None:
    made: list[str] = []
    adding = asyncio.create_task(add_partitions(provisioned, AFTER))
    while not adding.done() or len(made) < 20:
        activity = await office.register("plain", by=office.anna, take=True)
        await office.anna.do(f"/activities/{activity['id']}/interactions", {"kind": "call"})
        made.append(activity["id"])
    assert f"{provisioned.namespace}{ACTIVITIES}: {BEFORE} -> {AFTER}" in await adding
    assert await add_partitions(provisioned, AFTER) == []
    for activity_id in made:
        await office.anna.do(f"/activities/{activity_id}/interactions", {"kind": "call"})
    await _settled(provisioned)
    places = await _places(provisioned)
    partitions = {partition for each in places.values() for _, _, partition, _ in each}
    assert max(partitions) >= BEFORE
    for activity_id in made:
        key = f"{office.tenant.id}:{activity_id}"
        in_time = sorted(places[key])
        versions = [version for *_, version in in_time]
        assert versions == sorted(versions), in_time
    desk = await office.anna.see("/desk")
    shown = {card["id"] for cards in desk["mine"].values() for card in cards}
    assert shown >= set(made[-5:])


@pytest.mark.timeout(120)
async def test_partitions_are_not_added_where_a_relay_goes_on(
    provisioned: Installation, office: Office
) -> None:
    stubborn = await asyncpg.connect(provisioned.database_url("vip", "worker"))
    await stubborn.fetchval("SELECT pg_advisory_lock($1, 60)", LOCK_CLASS)
    with pytest.raises(NotAdded, match="relays of vip still publish"):
        await add_partitions(provisioned, AFTER + 1, seconds=3)
    await stubborn.close()
    with pytest.raises(NotAdded, match="cannot be made fewer"):
        await add_partitions(provisioned, 1)
    await office.register("plain", by=office.anna)
    await _settled(provisioned)


async def _settled(installation: Installation) -> None:
    options = installation.kafka.client_options()
    admin = AIOKafkaAdminClient(**options)
    await admin.start()
    async with AIOKafkaConsumer(**options) as consumer:
        consumption = Consumption(installation, consumer, admin)
        await consumption.settle(90)
        assert not any((await consumption.dead_letters()).values())
    await admin.close()


async def _places(installation: Installation) -> dict[str, list[tuple[int, int, int, int]]]:
    """When each record was sent, its offset, partition and version, by key."""
    places: dict[str, list[tuple[int, int, int, int]]] = defaultdict(list)
    async with AIOKafkaConsumer(
        installation.namespace + ACTIVITIES,
        **installation.kafka.client_options(),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    ) as reader:
        while batch := await reader.getmany(timeout_ms=2000):
            for record in (record for records in batch.values() for record in records):
                version = int(dict(record.headers)["ce_aggregateversion"])
                place = (record.timestamp, record.offset, record.partition, version)
                places[record.key.decode()].append(place)
    return places
