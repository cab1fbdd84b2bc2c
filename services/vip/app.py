"""The vip service: the only file that knows all others."""

import asyncio
from uuid import UUID

import typer

from services.vip import api, consumers, jobs, refill, timers
from services.vip.metrics import VipMetrics
from services.vip.queries.snapshot_pages import find_page
from services.vip.replicas import REPLICAS, ROOM_SETTINGS
from services.vip.settings import VipSettings
from shared.events.vip import VipEvent
from shared.replicas.commands import for_each_tenant
from shared.service import ServiceDefinition

service = ServiceDefinition(
    name="vip",
    title="VIP",
    settings=VipSettings,
    metrics=VipMetrics,
    subscription=consumers.subscription,
    timers=timers.TIMERS,
    jobs=jobs.JOBS,
    routers=api.ROUTERS,
    peers={"activities": lambda settings: settings.activities_url},
    replicas_from="activities",
    replicas=(*REPLICAS, ROOM_SETTINGS),
    pages=find_page,
    pushes={VipEvent: "activities"},
)
build = service.build
cli = service.command_line()


@cli.command("refill-receipts")
def refill_receipts_command(tenant: UUID | None = None) -> None:
    """Fetch from activities the money that this service missed, whatever its age; who has it
    already keeps it as it is.
    """
    context = service.context(VipSettings())
    counts = asyncio.run(for_each_tenant(context, "activities", refill.refill_receipts, tenant))
    typer.echo(f"{sum(counts)} receipts were missing")


if __name__ == "__main__":
    cli()
