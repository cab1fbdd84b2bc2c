"""An operator's commands: `rebuild` and `compare` the read models, `tokens rotate`."""

import asyncio
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from services.gateway.accounts.token_keys import next_start
from services.gateway.parts import GatewayParts
from services.gateway.projections.diff import differences, snapshot
from services.gateway.projections.rebuild import AlreadyRebuilding, Interrupted
from services.gateway.projections.replay import TopicCut
from services.gateway.settings import GatewaySettings
from services.gateway.storage import token_keys
from shared.ids import TenantId, new_id
from shared.service import database_of


def add_commands(cli: typer.Typer) -> None:
    """Adds the commands to those that every service has."""
    cli.command("rebuild")(rebuild)
    cli.command("compare")(compare)
    tokens = typer.Typer(help="The keys that sign people's access tokens.")
    tokens.command("rotate")(rotate)
    tokens.callback()(lambda: None)
    cli.add_typer(tokens, name="tokens")


def rebuild(
    accept_cut: Annotated[
        bool, typer.Option(help="Also from topics that lack their first records.")
    ] = False,
) -> None:
    """Build the read models anew beside the live ones, then swap."""
    try:
        asyncio.run(_rebuild(accept_cut))
    except (AlreadyRebuilding, Interrupted, TopicCut) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def compare() -> None:
    """Build the read models aside and list where the live ones differ; run it while nothing is
    being written.
    """
    try:
        lines = asyncio.run(_compare())
    except (AlreadyRebuilding, TopicCut) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    for line in lines:
        typer.echo(line)
    typer.echo(f"{len(lines)} differences")
    raise typer.Exit(1 if lines else 0)


def rotate(
    at_once: Annotated[
        bool, typer.Option(help="Believe no token signed until now: everybody must refresh.")
    ] = False,
) -> None:
    """Sign with a new key from now on; what the old one signed is good until it expires."""
    starts_at = asyncio.run(_rotate(at_once))
    moment = "now" if at_once else f"{starts_at:%H:%M:%S} UTC"
    typer.echo(f"a new key signs from {moment} on")


async def _rotate(at_once: bool) -> datetime:
    settings = GatewaySettings()
    database = database_of("gateway", settings)
    await database.open()
    try:
        async with database.begin_for(TenantId(UUID(int=0))) as tx:
            await tx.read_clock()
            starts_at = next_start(tx.now, settings.access_token_seconds, at_once)
            if at_once:
                await token_keys.delete_since(tx, starts_at)
            await token_keys.add(tx, new_id().hex, starts_at)
    finally:
        await database.close()
    return starts_at


async def _rebuild(accept_cut: bool) -> None:
    parts = GatewayParts.build(GatewaySettings())
    try:
        await parts.rebuild(typer.echo, accept_cut).run()
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
