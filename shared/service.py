"""A service's process: its parts started, watched and drained; `serve`, and the commands an
operator has on a service.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import asyncpg
import structlog
import typer
import uvicorn
from fastapi import FastAPI

from shared import tracing
from shared.bus import dead_letters
from shared.bus.consumer import Consumer, waits_behind
from shared.db import Database
from shared.errors import Unavailable
from shared.logs import configure
from shared.metrics import Metrics
from shared.outbox.relay import Relay
from shared.settings import ServiceSettings

log = structlog.get_logger()

Timer = Callable[[], Awaitable[None]]


@dataclass
class Service:
    """What one service is made of. A process runs the parts that its settings name."""

    name: str
    settings: ServiceSettings
    metrics: Metrics
    database: Database
    topics: tuple[str, ...] = ()
    consumers: Sequence[Consumer] = ()
    timers: Sequence[tuple[Timer, float]] = ()
    opens: Sequence[Callable[[], Awaitable[Any]]] = ()
    closes: Sequence[Callable[[], Awaitable[Any]]] = ()
    relay: Relay | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    def database_of(cls, name: str, settings: ServiceSettings) -> Database:
        return Database(
            settings.database_url.get_secret_value(),
            settings.database_connections,
            settings.outbox_shards,
            name,
        )

    @asynccontextmanager
    async def running(self, _: FastAPI) -> AsyncIterator[None]:
        """The lifespan: database first, then what listens and sends; stopped in the opposite order,
        each part drained.
        """
        await _patiently(self.database.open)
        for opening in self.opens:
            await _patiently(opening)
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
            for consumer in self.consumers:
                self._start(consumer.run)
        if self.settings.runs("timers"):
            for timer, seconds in self.timers:
                self._start(partial(_every, timer, seconds))
        _settle_memory()
        try:
            yield
        finally:
            await self._drain()

    async def ready(self) -> dict[str, Any]:
        """What is missing for every request, and what is degraded."""
        missing: dict[str, str] = {}
        try:
            async with asyncio.timeout(2):
                await self.database.clock()
        except (
            Unavailable,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            OSError,
            TimeoutError,
        ) as away:
            missing["database"] = type(away).__name__
        degraded = waits_behind(self.consumers) if self.settings.runs("consumers") else {}
        if self.relay and self.relay.failing:
            degraded["relay"] = self.relay.failing
        return {"missing": missing, "degraded": degraded}

    def _start(self, part: Callable[[], Awaitable[None]]) -> None:
        async def guarded() -> None:
            while True:
                try:
                    await part()
                    return
                except Exception as failure:
                    log.error("a part failed and starts again", part=repr(part), exc_info=failure)
                    await asyncio.sleep(1)

        self._tasks.append(asyncio.create_task(guarded()))

    async def _drain(self) -> None:
        if self.settings.runs("consumers"):
            await asyncio.gather(
                *(consumer.stop() for consumer in self.consumers), return_exceptions=True
            )
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
        await asyncio.to_thread(tracing.stop)


def _settle_memory() -> None:
    """Tells the collector what to leave alone.

    What was made until now lives as long as the process: passing over all of it stalls whoever is
    being answered for a tenth of a second. A batch of facts is some tens of thousands of objects,
    none of them garbage while it is taken in.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _patiently(opening: Callable[[], Awaitable[Any]]) -> None:
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
        ) as away:
            log.warning("waiting for a server", attempt=attempt, reason=str(away)[:200])
            await asyncio.sleep(1)
    await opening()


async def _every(timer: Timer, seconds: float) -> None:
    while True:
        try:
            await timer()
        except (Unavailable, asyncpg.PostgresError, OSError, TimeoutError) as away:
            log.warning("a timer waits", reason=str(away)[:200])
        await asyncio.sleep(seconds)


def serve(app: FastAPI, name: str, settings: ServiceSettings) -> None:
    """Serves until SIGTERM, then finishes what is under way."""
    configure(name, settings.log_level)
    tracing.configure(name, settings.traces_endpoint, settings.traces_share)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=15,
        timeout_keep_alive=75,
        server_header=False,
        date_header=False,
    )


def command_line(name: str, build: Callable[[], tuple[FastAPI, Service]]) -> typer.Typer:
    """`python -m services.<name>.app`: serves; with a command, does an operator's work."""
    cli = typer.Typer(no_args_is_help=False, add_completion=False)
    letters = typer.Typer(help="Records that this service put aside.")
    cli.add_typer(letters, name="dead-letters")

    @cli.callback(invoke_without_command=True)
    def main(context: typer.Context) -> None:
        """Serve, unless a command is named."""
        if context.invoked_subcommand is None:
            app, service = build()
            serve(app, name, service.settings)

    @letters.command("list")
    def list_() -> None:
        """Each dead letter that nobody has dealt with: where it came from and why."""
        _, service = build()
        found = asyncio.run(
            dead_letters.waiting(
                service.topics, name, service.settings.kafka, service.settings.namespace
            )
        )
        for letter in found:
            typer.echo(
                f"{letter.at}  {letter.topic}[{letter.partition}]@{letter.offset}  {letter.reason}"
            )
        typer.echo(f"{len(found)} waiting")

    @letters.command("replay")
    def replay() -> None:
        """Take every waiting dead letter in again; those that still fail are put aside once more."""
        _, service = build()
        for letter, outcome in asyncio.run(_replay(service)):
            typer.echo(f"{letter.topic}[{letter.partition}]@{letter.offset}  {outcome}")

    return cli


async def _replay(service: Service) -> list[tuple[dead_letters.DeadLetter, str]]:
    consumer = service.consumers[0]
    await service.database.open()
    for opening in service.opens:
        await opening()
    try:
        return await dead_letters.replay(
            service.topics,
            service.name,
            service.settings.kafka,
            consumer.replay,
            service.settings.namespace,
        )
    finally:
        await consumer.stop()
        for closing in service.closes:
            await closing()
        await service.database.close()
