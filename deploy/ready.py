"""Whether a server of ours answers as it must: each check is one try and raises when it does
not.
"""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
from aiokafka.client import AIOKafkaClient

from shared.bus.connection import KafkaConnection
from shared.redis_address import RedisAddress


class NotReady(Exception):
    """A server did not answer in time; the text names it and the last reason."""


async def kafka(connection: KafkaConnection) -> None:
    """A broker is registered with the cluster and not fenced."""
    # The client complains loudly about a port that is still closed, so that is found out first.
    host, _, port = connection.bootstrap.partition(",")[0].rpartition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.close()
    client = AIOKafkaClient(**connection.client_options(), request_timeout_ms=5000)
    try:
        await client.bootstrap()
        if not client.cluster.brokers():
            raise ConnectionError("no broker is registered yet")
    finally:
        await client.close()


async def postgres(url: str) -> None:
    """A session opens and a statement runs."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        await connection.execute("SELECT 1")
    finally:
        await connection.close()


async def redis(url: str) -> None:
    """The server answers and has loaded its data."""
    client = RedisAddress.parse(url).client()
    try:
        await client.ping()
    finally:
        await client.aclose()


async def wait(name: str, check: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Try `check` until it passes.

    Raises:
        NotReady: it did not within `seconds`.
    """
    last: BaseException | None = None
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    return await check()
                except Exception as error:
                    last = error
                await asyncio.sleep(0.2)
    except TimeoutError:
        reason = f"{type(last).__name__}: {last}" if last else "no answer"
        raise NotReady(f"{name} is not ready after {seconds:.0f} s: {reason}") from None
