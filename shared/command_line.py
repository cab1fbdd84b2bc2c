"""A service's command line: serving, and the commands an operator has on a service."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

import typer
from fastapi import FastAPI

from shared.bus.commands import dead_letter_commands
from shared.bus.hole_commands import hole_commands
from shared.db import Database
from shared.ids import JobId
from shared.jobs import failed
from shared.outbox.commands import outbox_commands
from shared.process import ServiceProcess, serve

Result = TypeVar("Result")
Build = Callable[[], tuple[FastAPI, ServiceProcess]]


def command_line(name: str, build: Build, jobs: bool = False) -> typer.Typer:
    """`python -m services.<name>.app`: serves; with a command, does an operator's work."""
    cli = typer.Typer(no_args_is_help=False, add_completion=False)
    cli.add_typer(dead_letter_commands(lambda: build()[1]), name="dead-letters")
    cli.add_typer(outbox_commands(lambda: build()[1]), name="outbox")
    cli.add_typer(hole_commands(name, lambda: build()[1]), name="holes")
    if jobs:
        cli.add_typer(_job_commands(build), name="jobs")

    @cli.callback(invoke_without_command=True)
    def main(context: typer.Context) -> None:
        """Serve, unless a command is named."""
        if context.invoked_subcommand is None:
            app, service = build()
            serve(app, name, service.settings)

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
