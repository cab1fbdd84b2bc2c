"""PostgreSQL takes no writes for a while, as after a failover to a standby: commands are to be sent
again, and everything that was sold meanwhile is paid afterwards.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import asyncpg
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.environment import Installation
from shared.bus.dead_letters import topic_for
from shared.events import ACTIVITIES
from tests.e2e.conftest import Product
from tests.e2e.office import Office
from tests.support.money import rub
from tests.support.wait import eventually

SALES = 6
AWAY_SECONDS = 6
SetReadOnly = Callable[[bool], Awaitable[None]]


@pytest_asyncio.fixture
async def set_read_only(product: Product) -> AsyncIterator[SetReadOnly]:
    """Whether the databases of vip and motivation take writes; their sessions are ended."""
    installation = product.installation
    databases = [installation.database(service) for service in ("vip", "motivation")]
    server = await asyncpg.connect(installation.postgres_url)

    async def set_(read_only: bool) -> None:
        for database in databases:
            setting = "on" if read_only else "off"
            await server.execute(
                f'ALTER DATABASE "{database}" SET default_transaction_read_only = {setting}'
            )
        await server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY($1)",
            databases,
        )

    yield set_
    await set_(False)
    await server.close()


async def _letters(installation: Installation, consumers: Iterable[str]) -> int:
    """How many dead letters of activities' events these services have had."""
    async with AIOKafkaConsumer(**installation.kafka.client_options()) as reader:
        topics = [
            topic_for(installation.namespace + ACTIVITIES, consumer) for consumer in consumers
        ]
        ends = await reader.end_offsets([TopicPartition(topic, 0) for topic in topics])
    return sum(ends.values())


async def test_what_was_sold_during_a_failover_is_paid_afterwards(
    office: Office, product: Product, set_read_only: SetReadOnly
) -> None:
    await office.publish_plan([{"kind": "fixed", "amount": rub("10.00")}])
    letters = await _letters(product.installation, ("vip", "motivation"))
    held = await office.register("plain", by=office.anna)
    await set_read_only(True)
    won = [await office.win(office.anna, "plain") for _ in range(SALES)]
    refused = await office.anna.call(
        "POST",
        "/vip",
        {
            "company_id": held["company_id"],
            "room_id": held["room_id"],
            "client_id": held["client"]["id"],
        },
    )
    assert (refused.status, refused.code) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) >= 1
    await asyncio.sleep(AWAY_SECONDS)
    await set_read_only(False)

    async def all_are_paid() -> bool:
        statement = await office.anna.see("/motivation/statement")
        paid = {line["activity_id"] for line in statement["lines"]}
        return {activity["id"] for activity in won} <= paid

    await eventually(all_are_paid, 60)
    assert await _letters(product.installation, ("vip", "motivation")) == letters
