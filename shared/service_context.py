"""The running service as its commands, timers and jobs need it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from shared.db import Database, Tx
from shared.db.transaction import Published
from shared.db.transaction_scope import in_transaction
from shared.events import Event
from shared.ids import TenantId
from shared.jobs.job import JobKind
from shared.replicas.lookup import ReplicaLoader
from shared.replicas.peer import PeerClient
from shared.replicas.snapshot import Snapshot
from shared.tenancy import Caller
from shared.tenant_turns import TenantTurns

Result = TypeVar("Result")


@dataclass(frozen=True)
class ServiceContext:
    """Database, peers, settings and metrics of one service.

    `worker` is the second role: it sees a few columns of every tenant and no tenant's data.
    `pushes` names the peer that decides by an event and so hears of it before Kafka brings it.
    """

    settings: Any
    metrics: Any
    database: Database
    worker: Database
    peers: Mapping[str, PeerClient] = field(default_factory=dict)
    replicas: ReplicaLoader | None = None
    pushes: Mapping[type[Event], str] = field(default_factory=dict)
    jobs: Sequence[JobKind] = ()

    @cached_property
    def turns(self) -> TenantTurns:
        """The turns of timers, tenant by tenant."""
        return TenantTurns(self.metrics)

    async def run(self, caller: Caller, work: Callable[[Tx], Awaitable[Result]]) -> Result:
        """Runs `work` in the caller's transaction, again once missing replicas were fetched."""
        if self.replicas:
            return await self.replicas.run(
                caller.tenant_id, lambda: self.database.begin(caller), work
            )
        return await in_transaction(lambda: self.database.begin(caller), work)

    async def read(
        self, caller: Caller, work: Callable[[Tx], Awaitable[Result]], one_plan: bool = False
    ) -> Result:
        """As `run`, without the caller's Idempotency-Key."""
        if self.replicas:
            return await self.replicas.run(
                caller.tenant_id, lambda: self.database.begin_for(caller.tenant_id, one_plan), work
            )
        return await in_transaction(
            lambda: self.database.begin_for(caller.tenant_id, one_plan), work
        )

    async def run_for(self, tenant_id: TenantId, work: Callable[[Tx], Awaitable[Result]]) -> Result:
        """As `run`, for the system's own work."""
        if self.replicas:
            return await self.replicas.run(
                tenant_id, lambda: self.database.begin_for(tenant_id), work
            )
        return await in_transaction(lambda: self.database.begin_for(tenant_id), work)

    async def push(self, tenant_id: TenantId, events: Iterable[Published]) -> None:
        """Pushes those of `events` by which a peer decides, after they were committed."""
        snapshots: dict[str, list[Snapshot]] = {}
        for event, subject, version in events:
            for kind, peer in self.pushes.items():
                if isinstance(event, kind):
                    snapshots.setdefault(peer, []).append(Snapshot.of(event, subject, version))
        for peer, pushed in snapshots.items():
            await self.peers[peer].push(tenant_id, *pushed)
