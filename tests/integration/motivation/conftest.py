"""The motivation service's database, tenants, and the service as a process."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from aiohttp import web
from aiokafka import AIOKafkaProducer

from deploy.environment import Installation
from services.motivation.consumers import subscription
from services.motivation.jobs import JOBS
from services.motivation.metrics import MotivationMetrics
from shared.db import Database
from shared.replicas import ReplicaLoader
from shared.service_context import ServiceContext
from tests.integration.motivation.tenant import AwayOwner, Tenant
from tests.integration.motivation.world import Owner, World
from tests.support.servers import Service, free_ports


@pytest.fixture(scope="session")
async def context(provisioned: Installation) -> AsyncIterator[ServiceContext]:
    """The service's context, as a test uses it without the process around it."""
    database = await Database(provisioned.database_url("motivation", "app"), 16).open()
    worker = await Database(provisioned.database_url("motivation", "worker"), 2).open()
    yield ServiceContext(
        settings=None,
        metrics=MotivationMetrics(),
        database=database,
        worker=worker,
        jobs=JOBS,
        replicas=ReplicaLoader(database, subscription, AwayOwner()),
    )
    await worker.close()
    await database.close()


@pytest.fixture
async def tenant(context: ServiceContext) -> Tenant:
    """A tenant whose directory was consumed."""
    tenant = Tenant(context)
    await tenant.consume(*tenant.directory())
    return tenant


@pytest.fixture(scope="session")
async def owner() -> AsyncIterator[tuple[Owner, str]]:
    """The stub of the activities service, and its address."""
    owner = Owner()
    (port,) = free_ports(1)
    runner = web.AppRunner(owner.app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield owner, f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest.fixture(scope="session")
def running(
    provisioned: Installation, owner: tuple[Owner, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    service = Service.of(
        provisioned,
        "motivation",
        tmp_path_factory.mktemp("motivation"),
        SALES_ACTIVITIES_URL=owner[1],
    )
    service.start()
    yield service
    service.stop()


@pytest.fixture
async def world(
    provisioned: Installation,
    running: Service,
    owner: tuple[Owner, str],
    context: ServiceContext,
) -> AsyncIterator[World]:
    """A tenant of whom the service has no replicas, and the owner all snapshots."""
    tenant = Tenant(context)
    owner[0].events = {str(event.envelope.subject): event for event in tenant.directory()}
    producer = AIOKafkaProducer(bootstrap_servers=provisioned.kafka)
    await producer.start()
    async with aiohttp.ClientSession(running.url) as session:
        yield World(tenant, owner[0], running, provisioned, session, producer)
    await producer.stop()
