"""An operator's commands on the holes that a service's consumer has found in its topics."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from aiokafka import TopicPartition

from shared.bus.offsets import OffsetStore
from shared.process import ServiceProcess

Result = TypeVar("Result")
Build = Callable[[], ServiceProcess]


def hole_commands(name: str, build: Build) -> typer.Typer:
    """`holes list` and `holes accept`, for the service `name`."""
    commands = typer.Typer(help="Records that were gone before this service read them.")

    @commands.command("list")
    def list_() -> None:
        """List the partitions that wait because records are gone, and which."""
        holes = asyncio.run(_with_store(name, build, OffsetStore.waiting_holes))
        for hole in holes:
            typer.echo(str(hole))
        typer.echo(f"{len(holes)} waiting")

    @commands.command("accept")
    def accept(topic: str, partition: int, reason: str = typer.Option(...)) -> None:
        """Let the service go on behind a hole: what was lost is refilled, or not needed."""
        accepted = asyncio.run(
            _with_store(
                name, build, lambda store: store.accept(TopicPartition(topic, partition), reason)
            )
        )
        typer.echo("the service goes on within a second" if accepted else "no such hole")
        raise typer.Exit(0 if accepted else 1)

    return commands


async def _with_store(
    name: str, build: Build, work: Callable[[OffsetStore], Awaitable[Result]]
) -> Result:
    service = build()
    await service.database.open()
    try:
        return await work(OffsetStore(name, service.database))
    finally:
        await service.database.close()
