"""The activities service, which owns what commands name: asked where its fact has not come yet,
told where a holder changed.
"""

from uuid import UUID

from shared.bus.subscription import Subscription
from shared.db import Database
from shared.ids import TenantId
from shared.replicas.peer import PeerClient
from shared.replicas.snapshot import Snapshot, apply_snapshot

Wanted = tuple[str, UUID]
Fetched = set[Wanted]


class ReplicaMissing(Exception):
    """A command names what is not known here, or not as it would have to be: its owner is asked,
    then the command begins again.
    """

    def __init__(self, wanted: Fetched) -> None:
        super().__init__(f"{len(wanted)} copies are missing")
        self.wanted = wanted


class Owner:
    """The owner of the directory, and what to do with the facts it answers."""

    def __init__(self, neighbour: PeerClient, subscription: Subscription) -> None:
        self._neighbour = neighbour
        self._subscription = subscription

    async def bring(self, database: Database, tenant_id: TenantId, wanted: Fetched) -> None:
        """Takes in the owner's present facts about each of `wanted`, where it knows it. Raises
        `Unavailable` where it does not answer.

        Each in a transaction of its own: a command that held two copies, in another order than a
        consumer's batch, would wait for it in a circle; and nobody waits for a neighbour with a
        transaction open.
        """
        for noun, subject in sorted(wanted):
            for copy in await self._neighbour.fetch(tenant_id, noun, subject):
                if self._subscription.has_handler(copy.type):
                    async with database.begin_for(tenant_id) as tx:
                        await apply_snapshot(tx, self._subscription, copy)

    async def tell(self, tenant_id: TenantId, copies: list[Snapshot]) -> None:
        """Says who holds whom now, so that the next activity is routed at once; Kafka says it
        anyway.
        """
        if copies:
            await self._neighbour.push(tenant_id, *copies)
