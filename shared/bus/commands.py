"""An operator's commands about dead letters and parked tenants."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from shared.bus.dead_letter_replay import DeadLetter, DeadLetterBox
from shared.bus.parking import ParkedTenant
from shared.bus.records import NOBODY
from shared.bus.release import NotParked, Release, release
from shared.bus.settled import decisions
from shared.db.transaction import Row
from shared.ids import TenantId
from shared.logs import configure
from shared.process import ServiceProcess

Result = TypeVar("Result")
Reason = Annotated[str, typer.Option(help="Why: it is recorded.")]
By = Annotated[str, typer.Option(help="Who decides: it is recorded.")]


def dead_letter_commands(build: Callable[[], ServiceProcess]) -> typer.Typer:
    """`dead-letters …` of the service that `build` makes."""
    commands = typer.Typer(help="Records that this service could not consume.")
    _add_letters(commands, build)
    _add_parking(commands, build)
    return commands


def _add_letters(commands: typer.Typer, build: Callable[[], ServiceProcess]) -> None:
    @commands.command("list")
    def list_() -> None:
        """List what nobody has dealt with: letters, where each came from and why, and tenants."""
        letters, tenants = asyncio.run(_run(build(), _waiting))
        for letter in letters:
            typer.echo(f"{letter.at}  {letter.origin}  {letter.id}  {letter.reason}")
        for tenant, count in tenants:
            typer.echo(_told(tenant, count))
        typer.echo(f"{len(letters)} waiting")

    @commands.command("replay")
    def replay(by: By = "") -> None:
        """Consume every waiting letter again; those that still fail go on waiting."""

        async def work(process: ServiceProcess) -> list[tuple[DeadLetter, str]]:
            return await _box(process).replay(process.consumers[0].applier.replay, by or _user())

        for letter, outcome in asyncio.run(_run(build(), work)):
            typer.echo(f"{letter.origin}  {outcome}")

    @commands.command("drop")
    def drop(
        reason: Reason,
        letter: Annotated[list[UUID] | None, typer.Argument(help="Ids from `list`.")] = None,
        tenant: Annotated[UUID | None, typer.Option(help="All of this tenant.")] = None,
        by: By = "",
    ) -> None:
        """Let letters be: they are listed and replayed no more."""
        if not letter and not tenant:
            raise typer.BadParameter("name letters, or a tenant")

        def chosen(waiting: DeadLetter) -> bool:
            return waiting.tenant_id == tenant or bool(set(waiting.ids) & set(letter or ()))

        async def work(process: ServiceProcess) -> list[DeadLetter]:
            return await _box(process).drop(chosen, reason, by or _user())

        dropped = asyncio.run(_run(build(), work))
        for each in dropped:
            typer.echo(f"{each.origin}  dropped")
        raise typer.Exit(0 if dropped else 1)

    @commands.command("decisions")
    def decisions_(tenant: UUID) -> None:
        """List what was decided about a tenant's letters and records, by whom and why."""
        work = partial(_decisions, TenantId(tenant))
        for row in asyncio.run(_run(build(), work)):
            typer.echo(
                f"{row['settled_at'].isoformat()}  {row['outcome']}  {row['origin']}  {row['id']}"
                f"  by {row['settled_by']}: {row['reason']}"
            )


def _add_parking(commands: typer.Typer, build: Callable[[], ServiceProcess]) -> None:
    @commands.command("parked")
    def parked() -> None:
        """List parked tenants: since when, by whom, how many records wait, and why."""
        tenants = asyncio.run(_run(build(), _parked))
        for tenant, count in tenants:
            typer.echo(_told(tenant, count))
        typer.echo(f"{len(tenants)} parked")

    @commands.command("park")
    def park(tenant: UUID, reason: Reason, by: By = "") -> None:
        """Put a tenant's records aside, in order, until it is released."""

        async def work(process: ServiceProcess) -> None:
            parking = process.consumers[0].parking
            await parking.park(TenantId(tenant), reason, by or _user())

        asyncio.run(_run(build(), work))
        typer.echo("parked")

    @commands.command("release")
    def release_(tenant: UUID, by: By = "") -> None:
        """Apply what was put aside, in order, and let the tenant's live records follow."""

        async def work(process: ServiceProcess) -> Release:
            return await release(
                process.consumers[0],
                process.database,
                process.settings.kafka,
                TenantId(tenant),
                by or _user(),
            )

        try:
            done = asyncio.run(_run(build(), work))
        except NotParked:
            typer.echo("not parked, or being released at this moment")
            raise typer.Exit(1) from None
        typer.echo(
            f"{done.applied} applied, {done.rejected} dead letters,"
            f" {done.gone} superseded or erased"
        )
        typer.echo("released" if not done.left else "too many failed again: it stays parked")
        raise typer.Exit(1 if done.left else 0)


async def _decisions(tenant_id: TenantId, process: ServiceProcess) -> list[Row]:
    return await decisions(process.database, tenant_id)


async def _waiting(
    process: ServiceProcess,
) -> tuple[list[DeadLetter], list[tuple[ParkedTenant, int]]]:
    return await _box(process).waiting(), await _parked(process)


async def _parked(process: ServiceProcess) -> list[tuple[ParkedTenant, int]]:
    parking = process.consumers[0].parking
    await parking.read()
    tenants = sorted(parking.tenants.values(), key=lambda tenant: tenant.since)
    return [(tenant, await parking.count(tenant.tenant_id)) for tenant in tenants]


def _told(tenant: ParkedTenant, count: int) -> str:
    name = "records of no tenant" if tenant.tenant_id == NOBODY else "tenant"
    return (
        f"{tenant.since.isoformat()}  {name} {tenant.tenant_id} parked by {tenant.parked_by}:"
        f" {count} records put aside  {tenant.reason}"
    )


def _box(process: ServiceProcess) -> DeadLetterBox:
    return DeadLetterBox(
        process.topics,
        process.name,
        process.settings.kafka,
        process.settings.namespace,
        process.database,
        process.worker,
    )


def _user() -> str:
    return getpass.getuser()


async def _run(
    process: ServiceProcess, work: Callable[[ServiceProcess], Awaitable[Result]]
) -> Result:
    """`work` with the process's databases and peers open; nothing of it runs."""
    configure(process.name, process.settings.log_level)
    await process.database.open()
    for opening in process.opens:
        await opening()
    try:
        return await work(process)
    finally:
        for consumer in process.consumers:
            await consumer.stop()
        for closing in process.closes:
            await closing()
        await process.database.close()
