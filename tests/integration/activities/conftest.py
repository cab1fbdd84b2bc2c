"""An activities process on real servers, without its timers: tests run them."""

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import asyncpg
import pytest
import pytest_asyncio

from deploy.environment import Installation
from services.activities.jobs import JOBS
from services.activities.metrics import ActivityMetrics
from shared.db import Database
from shared.jobs.runner import JobRunner
from shared.jobs.worker import JobWorker
from shared.service_context import ServiceContext
from tests.integration.activities.importing import Importer
from tests.integration.activities.shop import Shop
from tests.integration.activities.tenant import Tenant
from tests.support.service_client import ServiceClient
from tests.support.service_process import Service

NewTenant = Callable[..., Awaitable[Tenant]]


@pytest_asyncio.fixture(scope="session")
async def database(provisioned: Installation) -> AsyncIterator[Database]:
    """The service's database under the role that the service has."""
    opened = await Database(
        provisioned.database_url("activities", "app"), name="activities-tests"
    ).open()
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="session")
async def worker(provisioned: Installation) -> AsyncIterator[Database]:
    opened = await Database(
        provisioned.database_url("activities", "worker"), connections=2, name="activities-worker"
    ).open()
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="session")
async def context(worker: Database, database: Database) -> ServiceContext:
    """The context in which the service's timers and jobs run."""
    return ServiceContext(
        settings=None, metrics=ActivityMetrics(), database=database, worker=worker, jobs=JOBS
    )


@pytest_asyncio.fixture(scope="session")
async def job_worker(context: ServiceContext) -> JobWorker:
    """The service's worker, to run until idle."""
    return JobWorker(JobRunner(context), context.worker, context.metrics, poll_seconds=1)


@pytest_asyncio.fixture(scope="session")
async def new_tenant(
    provisioned: Installation, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[NewTenant]:
    """Make a tenant: `await new_tenant(retake_cooldown_seconds=60)`."""
    service = Service.of(
        provisioned, "activities", tmp_path_factory.mktemp("activities"), SALES_PARTS="api"
    ).start()
    reader = await asyncpg.connect(provisioned.admin_url("activities"))
    async with aiohttp.ClientSession(service.url) as http:
        api = ServiceClient.of(http, provisioned, "activities")

        async def make(**room_settings: int) -> Tenant:
            return await Tenant(api, reader).provision(**room_settings)

        yield make
    await reader.close()
    service.stop()


@pytest.fixture
async def shop(new_tenant: NewTenant) -> Shop:
    tenant = await new_tenant(renewal_horizon_days=40)
    made = Shop(tenant, await tenant.user(), await tenant.user("head"), "")
    made.product_id = await made.product()
    return made


@pytest.fixture
async def importer(new_tenant: NewTenant, job_worker: JobWorker) -> Importer:
    tenant = await new_tenant()
    return Importer(tenant, await tenant.user("head"), job_worker)
