"""A service's process: its parts started, watched and drained."""

import asyncio
import gc
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import structlog
import uvicorn
from fastapi import FastAPI

from shared import tracing
from shared.bus.consumer import Consumer, degraded_consumers
from shared.db import Database
from shared.db.transient import AWAY
from shared.errors import Unavailable
from shared.jobs.worker import JobWorker
from shared.logs import configure
from shared.metrics import Metrics
from shared.outbox.relay import Relay
from shared.secret_rules import UnsafeSecret
from shared.settings import ServiceSettings
from shared.web.internal import InternalListener
from shared.web.protocol import ENDLESS_PATHS, ConnectionLimits, Served

log = structlog.get_logger()
# uvicorn's own exit code.
_STARTUP_FAILED = 3


@dataclass
class RunningTimer:
    """Work repeated for as long as the process lives, `every` so many seconds; `failing` is why its
    last round failed, empty where it did not.
    """

    name: str
    every: float
    run: Callable[[], Awaitable[Any]]
    metrics: Metrics | None = None
    failing: str = ""

    async def repeat(self) -> None:
        """Runs, waits, runs again, whatever a round comes to."""
        while True:
            try:
                await self.run()
            except Exception as failure:
                self._note(failure)
            else:
                self.failing = ""
            await asyncio.sleep(self.every)

    def _note(self, failure: Exception) -> None:
        self.failing = type(failure).__name__
        if self.metrics:
            self.metrics.timer_failures.labels(self.name).inc()
        if isinstance(failure, Unavailable | asyncpg.PostgresError | OSError | TimeoutError):
            log.warning("timer_retry", timer=self.name, reason=str(failure)[:200])
        else:
            log.error("timer_failed", timer=self.name, exc_info=failure)


@dataclass
class ServiceProcess:
    """The parts of one service; a process runs those that its settings name."""

    name: str
    settings: ServiceSettings
    metrics: Metrics
    database: Database
    # The second role's; `opens` and `closes` have it.
    worker: Database
    topics: tuple[str, ...] = ()
    consumers: Sequence[Consumer] = ()
    # What they miss makes the process degraded, never unready.
    side_consumers: Sequence[Consumer] = ()
    timers: Sequence[RunningTimer] = ()
    jobs: JobWorker | None = None
    opens: Sequence[Callable[[], Awaitable[Any]]] = ()
    closes: Sequence[Callable[[], Awaitable[Any]]] = ()
    degraded: Callable[[], dict[str, str]] = dict
    relay: Relay | None = None
    listener: InternalListener | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _timer_tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @asynccontextmanager
    async def running(self, _: FastAPI) -> AsyncIterator[None]:
        """The lifespan: database first, then what listens and sends; stopped in the opposite order,
        each part drained.
        """
        if self.listener:
            await self.listener.open()
        await _open_patiently(self.database.open)
        for opening in self.opens:
            await _open_patiently(opening)
        if self.settings.runs("relay"):
            self.relay = Relay(
                self.name,
                self.settings.worker_database_url.get_secret_value(),
                self.settings.kafka,
                self.settings.namespace,
                self.settings.outbox_shards,
                self.settings.relay_poll_seconds,
                self.metrics,
            )
            self.database.on_commit(self.relay.wake)
            self._start(self.relay.run)
        if self.settings.runs("consumers"):
            for consumer in (*self.consumers, *self.side_consumers):
                self._start(consumer.run)
        if self.settings.runs("timers"):
            self._timer_tasks += [self._start(timer.repeat) for timer in self.timers]
        if self.jobs and self.settings.runs("jobs"):
            self.database.on_jobs(self.jobs.wake)
            self._start(self.jobs.run)
        _tune_collector()
        try:
            yield
        finally:
            await self._drain()

    async def ready(self) -> dict[str, Any]:
        """What is missing for every request, and what is degraded."""
        missing: dict[str, str] = {}
        try:
            async with asyncio.timeout(2):
                read_only = await self.database.is_read_only()
        except (Unavailable, asyncpg.PostgresError, *AWAY) as failure:
            read_only, missing["database"] = False, type(failure).__name__
        consumers = self.consumers if self.settings.runs("consumers") else ()
        unread = [
            reason
            for consumer in consumers
            for reason in (*consumer.holes, *consumer.positions.being_read_again)
        ]
        if unread:
            missing["events"] = "; ".join(unread)
        side_consumers = self.side_consumers if self.settings.runs("consumers") else ()
        degraded = degraded_consumers((*consumers, *side_consumers))
        if read_only:
            degraded["database"] = "read_only"
        if self.relay and self.relay.problem:
            degraded["relay"] = self.relay.problem
        if self.settings.runs("timers"):
            degraded |= {
                f"timer {timer.name}": timer.failing for timer in self.timers if timer.failing
            }
            degraded |= self.degraded()
        partitions = {
            topic: count for consumer in consumers for topic, count in consumer.partitions.items()
        }
        return {"missing": missing, "degraded": degraded, "partitions": partitions}

    def _start(self, component: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        async def guarded() -> None:
            while True:
                try:
                    await component()
                    return
                except Exception as failure:
                    log.error("component_restarted", component=repr(component), exc_info=failure)
                    await asyncio.sleep(1)

        task = asyncio.create_task(guarded())
        self._tasks.append(task)
        return task

    async def _drain(self) -> None:
        # They never end by themselves; a round that is cut off is rolled back and falls due again.
        for timer in self._timer_tasks:
            timer.cancel()
        if self.settings.runs("consumers"):
            await asyncio.gather(
                *(consumer.stop() for consumer in (*self.consumers, *self.side_consumers)),
                return_exceptions=True,
            )
        if self.jobs:
            await self.jobs.stop()
        if self.relay:
            await self.relay.stop()
        _, late = (
            await asyncio.wait(self._tasks, timeout=8 if self.relay else 1)
            if self._tasks
            else (set(), set())
        )
        for task in late:
            task.cancel()
        for closing in self.closes:
            await closing()
        await self.database.close()
        if self.listener:
            await self.listener.close()
        await asyncio.to_thread(tracing.stop)


def _tune_collector() -> None:
    """Tells the collector what to leave alone.

    What was made until now lives as long as the process: passing over all of it stalls whoever is
    being answered for a tenth of a second. A batch of facts is some tens of thousands of objects,
    none of them garbage while it is taken in.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _open_patiently(opening: Callable[[], Awaitable[Any]]) -> None:
    """Waits up to a minute for a server that is still starting."""
    for attempt in range(60):
        try:
            await opening()
            return
        except (
            OSError,
            asyncpg.CannotConnectNowError,
            asyncpg.PostgresConnectionError,
            TimeoutError,
        ) as failure:
            log.warning("server_awaited", attempt=attempt, reason=str(failure)[:200])
            await asyncio.sleep(1)
    await opening()


def serve(app: FastAPI, name: str, settings: ServiceSettings) -> None:
    """Serves until SIGTERM, then finishes what is under way.

    Exits with one line where a secret keeps nobody out, or as root: whoever breaks into a service
    must not own the machine.
    """
    try:
        settings.require_safe_secrets()
    except UnsafeSecret as reason:
        sys.exit(f"{name}: {reason}")
    if os.geteuid() == 0 and not settings.laptop:
        sys.exit(f"{name}: a service does not run as root: start it under an account of its own")
    served = Served(
        ConnectionLimits(
            header_seconds=settings.header_seconds,
            request_seconds=settings.request_seconds,
            header_bytes=settings.header_bytes,
            header_count=settings.header_count,
            connections_per_address=settings.connections_per_address,
            endless_paths=ENDLESS_PATHS,
            proxies=settings.proxies,
        )
    )
    protocol: Any = served.protocol
    configure(name, settings.log_level)
    tracing.configure(name, settings.traces_endpoint, settings.traces_share)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=protocol,
        # Nothing here speaks it, and a connection that changed its protocol would have no limits.
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=15,
        timeout_keep_alive=75,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        date_header=False,
    )
    server = _Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(_STARTUP_FAILED)


class _Server(uvicorn.Server):
    """Tells the application that it stops before it waits for open connections: responses that go
    on for ever, live updates, end themselves then (`app.state.on_stopping`).
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for announce in getattr(self.config.app.state, "on_stopping", ()):  # type: ignore[union-attr]
            announce()
        await super().shutdown(sockets)
