"""The motivation service's database, tenants, and the service as a process."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from deploy.environment import Installation
from services.motivation.consumers import subscription
from services.motivation.jobs import JOBS
from services.motivation.metrics import MotivationMetrics
from shared.db import Database
from shared.replicas import ReplicaLoader
from shared.service_context import ServiceContext
from tests.integration.motivation.api import TenantApi
from tests.integration.motivation.tenant import Tenant, UnavailableOwner
from tests.support.bus import open_bus
from tests.support.servers import free_ports
from tests.support.service_client import ServiceClient
from tests.support.service_process import Service
from tests.support.stub_owner import StubOwner
from tests.support.stub_server import serving


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
        replicas=ReplicaLoader(database, subscription, UnavailableOwner()),
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
def owner() -> StubOwner:
    """The stub of the activities service."""
    return StubOwner()


@pytest.fixture(scope="session")
async def owner_url(owner: StubOwner) -> AsyncIterator[str]:
    """The address of the stub of the activities service."""
    (port,) = free_ports(1)
    async with serving(owner.app, port) as url:
        yield url


@pytest.fixture(scope="session")
def process(
    provisioned: Installation, owner_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("motivation")
    service = Service.of(
        provisioned,
        "motivation",
        folder,
        # Jobs and timers are run by the tests, step by step.
        SALES_PARTS="api,consumers,relay",
        SALES_ACTIVITIES_URL=owner_url,
    )
    service.start()
    yield service
    service.stop()


@pytest.fixture
async def api(
    provisioned: Installation, process: Service, owner: StubOwner, context: ServiceContext
) -> AsyncIterator[TenantApi]:
    """A tenant of whom the service has no replicas, and the owner all snapshots."""
    tenant = Tenant(context)
    owner.owns_published(*tenant.directory())
    async with open_bus(provisioned) as bus, aiohttp.ClientSession(process.url) as http:
        client = ServiceClient.of(http, provisioned, "motivation")
        yield TenantApi(tenant, owner, process, provisioned, client, bus)
