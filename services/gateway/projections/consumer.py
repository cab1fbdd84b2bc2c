"""What the gateway hears: accounts first, then every generation of the read models, then whoever
listens live.
"""

from collections.abc import Sequence
from uuid import UUID

from services.gateway.live.publisher import publish_live
from services.gateway.projections.accounts import facts as account_facts
from services.gateway.projections.projector import HEARD, Projector
from services.gateway.read_models.generations import Generations
from shared.events import REGISTRY, TOPICS, PublishedEvent
from shared.ids import TenantId
from shared.inbox import Inbox

_SHOWN = frozenset(name for name, kind in REGISTRY.items() if issubclass(kind, HEARD))
_LIVE = frozenset(name for name, kind in REGISTRY.items() if kind.topic != "sales.people.v1")

__all__ = ["TOPICS", "GatewaySubscription", "handles"]


def handles(kind: str) -> bool:
    return kind in _SHOWN or kind in _LIVE or account_facts.handles(kind)


class GatewaySubscription:
    """The consumer's two hands: `apply` and `erase`."""

    def __init__(self, inbox: Inbox, folding: Projector, generations: Generations) -> None:
        self._inbox, self._folding, self._generations = inbox, folding, generations

    async def apply(self, tenant_id: TenantId, facts: Sequence[PublishedEvent]) -> None:
        """Where Redis was emptied there is no generation to write: the rebuild reads these facts
        again.
        """
        mine = [fact for fact in facts if account_facts.handles(fact.envelope.type)]
        if mine:
            await self._inbox.apply(tenant_id, mine)
        shown = [fact for fact in facts if fact.envelope.type in _SHOWN]
        # The pointer is read after the facts were fetched: a rebuild that registers later reads
        # them itself.
        named = await self._generations.read()
        for generation in named.all:
            await self._folding.apply(tenant_id, shown, self._generations.keys(generation))
        await publish_live(
            self._generations, tenant_id, [fact for fact in facts if fact.envelope.type in _LIVE]
        )

    async def erase(self, tenant_id: TenantId, subject: UUID) -> None:
        await self._inbox.erase(tenant_id, subject)
        named = await self._generations.read()
        for generation in named.all:
            await self._folding.erase(tenant_id, subject, self._generations.keys(generation))
