"""The live connections of this process: one reader of the streams of tenants in which something
changed, and a bounded queue for each connection.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from services.gateway.live.audience import Change, order
from services.gateway.live.publisher import ACCESS_CHANGED, announcements_of_access
from services.gateway.live.streams import Streams
from services.gateway.live.wake_ups import WakeUps, Woken
from services.gateway.metrics import GatewayMetrics
from services.gateway.read_models.keys import changed, stream
from shared.ids import EmployeeId, TenantId

log = structlog.get_logger()
QUEUED = 1_000
HISTORY = 1_000
"""Missed changes that are sent after each other; who missed more reads everything anew."""
READ_AT_ONCE = 500
ANNOUNCED_SECONDS = 60.0
"""For how long it is tried to tell others of a change of access."""
LAST_SECONDS = 1.0
"""The same once this process stops."""
_OF_ACCESS = frozenset({ACCESS_CHANGED, "employee.changed"})
_WATCHED_SECONDS = 5.0


class Connection:
    """One live connection.

    `overrun` is set once it does not keep up; it is then closed, and the client resumes it. Until
    `watched_until` (monotonic seconds) its caller's access may be about to change.
    """

    def __init__(self, employee_id: EmployeeId) -> None:
        self.employee_id, self.watched_until = str(employee_id), 0.0
        self.queue: asyncio.Queue[Change] = asyncio.Queue(QUEUED)
        self.overrun = asyncio.Event()

    def offer(self, change: Change) -> None:
        if change.kind in _OF_ACCESS and self.employee_id in change.employees:
            self.watched_until = monotonic() + _WATCHED_SECONDS
        try:
            self.queue.put_nowait(change)
        except asyncio.QueueFull:
            self.overrun.set()


class Hub:
    """The connections by tenant, fed by `run`, which also hears whose access changed."""

    def __init__(self, streams: Streams, namespace: str, metrics: GatewayMetrics) -> None:
        self._streams, self._redis = streams, streams.redis
        self._namespace, self._metrics = namespace, metrics
        self._connections: dict[TenantId, set[Connection]] = defaultdict(set)
        self._last: dict[TenantId, bytes] = {}
        self._wake_ups = WakeUps(streams.redis, namespace)
        self._joined: set[TenantId] = set()
        self._on_access: Callable[[TenantId, EmployeeId], None] = lambda *_: None
        self._announcements: set[asyncio.Task[None]] = set()
        self._reader: asyncio.Task[None] | None = None
        self.stopping = asyncio.Event()
        """Set once this process stops: connections end and are opened again elsewhere."""

    async def open(self) -> None:
        self._reader = asyncio.create_task(self.run())

    async def close(self) -> None:
        if self._announcements:
            await asyncio.wait(self._announcements, timeout=LAST_SECONDS)
        for task in (self._reader, *self._announcements):
            if task:
                task.cancel()
        await self._streams.close()

    def stop(self) -> None:
        """Ends every connection."""
        self.stopping.set()

    async def join(self, tenant_id: TenantId, employee_id: EmployeeId) -> Connection:
        """A connection that gets every change from now on. Raises `RedisError` or `OSError`."""
        if tenant_id not in self._last:
            newest = await self._redis.xrevrange(stream(self._namespace, tenant_id), count=1)
            self._last.setdefault(tenant_id, newest[0][0] if newest else b"0-0")
            # What woke us in between was taken as of a tenant to which nobody listens.
            self._joined.add(tenant_id)
        connection = Connection(employee_id)
        self._connections[tenant_id].add(connection)
        self._metrics.streams.inc()
        return connection

    def on_access(self, forget: Callable[[TenantId, EmployeeId], None]) -> None:
        """Calls `forget` for each employee whose access any gateway announces as changed."""
        self._on_access = forget

    def heard_since(self, moment: float) -> bool:
        """Whether every change of access since `moment` (monotonic seconds) has been heard."""
        return self._wake_ups.heard_since(moment)

    def announce_access(self, tenant_id: TenantId, employee_id: EmployeeId) -> None:
        """Tells every gateway that a session ended or an account changed, so that the employee is
        asked for and their connections are looked at again; without Redis they are all the same,
        only later. To be called once that is committed.
        """
        task = asyncio.create_task(self._announce_access(tenant_id, employee_id))
        self._announcements.add(task)
        task.add_done_callback(self._announcements.discard)

    async def _announce_access(self, tenant_id: TenantId, employee_id: EmployeeId) -> None:
        calls = announcements_of_access(self._namespace, tenant_id, [employee_id])
        until = monotonic() + ANNOUNCED_SECONDS
        while monotonic() < until:
            try:
                for call in calls:
                    await self._redis.execute_command(*call)
            except (RedisError, OSError):
                await asyncio.sleep(1)
            else:
                return

    def leave(self, tenant_id: TenantId, connection: Connection) -> None:
        self._connections[tenant_id].discard(connection)
        self._metrics.streams.dec()
        if connection.overrun.is_set():
            self._metrics.slow_streams.inc()
        if not self._connections[tenant_id]:
            del self._connections[tenant_id]
            self._last.pop(tenant_id, None)

    async def since(self, tenant_id: TenantId, last_id: str) -> list[Change] | None:
        """The changes after `last_id`; None where all is to be read anew: some are gone, they are
        more than `HISTORY`, or the id is not one that was given.

        Raises `RedisError` or `OSError`.
        """
        key = stream(self._namespace, tenant_id)
        try:
            after = order(last_id)
        except ValueError:
            return None
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.xrange(key, count=1)
        pipeline.xrevrange(key, count=1)
        pipeline.xrange(key, min=f"({after[0]}-{after[1]}", count=HISTORY + 1)
        oldest, newest, missed = await pipeline.execute()
        if len(missed) > HISTORY:
            return None
        if after != (0, 0) and not (newest and _order(oldest) <= after <= _order(newest)):
            return None
        return [change_of(*entry) for entry in missed]

    async def since_moment(self, tenant_id: TenantId, milliseconds: int) -> list[Change] | None:
        """The changes from a moment of Redis's clock on, in unix milliseconds; None where they are
        more than `HISTORY`. Raises `RedisError` or `OSError`.
        """
        key = stream(self._namespace, tenant_id)
        entries = await self._redis.xrange(key, min=milliseconds, count=HISTORY + 1)
        return None if len(entries) > HISTORY else [change_of(*entry) for entry in entries]

    async def run(self) -> None:
        """Hears what changed and reads the streams of those tenants that have a connection, until
        cancelled.
        """
        while True:
            try:
                waiting = await self._streams.waiting_client(changed(self._namespace))
                async with waiting.client() as reader:
                    await self._wake_ups.start(reader)
                    while True:
                        woken = await self._wake_ups.next(reader)
                        for tenant_id, employee_id in woken.access:
                            self._on_access(tenant_id, employee_id)
                        await self._read(reader, self._due(woken))
            except (RedisError, OSError) as error:
                self._wake_ups.lapse()
                log.info("stream_retry", reason=type(error).__name__)
                await asyncio.sleep(1)

    def _due(self, woken: Woken) -> set[TenantId]:
        """Whose streams are to be read now."""
        due = set(self._last) if woken.all else woken.tenants | self._joined
        self._joined.clear()
        return due

    async def _read(self, reader: Any, due: Iterable[TenantId]) -> None:
        """Reads the streams of tenants that have a connection, to their ends."""
        while positions := {
            stream(self._namespace, tenant_id): self._last[tenant_id]
            for tenant_id in due
            if tenant_id in self._last
        }:
            tenants = {stream(self._namespace, tenant_id): tenant_id for tenant_id in due}
            due = []
            for key, entries in await self._streams.read(reader, positions, READ_AT_ONCE):
                self._deliver(tenants[key.decode()], entries)
                if len(entries) >= READ_AT_ONCE:
                    due.append(tenants[key.decode()])

    def _deliver(
        self, tenant_id: TenantId, entries: list[tuple[bytes, dict[bytes, bytes]]]
    ) -> None:
        if tenant_id in self._last:
            self._last[tenant_id] = entries[-1][0]
        for change in (change_of(*entry) for entry in entries):
            for connection in self._connections.get(tenant_id, ()):
                connection.offer(change)


def _order(entries: list[tuple[bytes, Any]]) -> tuple[int, int]:
    return order(entries[0][0].decode())


def change_of(id_: bytes, fields: dict[bytes, bytes]) -> Change:
    """The change in a stream's entry."""
    values = {name.decode(): value.decode() for name, value in fields.items()}
    employees, client_rooms = values.get("employees", ""), values.get("client_rooms", "")
    return Change(
        id=id_.decode(),
        kind=values["kind"],
        subject=values["id"],
        version=int(values["version"]),
        room=values["room"],
        audience=values["audience"],
        employees=frozenset(employees.split(",")) if employees else frozenset(),
        job=values.get("job", ""),
        client_rooms=frozenset(UUID(room) for room in client_rooms.split(",") if room),
    )
