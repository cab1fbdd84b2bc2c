"""An operator's commands about events that wait to be published."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from shared.events import TOPICS
from shared.ids import TenantId
from shared.outbox.resend import is_kept, resend, tenants_seen_by
from shared.outbox.stuck import skip, stuck_events
from shared.process import ServiceProcess

Result = TypeVar("Result")


def outbox_commands(build: Callable[[], ServiceProcess]) -> typer.Typer:
    """`outbox …` of the service that `build` makes."""
    commands = typer.Typer(help="Events of this service that wait to be published.")

    @commands.command("stuck")
    def stuck() -> None:
        """List aggregates whose next event has waited for over half a minute."""
        events = asyncio.run(_run(build(), lambda process: stuck_events(process.worker)))
        for event in events:
            typer.echo(
                f"{event.created_at.isoformat()}  {event.topic} {event.aggregate_id}"
                f"@{event.aggregate_version}  {event.type}  {event.size or 0} bytes"
                f"  {event.waiting} wait  tenant {event.tenant_id}  event {event.event_id}"
            )
        typer.echo(f"{len(events)} aggregates wait")

    @commands.command("skip")
    def skip_(
        tenant: UUID,
        event: UUID,
        reason: Annotated[str, typer.Option(help="Why: it is recorded.")],
        by: Annotated[str, typer.Option(help="Who decides: it is recorded.")] = "",
    ) -> None:
        """Go on without an event that cannot be sent, for good; later ones carry the state."""

        async def work(process: ServiceProcess) -> bool:
            who = by or getpass.getuser()
            return await skip(process.database, TenantId(tenant), event, reason, who)

        skipped = asyncio.run(_run(build(), work))
        typer.echo("skipped" if skipped else "no such event waits")
        raise typer.Exit(0 if skipped else 1)

    @commands.command("resend")
    def resend_(
        since: Annotated[datetime, typer.Option(help="The moment, UTC, from which on.")],
        topic: Annotated[
            list[str] | None, typer.Option(help="Only these topics, without namespace.")
        ] = None,
        tenant: Annotated[list[UUID] | None, typer.Option(help="Only these tenants.")] = None,
    ) -> None:
        """Publish again what the outbox still holds; who knows an event ignores it."""
        moment = since if since.tzinfo else since.replace(tzinfo=UTC)

        async def work(process: ServiceProcess) -> tuple[int, bool]:
            tenants = [TenantId(id_) for id_ in tenant or ()]
            tenants = tenants or await tenants_seen_by(process.worker)
            count = await resend(process.database, tenants, topic or TOPICS, moment)
            return count, await is_kept(process.database, moment)

        count, kept = asyncio.run(_run(build(), work))
        typer.echo(f"{count} events are sent again")
        if not kept:
            typer.echo("older ones are not kept", err=True)
            raise typer.Exit(1)

    return commands


async def _run(
    process: ServiceProcess, work: Callable[[ServiceProcess], Awaitable[Result]]
) -> Result:
    await asyncio.gather(process.database.open(), process.worker.open())
    try:
        return await work(process)
    finally:
        await asyncio.gather(process.database.close(), process.worker.close())
