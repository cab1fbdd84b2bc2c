"""A service's command line: serving, and the commands an operator has on a service."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

import typer
from fastapi import FastAPI

from shared.bus.dead_letter_replay import (
    DeadLetter,
    replay_dead_letters,
    waiting_dead_letters,
)
from shared.db import Database
from shared.ids import JobId
from shared.jobs import failed
from shared.process import ServiceProcess, serve

Result = TypeVar("Result")
Build = Callable[[], tuple[FastAPI, ServiceProcess]]


def command_line(name: str, build: Build, jobs: bool = False) -> typer.Typer:
    """`python -m services.<name>.app`: serves; with a command, does an operator's work."""
    cli = typer.Typer(no_args_is_help=False, add_completion=False)
    dead_letter_commands = typer.Typer(help="Records that this service could not consume.")
    cli.add_typer(dead_letter_commands, name="dead-letters")
    if jobs:
        cli.add_typer(_job_commands(build), name="jobs")

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
            waiting_dead_letters(
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


def _job_commands(build: Build) -> typer.Typer:
    commands = typer.Typer(help="Background jobs that failed.")

    @commands.command("failed")
    def failed_() -> None:
        """List the failed jobs: when each failed, its tenant, id, kind, progress and error."""
        _, service = build()
        jobs = asyncio.run(_with_databases(service, failed.list_failed))
        for job in jobs:
            typer.echo(
                f"{job.finished_at}  {job.tenant_id}  {job.id}  {job.kind}"
                f"  {job.done}/{job.total or '?'}  {job.error}"
            )
        typer.echo(f"{len(jobs)} failed")

    @commands.command("retry")
    def retry(job_id: UUID) -> None:
        """Let a failed job go on where it stopped."""
        _, service = build()
        retried = asyncio.run(_with_databases(service, partial(failed.retry, JobId(job_id))))
        typer.echo("goes on" if retried else "no such failed job")
        raise typer.Exit(0 if retried else 1)

    return commands


async def _with_databases(
    service: ServiceProcess, work: Callable[[Database, Database], Awaitable[Result]]
) -> Result:
    assert service.jobs
    worker = service.jobs.database
    await asyncio.gather(service.database.open(), worker.open())
    try:
        return await work(worker, service.database)
    finally:
        await asyncio.gather(service.database.close(), worker.close())


async def _replay(service: ServiceProcess) -> list[tuple[DeadLetter, str]]:
    consumer = service.consumers[0]
    await service.database.open()
    for opening in service.opens:
        await opening()
    try:
        return await replay_dead_letters(
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
