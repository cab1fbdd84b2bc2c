"""The activities service: the only file that knows all others."""

from fastapi import FastAPI

from services.activities import api, timers
from services.activities.consumers import subscription
from services.activities.metrics import ActivityMetrics
from services.activities.settings import Settings
from shared.bus.consumer import Consumer
from shared.command_line import command_line
from shared.db import Database
from shared.process import RunningTimer, ServiceProcess
from shared.replicas.peer import PeerClient
from shared.service import database_of
from shared.service_context import ServiceContext
from shared.tenancy import TokenReader
from shared.web.app import new_app
from shared.web.commands import CommandRunner

NAME = "activities"


def build() -> tuple[FastAPI, ServiceProcess]:
    """The application and its process, from the environment."""
    settings = Settings()
    metrics = ActivityMetrics()
    secret = settings.internal_secret.get_secret_value()
    database = database_of(NAME, settings)
    worker = Database(
        settings.worker_database_url.get_secret_value(), 2, settings.outbox_shards, f"{NAME}-timers"
    )
    vip = PeerClient(settings.vip_url, secret)
    context = ServiceContext(settings, metrics, database, worker, {"vip": vip})
    consumer = Consumer(
        NAME,
        settings.kafka,
        settings.namespace,
        subscription,
        context,
        metrics,
        settings.dead_letters_per_minute,
    )

    async def sweep() -> None:
        await timers.sweep(worker, database, metrics)

    async def settle() -> None:
        await timers.settle(worker, database)

    service = ServiceProcess(
        NAME,
        settings,
        metrics,
        database,
        topics=subscription.topics,
        consumers=[consumer],
        timers=[
            RunningTimer("reset_overdue", settings.sweep_seconds, sweep),
            RunningTimer("realign_deadlines", settings.sweep_seconds, settle),
        ],
        opens=[worker.open, vip.open],
        closes=[vip.close, worker.close],
    )
    tokens = TokenReader(secret)
    app = new_app("Activities", metrics, tokens, service.ready, lifespan=service.running)
    api.install(app, CommandRunner(context), tokens)
    return app, service


if __name__ == "__main__":
    command_line(NAME, build)()
