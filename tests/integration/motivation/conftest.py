"""The motivation service's database, tenants, and the service as a process."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiokafka import AIOKafkaProducer

from deploy.environment import Installation
from services.motivation.consumers import PayContext, subscription
from services.motivation.metrics import MotivationMetrics
from services.motivation.replicas import Directory
from shared.db import Database
from tests.integration.motivation.tenant import Away, Tenant
from tests.integration.motivation.world import Owner, World
from tests.servers import Service, free_ports


@pytest.fixture(scope="session")
async def database(provisioned: Installation) -> AsyncIterator[Database]:
    found = await Database(provisioned.database_url("motivation", "app"), 16).open()
    yield found
    await found.close()


@pytest.fixture(scope="session")
async def worker(provisioned: Installation) -> AsyncIterator[Database]:
    found = await Database(provisioned.database_url("motivation", "worker"), 2).open()
    yield found
    await found.close()


@pytest.fixture(scope="session")
def metrics() -> MotivationMetrics:
    return MotivationMetrics()


@pytest.fixture
async def tenant(database: Database, metrics: MotivationMetrics) -> Tenant:
    """A tenant whose directory was heard."""
    directory = Directory(database, subscription, Away())
    found = Tenant(database, PayContext(database, directory, metrics))
    await found.hear(*found.directory())
    return found


@pytest.fixture(scope="session")
async def owner() -> AsyncIterator[tuple[Owner, str]]:
    found = Owner()
    (port,) = free_ports(1)
    runner = web.AppRunner(found.app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield found, f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest.fixture(scope="session")
def running(
    provisioned: Installation, owner: tuple[Owner, str], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    one = Service.of(
        provisioned,
        "motivation",
        tmp_path_factory.mktemp("motivation"),
        SALES_ACTIVITIES_URL=owner[1],
    )
    one.start()
    yield one
    one.stop()


@pytest.fixture
async def world(
    provisioned: Installation,
    running: Service,
    owner: tuple[Owner, str],
    database: Database,
    tenant: Tenant,
) -> AsyncIterator[World]:
    """A tenant of which the service knows nothing, and the owner everything."""
    fresh = Tenant(database, tenant.context)
    owner[0].known = {str(fact.envelope.subject): fact for fact in fresh.directory()}
    producer = AIOKafkaProducer(bootstrap_servers=provisioned.kafka)
    await producer.start()
    async with aiohttp.ClientSession(running.url) as session:
        yield World(fresh, owner[0], running, provisioned, session, producer)
    await producer.stop()
