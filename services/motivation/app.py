"""The motivation service."""

import asyncio
from uuid import UUID

import typer

from services.motivation import api, consumers, jobs, recompute, timers
from services.motivation.metrics import MotivationMetrics
from services.motivation.replicas import COMPANIES, COMPANY_VAT, PRODUCTS, REPLICAS
from services.motivation.settings import MotivationSettings
from shared.service import ServiceDefinition

service = ServiceDefinition(
    name="motivation",
    title="Motivation",
    settings=MotivationSettings,
    metrics=MotivationMetrics,
    subscription=consumers.subscription,
    timers=timers.TIMERS,
    jobs=jobs.JOBS,
    routers=api.ROUTERS,
    peers={"activities": lambda settings: settings.activities_url},
    replicas_from="activities",
    replicas=(*REPLICAS, COMPANIES, PRODUCTS, COMPANY_VAT),
)
build = service.build
cli = service.command_line()


@cli.command("recompute")
def recompute_command(tenant: UUID | None = None) -> None:
    """Recompute all pay from the stored events and compare it with the ledger, to the kopeck; exit
    1 and a line each where they differ.
    """
    context = service.context(MotivationSettings())
    compared = asyncio.run(recompute.run(context.database, context.worker, tenant))
    for difference in compared.differences:
        typer.echo(difference)
    typer.echo(
        f"{compared.activities} activities, {compared.statements} statements,"
        f" {len(compared.differences)} differences"
    )
    raise typer.Exit(1 if compared.differences else 0)


if __name__ == "__main__":
    cli()
