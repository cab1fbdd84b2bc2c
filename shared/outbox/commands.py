"""An operator's commands about events that wait to be published."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from shared.ids import TenantId
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

    return commands


async def _run(
    process: ServiceProcess, work: Callable[[ServiceProcess], Awaitable[Result]]
) -> Result:
    await asyncio.gather(process.database.open(), process.worker.open())
    try:
        return await work(process)
    finally:
        await asyncio.gather(process.database.close(), process.worker.close())
