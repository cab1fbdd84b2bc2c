"""The live connections of this process: one reader of the tenants' streams, and a bounded queue for
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
    """One live connection.

    `overrun` is set once it does not keep up; it is then closed, and the client resumes it.
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
        """A connection that gets every change from now on. Raises `RedisError` or `OSError`."""
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
        """The changes after `last_id`; None where some are gone and all is to be read anew.

        Raises `RedisError` or `OSError`.
        """
        key = stream(self._namespace, tenant_id)
        try:
            after = order(last_id)
        except ValueError:
            return None
        oldest = await self._redis.xrange(key, count=1)
        if after != (0, 0) and (not oldest or order(oldest[0][0].decode()) > after):
            return None
        return [
            change_of(*entry)
            for entry in await self._redis.xrange(
                key, min=f"({after[0]}-{after[1]}", count=STREAM_LENGTH * 2
            )
        ]

    async def run(self) -> None:
        """Reads the streams of all tenants that have a connection, until cancelled."""
        while True:
            try:
                await self._read()
            except (RedisError, OSError) as error:
                log.info("stream_retry", reason=type(error).__name__)
                await asyncio.sleep(1)

    async def _read(self) -> None:
        if not self._last:
            await asyncio.sleep(_BLOCK_MILLISECONDS / 1000)
            return
        tenants = {stream(self._namespace, tenant_id): tenant_id for tenant_id in self._last}
        positions = {key: self._last[tenant_id] for key, tenant_id in tenants.items()}
        streams = await self._redis.xread(positions, count=500, block=_BLOCK_MILLISECONDS)
        for key, entries in streams or []:
            self._deliver(tenants[key.decode()], entries)

    def _deliver(
        self, tenant_id: TenantId, entries: list[tuple[bytes, dict[bytes, bytes]]]
    ) -> None:
        if tenant_id in self._last:
            self._last[tenant_id] = entries[-1][0]
        for change in (change_of(*entry) for entry in entries):
            for connection in self._connections.get(tenant_id, ()):
                connection.offer(change)


def change_of(id_: bytes, fields: dict[bytes, bytes]) -> Change:
    """The change in a stream's entry."""
    values = {name.decode(): value.decode() for name, value in fields.items()}
    employees = values["whom"]
    return Change(
        id=id_.decode(),
        kind=values["kind"],
        subject=values["id"],
        version=int(values["version"]),
        room=values["room"],
        audience=values["audience"],
        employees=frozenset(employees.split(",")) if employees else frozenset(),
        job=values.get("job", ""),
    )
