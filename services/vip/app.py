"""The vip service's composition root: the only file that knows all others."""

from fastapi import FastAPI

from services.vip.api import Parts, router
from services.vip.consumers import subscription
from services.vip.metrics import METRICS
from services.vip.replicas import Owner
from services.vip.settings import VipSettings
from services.vip.timers import Sweeper
from shared.bus.consumer import Consumer
from shared.command_line import command_line
from shared.db import Database
from shared.process import RunningTimer, ServiceProcess
from shared.replicas.peer import PeerClient, snapshots_router
from shared.service import database_of
from shared.tenancy import TokenReader
from shared.web.app import new_app

NAME = "vip"


def build() -> tuple[FastAPI, ServiceProcess]:
    """The application and its parts, by the environment's settings; nothing is opened yet."""
    settings = VipSettings()
    secret = settings.internal_secret.get_secret_value()
    database = database_of(NAME, settings)
    worker = Database(
        settings.worker_database_url.get_secret_value(), connections=1, name=f"{NAME}-timers"
    )
    activities = PeerClient(settings.activities_url, secret)
    owner = Owner(activities, subscription)
    parts = Parts(database, owner)
    service = ServiceProcess(
        name=NAME,
        settings=settings,
        metrics=METRICS,
        database=database,
        topics=subscription.topics,
        consumers=[
            Consumer(
                NAME,
                settings.kafka,
                settings.namespace,
                subscription,
                parts,
                METRICS,
                settings.dead_letters_per_minute,
            )
        ],
        timers=[
            RunningTimer(
                "reset_overdue",
                settings.reset_every_seconds,
                Sweeper(database, worker, owner).sweep,
            )
        ],
        opens=[worker.open, activities.open],
        closes=[activities.close, worker.close],
    )
    app = new_app("VIP", METRICS, TokenReader(secret), service.ready, lifespan=service.running)
    app.state.parts = parts
    app.include_router(router)
    app.include_router(snapshots_router(database, subscription))
    return app, service


if __name__ == "__main__":
    command_line(NAME, build)()
