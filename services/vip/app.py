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
from shared.ids import TenantId
from shared.replicas import PeerClient
from shared.replicas.commands import for_each_tenant
from shared.replicas.compare import Comparison
from shared.service import ServiceDefinition
from shared.service_context import ServiceContext

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


@cli.command("rebuild")
def rebuild_command(tenant: UUID | None = None) -> None:
    """Make the money here what activities has, whatever its age, and let places follow."""
    context = service.context(VipSettings())
    counts = asyncio.run(for_each_tenant(context, "activities", refill.rebuild_receipts, tenant))
    typer.echo(f"{sum(counts)} receipts changed")


@cli.command("compare")
def compare_command(tenant: UUID | None = None) -> None:
    """List where the money here differs from activities', where refunds are not taken as the rule
    says, and whose places are not with whom they are due; exit 1 where there is any. Run it while
    little is being written.
    """
    comparison = Comparison()

    async def work(context: ServiceContext, owner: PeerClient, tenant_id: TenantId) -> None:
        await refill.compare_receipts(context, owner, tenant_id, comparison)

    asyncio.run(for_each_tenant(service.context(VipSettings()), "activities", work, tenant))
    for difference in comparison.differences:
        typer.echo(difference)
    typer.echo(f"{comparison.things} receipts, {len(comparison.differences)} differences")
    raise typer.Exit(1 if comparison.differences else 0)


if __name__ == "__main__":
    cli()
