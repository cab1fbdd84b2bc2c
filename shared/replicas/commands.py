"""An operator's commands on a service's replicas."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

import typer

from shared.ids import TenantId
from shared.outbox.resend import tenants_seen_by
from shared.replicas.compare import Comparison, compare
from shared.replicas.peer import PeerClient
from shared.replicas.upsert import Replica
from shared.service_context import ServiceContext

Result = TypeVar("Result")
Work = Callable[[ServiceContext, PeerClient, TenantId], Awaitable[Result]]


def replica_commands(
    build: Callable[[], ServiceContext], owner: str, replicas: Sequence[Replica]
) -> typer.Typer:
    """`replicas …` of a service that replicates things of the service `owner`."""
    commands = typer.Typer(help="What this service replicates of others' data.")
    commands.callback()(lambda: None)

    @commands.command("compare")
    def compare_(tenant: UUID | None = None) -> None:
        """Compare the replicas with their owner, and list those that differ; exit 1 where there
        are any. Run it while little is being written: what is on its way differs too.
        """
        comparison = Comparison()

        async def work(context: ServiceContext, peer: PeerClient, tenant_id: TenantId) -> None:
            await compare(context.database, peer, tenant_id, replicas, comparison)

        asyncio.run(for_each_tenant(build(), owner, work, tenant))
        for difference in comparison.differences:
            typer.echo(difference)
        typer.echo(f"{comparison.things} things, {len(comparison.differences)} differences")
        raise typer.Exit(1 if comparison.differences else 0)

    return commands


async def for_each_tenant(
    context: ServiceContext, owner: str, work: Work[Result], only: UUID | None = None
) -> list[Result]:
    """What `work` gives for each tenant that the service has anything of, or for `only` one.

    Raises `Unavailable`, also where the owner does not answer.
    """
    async with _opened(context, owner) as peer:
        tenants = [TenantId(only)] if only else await tenants_seen_by(context.worker)
        return [await work(context, peer, tenant_id) for tenant_id in tenants]


@asynccontextmanager
async def _opened(context: ServiceContext, owner: str) -> AsyncIterator[PeerClient]:
    peer = context.peers[owner]
    await asyncio.gather(context.database.open(), context.worker.open(), peer.open())
    try:
        yield peer
    finally:
        await asyncio.gather(context.database.close(), context.worker.close(), peer.close())
