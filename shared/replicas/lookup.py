"""The one rule for a replica that is missing: its owner is asked, then the work begins again.

Whoever needs a replica calls `require` with what is missing. The first time it raises
`ReplicaMissing`, which ends the transaction; the owner's snapshots are stored and the work runs
anew. What is missing then does not exist, and the caller refuses in its own words.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar
from uuid import UUID

import structlog

from shared.db import Database, Tx
from shared.db.transaction_scope import Transaction, in_transaction
from shared.errors import Unavailable
from shared.ids import TenantId
from shared.replicas.peer import PeerClient
from shared.replicas.snapshot import Dispatcher, apply_snapshot

log = structlog.get_logger()
Result = TypeVar("Result")


class Reference(NamedTuple):
    """One thing of another service: its kind (`company`, `room_settings`) and id."""

    kind: str
    subject: UUID


class ReplicaMissing(Exception):
    """The work names things of which no replica, or only an old one, is here."""

    def __init__(self, references: frozenset[Reference]) -> None:
        super().__init__(f"{len(references)} replicas are missing")
        self.references = references


def require(tx: Tx, *missing: Reference) -> None:
    """Raises `ReplicaMissing` for those of `missing` whose owner was not asked yet."""
    if unasked := frozenset(missing) - tx.fetched:
        raise ReplicaMissing(unasked)


@dataclass(frozen=True, slots=True)
class ReplicaLoader:
    """Fetches missing replicas from their owner and stores them."""

    database: Database
    handlers: Dispatcher
    owner: PeerClient

    async def load(self, tenant_id: TenantId, references: Iterable[Reference]) -> None:
        """Stores the owner's snapshots of `references`.

        Each in a transaction of its own: locks never pile up, and nobody waits for a peer with a
        transaction open. Raises `Unavailable` where the owner does not answer.
        """
        for kind, subject in sorted(references):
            for snapshot in await self.owner.fetch(tenant_id, kind, subject):
                if self.handlers.handles(snapshot.type):
                    async with self.database.begin_for(tenant_id) as tx:
                        await apply_snapshot(tx, self.handlers, snapshot)

    async def run(
        self,
        tenant_id: TenantId,
        begin: Callable[[], Transaction],
        work: Callable[[Tx], Awaitable[Result]],
        *,
        without_owner: bool = False,
    ) -> Result:
        """Runs `work` in a transaction of `begin`, again after each `ReplicaMissing`.

        `without_owner` lets it go on with what is there where the owner does not answer.
        """
        fetched: frozenset[Reference] = frozenset()

        async def attempt(tx: Tx) -> Result:
            tx.fetched = fetched
            return await work(tx)

        while True:
            try:
                return await in_transaction(begin, attempt)
            except ReplicaMissing as missing:
                try:
                    await self.load(tenant_id, missing.references)
                except Unavailable:
                    if not without_owner:
                        raise
                    log.warning("fetch_failed", references=len(missing.references))
                fetched |= missing.references
