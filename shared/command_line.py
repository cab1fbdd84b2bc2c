"""A service's command line: serving, and the commands an operator has on a service."""

import asyncio
from collections.abc import Callable

import typer
from fastapi import FastAPI

from shared.bus import dead_letters
from shared.process import ServiceProcess, serve

Build = Callable[[], tuple[FastAPI, ServiceProcess]]


def command_line(name: str, build: Build) -> typer.Typer:
    """`python -m services.<name>.app`: serves; with a command, does an operator's work."""
    cli = typer.Typer(no_args_is_help=False, add_completion=False)
    dead_letter_commands = typer.Typer(help="Records that this service could not consume.")
    cli.add_typer(dead_letter_commands, name="dead-letters")

    @cli.callback(invoke_without_command=True)
    def main(context: typer.Context) -> None:
        """Serve, unless a command is named."""
        if context.invoked_subcommand is None:
            app, service = build()
            serve(app, name, service.settings)

    @dead_letter_commands.command("list")
    def list_() -> None:
        """List the dead letters that nobody has dealt with: where each came from and why."""
        _, service = build()
        letters = asyncio.run(
            dead_letters.waiting(
                service.topics, name, service.settings.kafka, service.settings.namespace
            )
        )
        for letter in letters:
            typer.echo(
                f"{letter.at}  {letter.topic}[{letter.partition}]@{letter.offset}  {letter.reason}"
            )
        typer.echo(f"{len(letters)} waiting")

    @dead_letter_commands.command("replay")
    def replay() -> None:
        """Consume every waiting dead letter again; those that still fail come back."""
        _, service = build()
        for letter, outcome in asyncio.run(_replay(service)):
            typer.echo(f"{letter.topic}[{letter.partition}]@{letter.offset}  {outcome}")

    return cli


async def _replay(service: ServiceProcess) -> list[tuple[dead_letters.DeadLetter, str]]:
    consumer = service.consumers[0]
    await service.database.open()
    for opening in service.opens:
        await opening()
    try:
        return await dead_letters.replay(
            service.topics,
            service.name,
            service.settings.kafka,
            consumer.replay,
            service.settings.namespace,
        )
    finally:
        await consumer.stop()
        for closing in service.closes:
            await closing()
        await service.database.close()
