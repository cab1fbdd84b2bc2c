"""Live connections of this process: one reader of the tenants' streams, and a bounded queue for
each connection.
"""

import asyncio
from collections import defaultdict
from typing import Any

import structlog
from redis.exceptions import RedisError

from services.gateway.live.audience import Change, order
from services.gateway.live.publisher import STREAM_LENGTH
from services.gateway.metrics import GatewayMetrics
from services.gateway.read_models.keys import stream
from shared.ids import TenantId

log = structlog.get_logger()
QUEUED = 1_000
_BLOCK_MILLISECONDS = 250


class Connection:
    """One listener.

    `overrun` is set once it does not keep up; it then ends, and resumes where it stopped.
    """

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Change] = asyncio.Queue(QUEUED)
        self.overrun = asyncio.Event()

    def offer(self, change: Change) -> None:
        try:
            self.queue.put_nowait(change)
        except asyncio.QueueFull:
            self.overrun.set()


class Hub:
    """The connections by tenant, fed by `run`."""

    def __init__(self, redis: Any, namespace: str, metrics: GatewayMetrics) -> None:
        self._redis, self._namespace, self._metrics = redis, namespace, metrics
        self._connections: dict[TenantId, set[Connection]] = defaultdict(set)
        self._last: dict[TenantId, bytes] = {}
        self._reader: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._reader = asyncio.create_task(self.run())

    async def close(self) -> None:
        if self._reader:
            self._reader.cancel()
        await self._redis.aclose()

    async def join(self, tenant_id: TenantId) -> Connection:
        """A connection that hears everything from now on. Raises `RedisError` or `OSError`."""
        if tenant_id not in self._last:
            newest = await self._redis.xrevrange(stream(self._namespace, tenant_id), count=1)
            self._last.setdefault(tenant_id, newest[0][0] if newest else b"0-0")
        connection = Connection()
        self._connections[tenant_id].add(connection)
        self._metrics.streams.inc()
        return connection

    def leave(self, tenant_id: TenantId, connection: Connection) -> None:
        self._connections[tenant_id].discard(connection)
        self._metrics.streams.dec()
        if connection.overrun.is_set():
            self._metrics.slow_streams.inc()
        if not self._connections[tenant_id]:
            del self._connections[tenant_id]
            self._last.pop(tenant_id, None)

    async def since(self, tenant_id: TenantId, last_id: str) -> list[Change] | None:
        """What came after `last_id`; None where some of it is no longer kept, so that everything
        must be read anew.
        """
        key = stream(self._namespace, tenant_id)
        try:
            wanted = order(last_id)
        except ValueError:
            return None
        oldest = await self._redis.xrange(key, count=1)
        if wanted != (0, 0) and (not oldest or order(oldest[0][0].decode()) > wanted):
            return None
        return [
            change_of(*entry)
            for entry in await self._redis.xrange(
                key, min=f"({wanted[0]}-{wanted[1]}", count=STREAM_LENGTH * 2
            )
        ]

    async def run(self) -> None:
        """Reads for all tenants that somebody listens to, until cancelled."""
        while True:
            try:
                await self._read_on()
            except (RedisError, OSError) as away:
                log.info("live updates wait for Redis", reason=type(away).__name__)
                await asyncio.sleep(1)

    async def _read_on(self) -> None:
        if not self._last:
            await asyncio.sleep(_BLOCK_MILLISECONDS / 1000)
            return
        wanted = {
            stream(self._namespace, tenant_id): (tenant_id, last)
            for tenant_id, last in self._last.items()
        }
        found = await self._redis.xread(
            {key: last for key, (_, last) in wanted.items()}, count=500, block=_BLOCK_MILLISECONDS
        )
        for key, entries in found or []:
            tenant_id, _ = wanted[key.decode()]
            if tenant_id in self._last:
                self._last[tenant_id] = entries[-1][0]
            for change in (change_of(*entry) for entry in entries):
                for connection in self._connections.get(tenant_id, ()):
                    connection.offer(change)


def change_of(id_: bytes, fields: dict[bytes, bytes]) -> Change:
    """A stream's entry."""
    told = {name.decode(): value.decode() for name, value in fields.items()}
    return Change(
        id=id_.decode(),
        kind=told["kind"],
        subject=told["id"],
        version=int(told["version"]),
        room=told["room"],
        audience=told["audience"],
        whom=frozenset(told["whom"].split(",")) if told["whom"] else frozenset(),
    )
