"""What activities hears: who holds a client."""

from collections.abc import Sequence
from uuid import UUID

from services.activities.storage.replicas import KEEP_HOLDER
from shared.db import Database, Tx
from shared.events import VIP, Envelope, PublishedEvent
from shared.events.vip import VipEvent
from shared.ids import TenantId
from shared.inbox import EventHandlers, Inbox, fresh

TOPICS = (VIP,)
facts = EventHandlers()


@facts.on(VipEvent)
async def keep_holder(tx: Tx, fact: VipEvent, envelope: Envelope) -> None:
    """The next activity of a held client goes straight to the holder; the highest version wins."""
    await _keep(tx, [(fact, envelope.version)])


class HolderInbox(Inbox):
    """The inbox, except that a batch's facts are kept together: the last of each VIP says all."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, facts)

    async def apply(self, tenant_id: TenantId, facts: Sequence[PublishedEvent]) -> None:
        async with self._database.begin_for(tenant_id) as tx:
            latest: dict[UUID, tuple[VipEvent, int]] = {}
            for fact in await fresh(tx, facts):
                assert isinstance(fact.event, VipEvent)
                known = latest.get(fact.event.vip_id)
                if known is None or known[1] < fact.envelope.version:
                    latest[fact.event.vip_id] = (fact.event, fact.envelope.version)
            # Two replicas that write the same rows in different orders would wait for each other in
            # a circle.
            await _keep(tx, [latest[vip_id] for vip_id in sorted(latest)])


async def _keep(tx: Tx, told: Sequence[tuple[VipEvent, int]]) -> None:
    await tx.each(
        KEEP_HOLDER,
        [
            {
                "company_id": fact.state.company_id,
                "client_id": fact.state.client_id,
                "vip_id": fact.vip_id,
                "version": version,
                "responsible_id": fact.state.responsible_id,
                "reset_due_at": fact.state.reset_due_at,
            }
            for fact, version in told
        ],
    )
