"""The activities service: directory, clients, activities and their chain."""

import asyncio
from uuid import UUID

import typer

from services.activities import api, consumers, jobs, restate, timers
from services.activities.metrics import ActivityMetrics
from services.activities.queries.snapshot_pages import find_page
from services.activities.queries.snapshots import find_snapshots
from services.activities.replicas import VIP_HOLDER
from services.activities.settings import ActivitySettings
from shared.events.directory import ClientMerged, EmployeeChanged, RoomSettingsChanged
from shared.service import ServiceDefinition

service = ServiceDefinition(
    name="activities",
    title="Activities",
    settings=ActivitySettings,
    metrics=ActivityMetrics,
    subscription=consumers.subscription,
    routers=api.ROUTERS,
    timers=timers.TIMERS,
    jobs=jobs.JOBS,
    peers={"vip": lambda settings: settings.vip_url},
    pushes={RoomSettingsChanged: "vip", EmployeeChanged: "vip", ClientMerged: "vip"},
    snapshots=find_snapshots,
    pages=find_page,
    replicas=(VIP_HOLDER,),
)
build = service.build
cli = service.command_line()


@cli.command("restate")
def restate_command(tenant: UUID | None = None) -> None:
    """Publish again the last event of every activity and of every thing of the directory, for
    readers that missed it; who knows its version ignores it.
    """
    context = service.context(ActivitySettings())
    count = asyncio.run(restate.run(context.database, context.worker, tenant))
    typer.echo(f"{count} events are stated again")


if __name__ == "__main__":
    cli()
