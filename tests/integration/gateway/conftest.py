"""A real gateway process before stub services, and the read models on a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from deploy.environment import Installation
from tests.integration.gateway.models import ReadModels, read_models_of
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant, provision
from tests.support.bus import Bus, open_bus
from tests.support.service_process import Service
from tests.support.stub_server import serving
from tests.support.wait import eventually

GRACE_SECONDS = 2
PROXY = "127.0.0.77"
"""Whose forwarded headers the gateway believes."""


@pytest.fixture(scope="session")
async def stub_server(provisioned: Installation) -> AsyncIterator[StubServices]:
    """One server for all three services."""
    server = StubServices(provisioned)
    async with serving(server.app, server.port):
        yield server


@pytest.fixture
def services(stub_server: StubServices) -> StubServices:
    """The stub services without replies and requests."""
    stub_server.replies.clear()
    stub_server.requests.clear()
    return stub_server


@pytest.fixture(scope="session")
def gateway(
    provisioned: Installation, stub_server: StubServices, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    process = Service.of(
        provisioned,
        "gateway",
        tmp_path_factory.mktemp("gateway"),
        SALES_ACTIVITIES_URL=stub_server.url("activities"),
        SALES_VIP_URL=stub_server.url("vip"),
        SALES_MOTIVATION_URL=stub_server.url("motivation"),
        SALES_BODY_SECONDS="1",
        SALES_OIDC_INSECURE="1",
        SALES_PUBLIC_URL=provisioned.url("gateway"),
        SALES_SERVICE_SECONDS="2",
        SALES_STREAM_HEARTBEAT_SECONDS="1",
        SALES_TRUSTED_PROXIES=PROXY,
        SALES_REFRESH_GRACE_SECONDS=str(GRACE_SECONDS),
    )
    yield process
    process.stop()


@pytest.fixture(scope="session")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def tenant(
    gateway: Service,
    provisioned: Installation,
    services: StubServices,
    session: aiohttp.ClientSession,
) -> Tenant:
    # The stub services answer from this loop: nothing may hold it while the gateway asks.
    if not gateway.runs:
        await asyncio.to_thread(gateway.start)
        await eventually(lambda: _has_read_models(gateway, session), every=0.2)
    return await provision(session, gateway.url, provisioned.secrets.operator_key)


async def _has_read_models(gateway: Service, session: aiohttp.ClientSession) -> bool:
    """Readiness without them is enough to sign in, not to read."""
    async with session.get(f"{gateway.internal_url}/health/ready") as answer:
        return "read_models" not in (await answer.json())["degraded"]


@pytest.fixture
async def models(provisioned: Installation) -> AsyncIterator[ReadModels]:
    async with read_models_of(provisioned) as models:
        yield models


@pytest.fixture
async def bus(provisioned: Installation) -> AsyncIterator[Bus]:
    async with open_bus(provisioned) as bus:
        yield bus
