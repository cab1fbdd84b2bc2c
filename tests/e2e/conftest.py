"""One running product for the whole session, and an office of its own for each module."""

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient

from deploy.environment import SERVICES, Installation
from tests.e2e.office import Office, open_office
from tests.support.client import ApiClient
from tests.support.consumption import Consumption
from tests.support.servers import Servers, provisioned
from tests.support.service_process import Service


@dataclass(frozen=True)
class Product:
    """The four services as real processes."""

    installation: Installation
    services: dict[str, Service]

    @property
    def url(self) -> str:
        """Of the gateway."""
        return self.installation.url("gateway")

    @property
    def operator_key(self) -> str:
        return self.installation.secrets.operator_key


@pytest.fixture(scope="session")
def product(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Activities, vip, motivation and the gateway, until the session ends; a set-up that no other
    test's processes join.
    """
    folder = tmp_path_factory.mktemp("services")
    with provisioned(servers) as installation:
        services = {name: Service.of(installation, name, folder) for name in SERVICES}
        try:
            for one in services.values():
                one.spawn()
            for one in services.values():
                one.wait_ready()
            yield Product(installation, services)
        finally:
            with ThreadPoolExecutor() as threads:
                list(threads.map(lambda one: one.stop(), services.values()))


@pytest_asyncio.fixture(scope="session")
async def gateway(product: Product) -> AsyncIterator[ApiClient]:
    """The door, unproxied."""
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(
        product.url, timeout=timeout, connector=aiohttp.TCPConnector(limit=0)
    ) as http:
        yield ApiClient(http)


@pytest_asyncio.fixture(scope="module")
async def office(gateway: ApiClient, product: Product) -> Office:
    """A tenant that no other module sees."""
    return await open_office(gateway, product.operator_key)


@pytest_asyncio.fixture(scope="module")
async def consumption(product: Product) -> AsyncIterator[Consumption]:
    """Waits for every event to be taken in everywhere."""
    kafka = product.installation.kafka.client_options()
    admin = AIOKafkaAdminClient(**kafka)
    await admin.start()
    async with AIOKafkaConsumer(**kafka) as consumer:
        yield Consumption(product.installation, consumer, admin)
    await admin.close()
