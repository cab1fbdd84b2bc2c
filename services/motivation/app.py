"""The motivation service."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer
from pydantic import TypeAdapter, ValidationError

from services.motivation import api, consumers, jobs, recompute, timers
from services.motivation.metrics import MotivationMetrics
from services.motivation.replicas import COMPANIES, COMPANY_VAT, PRODUCTS, REPLICAS
from services.motivation.settings import MotivationSettings
from shared.clock import Period
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


def _month(text: str | None) -> str | None:
    """Raises `typer.BadParameter` for what is no month."""
    if text:
        try:
            TypeAdapter(Period).validate_python(text)
        except ValidationError:
            raise typer.BadParameter("a month is year and month, as 2026-10") from None
    return text


@cli.command("recompute")
def recompute_command(
    tenant: UUID | None = None,
    month: Annotated[str | None, typer.Option(callback=_month, help="As 2026-10.")] = None,
) -> None:
    """Recompute all pay, or a month's, from the stored events and compare it with the ledger, to
    the kopeck; exit 1 and a line each where they differ.
    """
    context = service.context(MotivationSettings())
    compared = asyncio.run(recompute.run(context.database, context.worker, tenant, month))
    for difference in compared.differences:
        typer.echo(difference)
    typer.echo(
        f"{compared.activities} activities, {compared.statements} statements,"
        f" {len(compared.differences)} differences"
    )
    raise typer.Exit(1 if compared.differences else 0)


if __name__ == "__main__":
    cli()
