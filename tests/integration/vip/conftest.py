"""A vip process on real servers, and tenants of its own for each test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import asyncpg
import orjson
import pytest
import pytest_asyncio

from deploy.environment import Installation
from services.vip.jobs import JOBS
from services.vip.metrics import VipMetrics
from shared.db import Database
from shared.events.vip import VipEvent
from shared.jobs.runner import JobRunner
from shared.jobs.worker import JobWorker
from shared.replicas import PeerClient
from shared.service_context import ServiceContext
from tests.integration.vip.tenant import Tenant
from tests.support.servers import Servers
from tests.support.servers import provisioned as provisioned_namespace
from tests.support.service_client import ServiceClient, issuer_of
from tests.support.service_process import Service
from tests.support.stub_owner import StubOwner
from tests.support.stub_server import serving

NewTenant = Callable[..., Awaitable[Tenant]]


@pytest.fixture(scope="session")
def provisioned(servers: Servers) -> Iterator[Installation]:
    """A namespace of these tests alone: the stub owner listens where the activities service
    would.
    """
    with provisioned_namespace(servers) as installation:
        yield installation


@pytest_asyncio.fixture(scope="session")
async def owner(provisioned: Installation) -> AsyncIterator[StubOwner]:
    """The stub that listens where the activities service would."""
    stub = StubOwner()
    async with serving(stub.app, provisioned.ports["activities"]):
        yield stub


@pytest_asyncio.fixture(scope="session")
async def process(
    provisioned: Installation, owner: StubOwner, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """The vip service without its timers and jobs: tests say when they run."""
    folder: Path = tmp_path_factory.mktemp("vip")
    service = Service.of(provisioned, "vip", folder, SALES_PARTS="api,consumers,relay").start()
    yield service
    service.stop()


@pytest_asyncio.fixture(scope="session")
async def context(provisioned: Installation, owner: StubOwner) -> AsyncIterator[ServiceContext]:
    """The context of the service's timers and consumers."""
    database = Database(provisioned.database_url("vip", "app"), name="vip-tests")
    worker = Database(provisioned.database_url("vip", "worker"), connections=1, name="vip-worker")
    activities = PeerClient(
        provisioned.url("activities"), "activities", issuer_of(provisioned, "vip")
    )
    for part in (database, worker, activities):
        await part.open()
    yield ServiceContext(
        settings=None,
        metrics=VipMetrics(),
        database=database,
        worker=worker,
        peers={"activities": activities},
        pushes={VipEvent: "activities"},
        jobs=JOBS,
    )
    for part in (activities, worker, database):
        await part.close()


@pytest.fixture(scope="session")
def job_runner(context: ServiceContext) -> JobRunner:
    return JobRunner(context)


@pytest.fixture(scope="session")
def job_worker(context: ServiceContext, job_runner: JobRunner) -> JobWorker:
    """The service's worker, to run until idle."""
    return JobWorker(job_runner, context.worker, context.metrics, poll_seconds=1)


@pytest_asyncio.fixture(scope="session")
async def new_tenant(
    provisioned: Installation, context: ServiceContext, process: Service, owner: StubOwner
) -> AsyncIterator[NewTenant]:
    """Make a tenant: `await new_tenant(development=2, receipts=1, reset_days=30)`."""
    reader = await asyncpg.connect(provisioned.admin_url("vip"))
    await reader.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=orjson.loads)
    async with aiohttp.ClientSession(process.url) as http:
        api = ServiceClient.of(http, provisioned, "vip")

        async def create(**room_settings: int) -> Tenant:
            return await Tenant(context, reader, api, owner).create(**room_settings)

        yield create
    await reader.close()
