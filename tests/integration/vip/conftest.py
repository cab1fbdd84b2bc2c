"""A vip process on real servers, and worlds to try it in."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import asyncpg
import orjson
import pytest
import pytest_asyncio

from deploy.environment import Installation
from services.vip.consumers import subscription
from services.vip.replicas import Owner as OwnerClient
from services.vip.timers import Sweeper
from shared.db import Database
from shared.replicas.peer import PeerClient
from tests.integration.vip.world import Owner, World
from tests.servers import Servers, Service
from tests.servers import provisioned as a_set_up

NewWorld = Callable[..., Awaitable[World]]


@pytest.fixture(scope="session")
def provisioned(servers: Servers) -> Iterator[Installation]:
    """A set-up of these tests alone: the owner's stand-in listens where the activities service
    would.
    """
    with a_set_up(servers) as installation:
        yield installation


@pytest_asyncio.fixture(scope="session")
async def owner(provisioned: Installation) -> AsyncIterator[Owner]:
    """What answers where the activities service would."""
    stand_in = Owner()
    runner = await stand_in.start(provisioned.ports["activities"])
    yield stand_in
    await runner.cleanup()


@pytest_asyncio.fixture(scope="session")
async def process(
    provisioned: Installation, owner: Owner, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """The vip service without its sweeper: tests say when time has passed."""
    folder: Path = tmp_path_factory.mktemp("vip")
    service = Service.of(provisioned, "vip", folder, SALES_PARTS="api,consumers,relay").start()
    yield service
    service.stop()


@pytest_asyncio.fixture(scope="session")
async def database(provisioned: Installation) -> AsyncIterator[Database]:
    """The service's database under the role that the service has."""
    opened = await Database(provisioned.database_url("vip", "app"), name="vip-tests").open()
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="session")
async def sweeper(
    provisioned: Installation, database: Database, owner: Owner
) -> AsyncIterator[Sweeper]:
    worker = await Database(
        provisioned.database_url("vip", "worker"), connections=1, name="vip-worker"
    ).open()
    neighbour = PeerClient(provisioned.url("activities"), provisioned.secrets.internal_secret)
    await neighbour.open()
    yield Sweeper(database, worker, OwnerClient(neighbour, subscription))
    await neighbour.close()
    await worker.close()


@pytest_asyncio.fixture(scope="session")
async def new_world(
    provisioned: Installation, database: Database, process: Service
) -> AsyncIterator[NewWorld]:
    """Make a tenant: `await new_world(development=2, receipts=1, reset_days=30)`."""
    reader = await asyncpg.connect(provisioned.admin_url("vip"))
    await reader.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=orjson.loads)
    async with aiohttp.ClientSession(process.url) as http:

        async def make(**room_settings: int) -> World:
            return await World(database, reader, http, provisioned.secrets.internal_secret).enter(
                **room_settings
            )

        yield make
    await reader.close()
