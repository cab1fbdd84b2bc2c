"""A cluster for the session of these tests, and tenants to try things in."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from tests.chaos.calls import Gateways, Json
from tests.chaos.cluster import Cluster, standing
from tests.chaos.shop import Shop

NewShop = Callable[..., Awaitable[Shop]]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Two processes of every service. Sweepers look often, so that a race meets them."""
    with standing(SALES_SWEEP_SECONDS="0.5") as found:
        yield found


@pytest_asyncio.fixture(scope="session")
async def gateways(cluster: Cluster) -> AsyncIterator[Gateways]:
    opened = Gateways(cluster.gateways)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def new_shop(cluster: Cluster, gateways: Gateways) -> NewShop:
    """Make a tenant: `await new_shop(8, retake_cooldown_seconds=2)`."""

    async def make(sellers: int, **settings: int) -> Shop:
        return await Shop.open(
            gateways, cluster.installation.secrets.operator_key, sellers, **settings
        )

    return make


@pytest_asyncio.fixture(scope="session")
async def mixed_shop(new_shop: NewShop) -> Shop:
    """Eight sellers without a cooldown, whose activities reset."""
    return await new_shop(8, activity_reset_days=14)


@pytest_asyncio.fixture(scope="session")
async def activities_db(cluster: Cluster) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A superuser's session: what the tests look at, and bring about where time would have to
    pass.
    """
    connection = await asyncpg.connect(cluster.installation.admin_url("activities"))
    yield connection
    await connection.close()


@pytest_asyncio.fixture(scope="module")
async def shop(new_shop: NewShop) -> Shop:
    return await new_shop(2)


@pytest_asyncio.fixture(scope="module")
async def mine(shop: Shop) -> Json:
    """An activity in work of the first seller."""
    return await shop.register(by=shop.sellers[0], take=True)
