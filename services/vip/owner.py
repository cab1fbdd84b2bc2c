"""The activities service, which owns what commands name: asked where its fact has not come yet, told where a holder changed."""

from uuid import UUID

from shared.db import Tx
from shared.ids import TenantId
from shared.inbox import Facts
from shared.neighbours import Copy, Neighbour, take_copy


class Owner:
    """The owner of the directory, and what to do with the facts it answers."""

    def __init__(self, neighbour: Neighbour, facts: Facts) -> None:
        self._neighbour = neighbour
        self._facts = facts

    async def bring(self, tx: Tx, noun: str, subject: UUID) -> None:
        """Takes in the owner's present facts about `subject`, if it knows it. Raises `Unavailable` where it does not answer."""
        for copy in await self._neighbour.ask(tx.tenant_id, noun, subject):
            if self._facts.hears(copy.type):
                await take_copy(tx, self._facts, copy)

    async def tell(self, tenant_id: TenantId, copies: list[Copy]) -> None:
        """Says who holds whom now, so that the next activity is routed at once; Kafka says it anyway."""
        if copies:
            await self._neighbour.tell(tenant_id, *copies)
