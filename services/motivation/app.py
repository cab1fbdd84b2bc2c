"""Composition root of the motivation service."""

import asyncio
from functools import partial
from uuid import UUID

import typer
from fastapi import FastAPI

from services.motivation import recompute, timers
from services.motivation.api import router
from services.motivation.consumers import PayContext, subscription
from services.motivation.metrics import MotivationMetrics
from services.motivation.replicas import Directory
from services.motivation.settings import MotivationSettings
from shared.bus.consumer import Consumer
from shared.command_line import command_line
from shared.db import Database
from shared.process import RunningTimer, ServiceProcess
from shared.replicas.peer import PeerClient, snapshots_router
from shared.service import database_of
from shared.tenancy import TokenReader
from shared.web.app import new_app

NAME = "motivation"


def build() -> tuple[FastAPI, ServiceProcess]:
    """The application and what runs beside it, from the environment."""
    settings = MotivationSettings()
    metrics = MotivationMetrics()
    database = database_of(NAME, settings)
    worker = _worker(settings)
    secret = settings.internal_secret.get_secret_value()
    activities = PeerClient(settings.activities_url, secret)
    directory = Directory(database, subscription, activities)
    service = ServiceProcess(
        name=NAME,
        settings=settings,
        metrics=metrics,
        database=database,
        topics=subscription.topics,
        consumers=[
            Consumer(
                NAME,
                settings.kafka,
                settings.namespace,
                subscription,
                PayContext(database, directory, metrics),
                metrics,
                settings.dead_letters_per_minute,
            )
        ],
        timers=[
            RunningTimer(
                "settle_published",
                settings.settle_seconds,
                partial(timers.settle_published, database, worker, metrics),
            )
        ],
        opens=[worker.open, activities.open],
        closes=[activities.close, worker.close],
    )
    app = new_app(
        "Motivation", metrics, TokenReader(secret), service.ready, lifespan=service.running
    )
    app.state.database, app.state.directory, app.state.metrics = database, directory, metrics
    app.include_router(router)
    app.include_router(snapshots_router(database, subscription))
    return app, service


def _worker(settings: MotivationSettings) -> Database:
    return Database(
        settings.worker_database_url.get_secret_value(), 2, settings.outbox_shards, f"{NAME}-timers"
    )


cli = command_line(NAME, build)


@cli.command("recompute")
def recompute_command(tenant: UUID | None = None) -> None:
    """Recompute all pay from the facts and compare it with the ledger, to the kopeck; exit 1 and a
    line each where they differ.
    """
    settings = MotivationSettings()
    outcome = asyncio.run(recompute.run(database_of(NAME, settings), _worker(settings), tenant))
    for difference in outcome.differences:
        typer.echo(difference)
    typer.echo(
        f"{outcome.activities} activities, {outcome.statements} statements, {len(outcome.differences)} differences"
    )
    raise typer.Exit(1 if outcome.differences else 0)


if __name__ == "__main__":
    cli()
