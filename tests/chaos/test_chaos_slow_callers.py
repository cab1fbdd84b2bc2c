"""Callers who are slow, or too fast, keep nobody else waiting."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import pytest_asyncio

from tests.chaos.calls import Json
from tests.chaos.cluster import Cluster
from tests.chaos.shop import Shop
from tests.support.service_process import UNLIMITED


@pytest_asyncio.fixture
async def slow_callers(
    cluster: Cluster, shop: Shop, mine: Json
) -> AsyncIterator[list[asyncio.StreamReader]]:
    """A hundred half requests at each gateway and service, and nobody who goes on with them."""
    writers, readers = [], []
    urls = [replica.service.url for replica in cluster.replicas]
    for url in urls:
        where = urlsplit(url)
        for number in range(100):
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            head = (
                f"POST /api/v1/activities/{mine['id']}/payments HTTP/1.1\r\nhost:"
                f" x\r\nauthorization: Bearer {shop.sellers[0].token}\r\n"
            )
            body = (
                "content-type: application/json\r\ncontent-length: 100\r\n\r\n{"
                if number % 2
                else ""
            )
            writer.write((head + body).encode())
            writers.append(writer)
            readers.append(reader)
    yield readers
    for writer in writers:
        writer.transport.abort()


async def test_slow_callers_hold_no_connection_of_the_database(
    cluster: Cluster, shop: Shop, slow_callers: list[asyncio.StreamReader]
) -> None:
    database: Any = await asyncpg.connect(cluster.installation.postgres_url)
    try:
        await asyncio.sleep(1)
        busy = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE $1 AND state LIKE 'idle in"
            " transaction%'"
        )
        held = []
        for _ in range(10):
            await asyncio.sleep(0.1)
            held.append(await database.fetchval(busy, cluster.installation.namespace + "%"))
        assert min(held) == 0, held
        started = time.monotonic()
        calls = await asyncio.gather(
            *(shop.register(by=seller, take=True) for seller in shop.sellers * 8)
        )
        assert len(calls) == 16 and time.monotonic() - started < 10
    finally:
        await database.close()


async def test_a_rate_limited_caller_learns_when_to_retry_and_others_go_on(
    cluster: Cluster, shop: Shop
) -> None:
    replica = cluster.of("gateway")[0]
    replica.service.kill()
    replica.service.environment["SALES_CALLER_UNITS_PER_SECOND"] = "5"
    await cluster.mend()
    greedy, modest = shop.sellers
    try:
        async with aiohttp.ClientSession(replica.service.url) as http:

            async def knock(token: str) -> tuple[int, str | None, Any]:
                async with http.get(
                    "/api/v1/me", headers={"authorization": f"Bearer {token}"}
                ) as response:
                    return (
                        response.status,
                        response.headers.get("retry-after"),
                        await response.json(),
                    )

            answers = await asyncio.gather(*(knock(greedy.token) for _ in range(40)))
            assert {status for status, _, _ in answers} == {200, 429}
            late = [(after, body) for status, after, body in answers if status == 429]
            assert all(
                body["code"] == "rate_limited" and after == str(body["retry_after_seconds"])
                for after, body in late
            )
            assert (await knock(modest.token))[0] == 200
            await asyncio.sleep(max(int(after or 0) for after, _ in late))
            assert (await knock(greedy.token))[0] == 200
    finally:
        replica.service.kill()
        replica.service.environment |= UNLIMITED
        await cluster.mend()
