"""A service by definition: its name, settings, metrics, subscription, timers, jobs and routers.

`ServiceDefinition.build` makes the application and its process; a service's app.py is this and
nothing else.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import typer
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from shared.bus.consumer import Consumer
from shared.bus.parking import Parking
from shared.bus.subscription import Subscription
from shared.command_line import command_line
from shared.db import Database
from shared.events import Event
from shared.internal_keys import KeyRing
from shared.internal_tokens import TokenIssuer, TokenReader
from shared.jobs.api import router as jobs_router
from shared.jobs.job import JobKind
from shared.jobs.runner import JobRunner
from shared.jobs.worker import JobWorker
from shared.metrics import Metrics
from shared.process import RunningTimer, ServiceProcess
from shared.replicas.commands import replica_commands
from shared.replicas.lookup import ReplicaLoader
from shared.replicas.peer import FindSnapshots, PeerClient, snapshots_router
from shared.replicas.upsert import Replica
from shared.service_context import ServiceContext
from shared.settings import ServiceSettings
from shared.web.app import new_app
from shared.web.body_limits import BodyLimits
from shared.web.commands import CommandRunner
from shared.web.fast_routes import FastRoutes

PREFIX = "/api/v1"
WORKER_CONNECTIONS = 2


@dataclass(frozen=True)
class Timer:
    """Work that falls due: run again and again, `every(settings)` seconds apart."""

    name: str
    every: Callable[[Any], float]
    run: Callable[[ServiceContext], Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class ServiceDefinition:
    """Everything that makes one service.

    `peers` gives each peer's address from the settings; `replicas_from` names the one that owns
    what we replicate, and `replicas` are what an operator compares with it; `pushes` the peer that
    decides by an event; `snapshots` finds what peers fetch from us, `pages` all of a kind.
    """

    name: str
    title: str
    settings: type[ServiceSettings]
    metrics: Callable[[], Metrics]
    subscription: Subscription
    routers: Sequence[APIRouter]
    timers: Sequence[Timer] = ()
    jobs: Sequence[JobKind] = ()
    peers: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    replicas_from: str = ""
    pushes: Mapping[type[Event], str] = field(default_factory=dict)
    snapshots: FindSnapshots | None = None
    pages: FindSnapshots | None = None
    replicas: Sequence[Replica] = ()

    def build(self) -> tuple[FastAPI, ServiceProcess]:
        """The application and its process, from the environment; nothing is opened yet."""
        context = self.context(self.settings())
        settings = context.settings
        tokens = TokenReader(keys_of(self.name, settings), settings.internal_leeway_seconds)
        process = self._process(context)
        app = new_app(self.title, context.metrics, tokens, process.ready, lifespan=process.running)
        app.state.commands = CommandRunner(context)
        routers = [*self.routers, jobs_router] if self.jobs else self.routers
        for router in routers:
            app.include_router(router, prefix=PREFIX)
        app.include_router(
            snapshots_router(context.database, self.subscription, self.snapshots, self.pages)
        )
        # Last in the list is innermost: what is answered there is still counted and traced.
        app.user_middleware += [
            Middleware(BodyLimits),
            Middleware(FastRoutes, prefix=PREFIX, routers=routers, tokens=tokens),
        ]
        return app, process

    def context(self, settings: Any) -> ServiceContext:
        """The service's database, peers and metrics, for `build` and for an operator's commands."""
        issuer = TokenIssuer(keys_of(self.name, settings))
        database = database_of(self.name, settings)
        peers = {name: PeerClient(url(settings), name, issuer) for name, url in self.peers.items()}
        owner = peers.get(self.replicas_from)
        metrics = self.metrics()
        database.on_events(metrics.count_events)
        return ServiceContext(
            settings=settings,
            metrics=metrics,
            database=database,
            worker=worker_of(self.name, settings),
            peers=peers,
            replicas=ReplicaLoader(database, self.subscription, owner) if owner else None,
            pushes=self.pushes,
            jobs=self.jobs,
        )

    def command_line(self) -> typer.Typer:
        """`python -m services.<name>.app`: serves; with a command, does an operator's work."""
        cli = command_line(self.name, self.build, jobs=bool(self.jobs))
        if self.replicas:
            owner = self.replicas_from or next(iter(self.peers))
            commands = replica_commands(lambda: self.context(self.settings()), owner, self.replicas)
            cli.add_typer(commands, name="replicas")
        return cli

    def _process(self, context: ServiceContext) -> ServiceProcess:
        settings = context.settings
        consumer = Consumer(
            self.name,
            settings.kafka,
            settings.namespace,
            self.subscription,
            context,
            context.metrics,
            Parking(context.database, context.worker),
            settings.dead_letters_per_minute,
        )
        peers = context.peers.values()
        return ServiceProcess(
            name=self.name,
            settings=settings,
            metrics=context.metrics,
            database=context.database,
            worker=context.worker,
            topics=self.subscription.topics,
            consumers=[consumer],
            timers=[
                RunningTimer(
                    timer.name, timer.every(settings), partial(timer.run, context), context.metrics
                )
                for timer in self.timers
            ],
            degraded=context.turns.degraded,
            jobs=job_worker(context) if self.jobs else None,
            opens=[context.worker.open, *(peer.open for peer in peers)],
            closes=[*(peer.close for peer in peers), context.worker.close],
        )


def job_worker(context: ServiceContext) -> JobWorker:
    """The worker of a service's jobs."""
    return JobWorker(
        JobRunner(context), context.worker, context.metrics, context.settings.jobs_poll_seconds
    )


def keys_of(name: str, settings: ServiceSettings) -> KeyRing:
    """A service's own keys and its peers'. Raises `ValueError` where one can't be used."""
    return KeyRing(name, settings.internal_key.get_secret_value(), settings.internal_peers)


def database_of(name: str, settings: ServiceSettings) -> Database:
    """The pool of a service's own role, which sees one tenant at a time."""
    return Database(
        settings.database_url.get_secret_value(),
        settings.database_connections,
        settings.outbox_shards,
        name,
    )


def worker_of(name: str, settings: ServiceSettings) -> Database:
    """A small pool of the role that finds out which tenants have something due."""
    return Database(
        settings.worker_database_url.get_secret_value(),
        WORKER_CONNECTIONS,
        settings.outbox_shards,
        f"{name}-timers",
    )
