"""A gateway as a real process before a stand-in of the services, and the read models on a real
Redis.
"""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from deploy.environment import Installation
from tests.integration.gateway.bus import Bus, open_bus
from tests.integration.gateway.models import ReadModels, read_models_of
from tests.integration.gateway.standin import StandIn
from tests.integration.gateway.world import Tenant, provision
from tests.support.servers import Service


@pytest.fixture(scope="session")
async def standin(provisioned: Installation) -> AsyncIterator[StandIn]:
    """One server for all three services."""
    server = StandIn(provisioned.secrets.internal_secret)
    runner = await server.start()
    yield server
    await runner.cleanup()


@pytest.fixture
def said(standin: StandIn) -> Iterator[StandIn]:
    """The stand-in with nothing said or asked yet."""
    standin.replies.clear()
    standin.asked.clear()
    yield standin


@pytest.fixture(scope="session")
def gateway(
    provisioned: Installation, standin: StandIn, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    one = Service.of(
        provisioned,
        "gateway",
        tmp_path_factory.mktemp("gateway"),
        SALES_ACTIVITIES_URL=standin.url,
        SALES_VIP_URL=standin.url,
        SALES_MOTIVATION_URL=standin.url,
        SALES_BODY_SECONDS="1",
        SALES_SERVICE_SECONDS="2",
        SALES_STREAM_HEARTBEAT_SECONDS="1",
    )
    yield one
    one.stop()


@pytest.fixture(scope="session")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


@pytest.fixture
async def tenant(
    gateway: Service, provisioned: Installation, said: StandIn, session: aiohttp.ClientSession
) -> Tenant:
    if not gateway.is_ready():
        gateway.start()
    return await provision(session, gateway.url, provisioned.secrets.operator_key)


@pytest.fixture
async def models(provisioned: Installation) -> AsyncIterator[ReadModels]:
    async with read_models_of(provisioned) as models:
        yield models


@pytest.fixture
async def bus(provisioned: Installation) -> AsyncIterator[Bus]:
    async with open_bus(provisioned) as bus:
        yield bus
