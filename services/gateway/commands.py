"""An operator's commands on the read models: `rebuild` and `compare`."""

import asyncio

import typer

from services.gateway.parts import GatewayParts
from services.gateway.projections.diff import differences, snapshot
from services.gateway.projections.rebuild import AlreadyRebuilding, Interrupted
from services.gateway.settings import GatewaySettings


def add_commands(cli: typer.Typer) -> None:
    """Adds the commands to those that every service has."""
    cli.command("rebuild")(rebuild)
    cli.command("compare")(compare)


def rebuild() -> None:
    """Build the read models anew beside the live ones, then swap."""
    try:
        asyncio.run(_rebuild())
    except (AlreadyRebuilding, Interrupted) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def compare() -> None:
    """Build the read models aside and list where the live ones differ; run it while nothing is
    being written.
    """
    try:
        lines = asyncio.run(_compare())
    except AlreadyRebuilding as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    for line in lines:
        typer.echo(line)
    typer.echo(f"{len(lines)} differences")
    raise typer.Exit(1 if lines else 0)


async def _rebuild() -> None:
    parts = GatewayParts.build(GatewaySettings())
    try:
        await parts.rebuild(typer.echo).run()
    finally:
        await parts.store.close()


async def _compare() -> list[str]:
    """The differences of the live read models from fresh ones."""
    parts = GatewayParts.build(GatewaySettings())
    generations = parts.api.generations
    try:
        async with parts.rebuild(typer.echo).build_aside() as fresh:
            named = await generations.read()
            if named.live is None:
                return ["there is no live model"]
            return differences(
                await snapshot(parts.store, generations.keys(named.live)),
                await snapshot(parts.store, fresh),
            )
    finally:
        await parts.store.close()
